"""From the figures of ``hub`` to rows of the table."""
from __future__ import annotations

from bench.tables import Row, row


def hub(data: dict) -> list[Row]:
    found = [line for name, each in data.items() if name != "killed" for line in _one(name, each)]
    return [*found, *_killed(data["killed"])]


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
