"""What plays is lowered while somebody speaks: from the first to the last moment of every exchange, whatever began it. Pure."""
from __future__ import annotations

from dataclasses import replace

from assistant.commands import Command, Duck, Unduck
from assistant.state import Phase, State


def around(state: State, commands: tuple[Command, ...]) -> tuple[State, tuple[Command, ...]]:
    """The step with its ducking: first of all when an exchange begins, last of all when it is over. Whether anything plays
    does not matter: what the exchange itself starts is to wait for its end too."""
    awake = state.phase is not Phase.ASLEEP
    if awake and state.called:
        state = replace(state, called=False)
    exchange = awake or state.called
    if exchange and not state.ducked:
        return replace(state, ducked=True), (Duck(), *commands)
    if state.ducked and not exchange:
        return replace(state, ducked=False), (*commands, Unduck())
    return state, commands
