"""From the figures of ``hub`` to rows of the table."""
from __future__ import annotations

from bench.tables import Row, row


def hub(data: dict) -> list[Row]:
    others = {"killed": _killed, "spoken": _spoken, "hardship": _hardship}
    found = [line for name, each in data.items() if name not in others for line in _one(name, each)]
    return found + [line for name, make in others.items() if name in data for line in make(data[name])]


def _one(name: str, each: dict) -> list[Row]:
    database, _, processes = name.partition(", ")
    where = f"{database}, {processes} hub process{'es' if processes != '1' else ''}"
    return [
        row(f"one notice to {each['boxes']} simulated boxes ({where}): click → box, p99", each["p99_s"], "s", 5),
        ("… p50 / largest", f"{each['p50_s']:g} / {each['largest_s']:g} s", "", ""),
        ("… the page answers the click after", f"{each['answered_s']:g} s", "", ""),
        ("… all boxes call in anew within", f"{each['connected_s']:g} s", "", ""),
        row("… lost, twice or not signed", each["lost"] + each["twice"] + each["unsigned"], "", 0),
        row("… receipts missing", each["of"] - each["receipts"], "", 0),
        row("… largest hub process", each["rss_mb"], "MB", 1000),
    ]


def _killed(each: dict) -> list[Row]:
    return [row(f"hub killed (SIGKILL) in each of {each['kills']} sendings to {each['boxes']} boxes: lost, twice or not signed",
                each["lost"] + each["twice"] + each["unsigned"], "", 0),
            row("… receipts missing", each["of"] - each["receipts"], "", 0)]


def _spoken(each: dict) -> list[Row]:
    return [row("clerk's click on 发送 → first sound of the box's loudspeaker (virtual sound card), p95", each["sound_ms"]["p95"], "ms", 1000),
            (f"… of {each['notices']} notices: p50 / largest", f"{each['sound_ms']['p50']:g} / {each['sound_ms']['max']:g} ms", "", ""),
            ("… first word, behind two notes of 0.7 s, p95", f"{each['word_ms']['p95']:g} ms", "", ""),
            ("… the page answers the click after, p95", f"{each['answered_ms']['p95']:g} ms", "", ""),
            row("… not spoken", len(each["missed"]), "", 0)]


def _hardship(each: dict) -> list[Row]:
    what = (f"network away for {each['cut_s']:g} s, {each['box_kills']} boxes and {each['hub_kills']} hubs killed (SIGKILL), while {each['notices']} "
            f"notices went to {each['boxes']} boxes with their disks")
    return [row(f"{what}: notices lost", each["lost"], "", 0), row("… begun twice, or told twice", each["twice"], "", 0),
            row("… receipts missing", each["receipts_missing"], "", 0),
            ("… all told after the network was back (half of the lines forgotten by the router)", f"{each['caught_up_s']:g} s", "", "")]
