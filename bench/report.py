"""From figures to a table with the bars beside them, and to docs/benchmarks.md."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.hub import report as hub_report
from bench.playback import report as playback_report
from bench.player import report as player_report
from bench.tables import Row, markdown, row

_HEAD = ("what", "measured", "bar", "met")


def _start(data: dict) -> list[Row]:
    return [row(f"cold start to ready, median of {data['runs']}", data["median_s"], "s", 6)]


def _replies(data: dict) -> list[Row]:
    reply, wake, naive = data["reply_ms"], data["wake_ms"], data["naive_reply_ms"]
    return [
        row(f"end of speech → reply, without the silence, p50 of {reply['n']}", reply["p50"], "ms", 120),
        row("… p95", reply["p95"], "ms", 400),
        ("… naive baseline, p50 / p95, same run", f"{naive['p50']:g} / {naive['p95']:g} ms", "", ""),
        row("… times faster than the naive baseline (p95)", round(naive["p95"] / max(reply["p95"], 1.0), 1), "", 5, at_most=False),
        row(f"wake phrase → spoken acknowledgement, p95 of {wake['n']}", wake["p95"], "ms", 500),
        row("commands without an answer", len(data["unanswered"]), "", 0),
    ]


def _wake(data: dict) -> list[Row]:
    return [row("wake phrase heard, clean", round(100 * data["heard"]["clean"], 1), "%", 98, at_most=False),
            row("wake phrase heard, noise at 10 dB", round(100 * data["heard"]["10 dB"], 1), "%", 90, at_most=False),
            ("… other people's talk at 10 dB", f"{100 * data['heard']['10 dB babble']:.1f} %", "", ""),
            ("… … noticed, but the talk behind it taken for a command", f"{100 * data['noticed']['10 dB babble']:.1f} %", "", ""),
            ("… in one breath with a command, heard", f"{100 * data['one_breath']['heard']:.1f} %", "", ""),
            ("… talked over (at the worst of six speeds)", f"{100 * max(data['one_breath']['talked_over'].values()):.1f} %", "", ""),
            ("… a command after a pause of so many seconds: heard from its first syllable on", ", ".join(
                f"{pause} {100 * each['heard']:.0f} %" for pause, each in data["after_pause"].items()), "", ""),
            ("phrase's end → decision that it is answered (audio and CPU time), p50 / p95", _spread(data["decision_s"]), "", ""),
            ("… while the box listens for a command anyway", _spread(data["decision_in_window_s"]), "", "")]


def _spread(seconds: dict) -> str:
    return f"{1000 * seconds['p50']:.0f} / {1000 * seconds['p95']:.0f} ms"


def _talk(data: dict) -> list[Row]:
    found = [row(f"false wakes in {data['minutes']:.0f} min of synthetic talk", data["false_wakes"], "", 0),
             ("… taken for the phrase by the grammar, turned away", f"{data['proposed']}, {data['turned_away']}", "", ""),
             row("CPU while somebody talks", round(100 * data["cpu_share"], 1), "% of a core", 25)]
    if "recordings" in data:
        more = data["recordings"]
        found.append(row(f"false wakes in {more['minutes']:.0f} min of recorded people", more["false_wakes"], "", 0))
        found.append(("… taken for the phrase by the grammar, turned away", f"{more['proposed']}, {more['turned_away']}", "", ""))
    for kind, each in data["lookalikes"].items():
        found.append((f"look-alikes, {kind}: said, taken for it by the grammar, turned away, woke",
                      f"{each['said']}, {each['proposed']}, {each['turned_away']}, {each['woke']}", "", ""))
    return found


def _silence(data: dict) -> list[Row]:
    return [row("CPU while it is silent", round(100 * data["cpu_share"], 1), "% of a core", 5)]


def _memory(data: dict) -> list[Row]:
    curve = data["rss_mb"]
    return [row(f"largest RSS of the whole box over {data['hours']:g} h of talk", data["most_mb"], "MB", 400),
            (f"… of {data['exchanges']} exchanges: woken, heard, answered", f"{data['woken']}, {data['heard']}, {data['replies']}", "", ""),
            (f"… curve (every {60 * data['hours'] / max(len(curve), 1):.0f} min)", ", ".join(map(str, curve)) + " MB", "flat", "")]


def _voice(data: dict) -> list[Row]:
    found = [row(f"CER of the box's voice to its own ear, {data['replies']} replies", round(100 * data["cer"], 1), "%", 8),
             ("… in syllables without tones (homophones forgiven)", f"{100 * data['syllable_errors']:.1f} %", "", "")]
    if "skills" in data:
        more = data["skills"]
        found += [(f"… CER of {more['replies']} other replies, of the skills", f"{100 * more['cer']:.1f} %", "", ""),
                  ("… in syllables without tones", f"{100 * more['syllable_errors']:.1f} %", "", "")]
    return [*found, row("first sound of the first clause, p95", data["first_sound_ms"]["p95"], "ms", 250),
            row("… of a reply made before, p95", data["prepared_ms"]["p95"], "ms", 15)]


def _understanding(data: dict) -> list[Row]:
    names = {"own_text": ("our cases as text", 97), "own_speech": ("our cases as clean speech", 92),
             "commands_text": ("commands file as text", 97), "commands_speech": ("commands file as clean speech", 92)}
    found = []
    for key, (name, bar) in names.items():
        if key in data:
            part = data[key]
            found.append(row(f"intent right, {name} ({part['commands']})", round(100 * part["intent"], 1), "%", bar, at_most=False))
            found.append((f"… with slots; false triggers of {part['not_for_the_box']}",
                          f"{100 * part['intent_and_slots']:.1f} %; {100 * part['false_triggers']:.1f} %", "", ""))
    return found


_ROWS: dict[str, Callable[[dict], list[Row]]] = {
    "start": _start, "replies": _replies, "wake": _wake, "talk": _talk, "silence": _silence, "memory": _memory,
    "voice": _voice, "understanding": _understanding, "playback": playback_report.over_playback, "server-modules": playback_report.server_modules,
    "self-wakes": playback_report.self_wakes, "player": player_report.player, "hub": hub_report.hub,
}


def rows(results: dict) -> list[Row]:
    """The table of all sections that were measured."""
    return [line for name, make in _ROWS.items() if name in results for line in make(results[name])]


def write_report(results: dict, path: Path) -> None:
    """docs/benchmarks.md, from the figures alone."""
    text = ["# Benchmarks\n", "Written by `script/bench` from [benchmarks.json](benchmarks.json); do not edit.\n",
            f"Machine: {results.get('machine', 'unknown')}. Speech is made by the project's own voice; the microphone and the "
            "loudspeaker are simulated, in real time where latency is measured.\n", markdown(rows(results), _HEAD)]
    if "replies" in results:
        text.append("The naive baseline makes a new free-form recogniser for each utterance when the silence has passed, matches "
                    "keywords, and synthesises the whole reply before playing it.\n")
    path.write_text("\n".join(text), encoding="utf-8")
