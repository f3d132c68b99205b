"""From the figures of ``playback``, ``server-modules`` and ``self-wakes`` to rows of the table."""
from __future__ import annotations

from collections.abc import Iterable

from bench.playback.cancellers import NONE, PRODUCT
from bench.playback.measure import ALONE_DB, AWAY, NEAR
from bench.tables import Row, row

WAKE_BARS = {"-10": 95, "0": 90, "5": 80}
"""Level of the echo to the voice in dB: share of wake phrases in per cent."""
COMMAND_BAR = 90


def over_playback(data: dict) -> list[Row]:
    near, away = data["wake"][NEAR], data["wake"][AWAY]
    ours = near[PRODUCT]
    found = [row(f"wake phrase over own playback, echo {int(db):+d} dB to the voice, heard of {data['phrases']}",
                 round(100 * ours[db]["heard"], 1), "%", bar, at_most=False) for db, bar in WAKE_BARS.items()]
    found += [_plain(f"… {' / '.join(WAKE_BARS)} dB, {name}", _levels(rows)) for name, rows in near.items() if name != PRODUCT]
    found += [_plain(f"… {' / '.join(WAKE_BARS)} dB, {PRODUCT}, over {far}", _join(ours[db]["by_far_end"][far] for db in WAKE_BARS))
              for far in ours["0"]["by_far_end"]]
    found += [_plain(f"… {' / '.join(WAKE_BARS)} dB, person at {AWAY}, {name}", _levels(rows)) for name, rows in away.items() if "0" in rows]
    found.append(_plain(f"… nothing playing, person at {NEAR} / {AWAY}", _join(seat[NONE][str(ALONE_DB)]["heard"] for seat in (near, away))))
    found += [_plain(f"stop word over the box's own voice ({' / '.join(WAKE_BARS)} dB), of {data['stops']}, {name}",
                     _join(shares[db] for db in WAKE_BARS)) for name, shares in data["stop"].items()]
    found.append(row(f"command over lowered playback understood, of {data['said']}", round(100 * data["commands"][PRODUCT], 1), "%",
                     COMMAND_BAR, at_most=False))
    found += [_plain(f"… {name}", f"{100 * share:.1f} %") for name, share in data["commands"].items() if name != PRODUCT]
    found += [_plain(f"command said {', '.join(shares)} after the wake phrase, into the acknowledgement, heard whole, {name}", _join(shares.values()))
              for name, shares in data.get("into_acknowledgement", {}).items()]  # not among the figures of before it was measured
    return found + [_plain(f"echo alone is lower by (ERLE); CPU: {name}", f"{each['db']:g} dB; {each['cpu_ms_per_s']:g} ms/s")
                    for name, each in data["erle"].items() if name != NONE]


def server_modules(data: dict) -> list[Row]:
    """One server after the other."""
    return [each for server, measured in data.items() for each in _server_module(server, measured)]


def _server_module(server: str, data: dict) -> list[Row]:
    of = data["phrases"] * len(data["heard"][PRODUCT])
    found = []
    for name, by_far in data["heard"].items():
        levels = list(next(iter(by_far.values())))
        shares = _join(sum(far[level] for far in by_far.values()) / len(by_far) for level in levels)
        lower = "" if name == NONE else f"; echo lower by {data['lower_db'][name]:g} dB"
        found.append(_plain(f"in real time on {server}, nothing lowered, wake phrase at {' / '.join(f'{int(level):+d}' for level in levels)} dB, "
                            f"heard of {of} each, {name}", shares + lower))
    return [*found, _plain(f"… {server} with its module: CPU; how often it lost its step; how far the measurement's echo moved",
                           f"{data['server_cpu_ms_per_s']:g} ms/s; {data['stumbles']}; {data['moved_ms']:g} ms")]


def self_wakes(data: dict) -> list[Row]:
    found = []
    for name in (PRODUCT, NONE):
        each = data[name]
        text = f"self-wakes in {each['minutes']:.0f} min of own voice, music and stories, {name}"
        found.append(row(text, each["woke"], "", 0) if name == PRODUCT else _plain(f"… {text}", str(each["woke"])))
        found.append(_plain(f"… stopped by its own voice, {name}", str(each["stopped"])))
    return found


def _plain(what: str, measured: str) -> Row:
    return what, measured, "", ""


def _levels(rows: dict) -> str:
    return _join(rows[db]["heard"] for db in WAKE_BARS)


def _join(shares: Iterable[float]) -> str:
    return " / ".join(f"{100 * share:.0f}" for share in shares) + " %"
