"""From the figures of ``player`` to rows of the table."""
from __future__ import annotations

from bench.player.requests import DUCK_DB
from bench.tables import Row, row

GROWTH_MB = 5.0
"""Of a process in a thousand orders; the allocators' own breathing is less."""


def player(data: dict) -> list[Row]:
    return [*_first_sound(data), *_duck(data["duck"]), *_kill(data["kill"]), *_scan(data["scan"]), *_orders(data["orders"]),
            _plain("meanwhile other programs took", f"{100 * data['others_share']:.0f} % of a core")]


def _first_sound(data: dict) -> list[Row]:
    first = data["first_sound_ms"]
    return [
        row(f"reply's last sound → first sound of what was asked for, p95 of {first['n']}", first["p95"], "ms", 600),
        _plain("… p50 / largest", f"{first['p50']:.0f} / {first['max']:.0f} ms"),
        _plain("… largest by what was asked for", ", ".join(f"{kind} {each['max']:.0f}" for kind, each in data["by_kind_ms"].items()) + " ms"),
        _plain(f"… gaps of 10 ms and more in {data['gaps']['listened_s']} s of what began then",
               f"{len(data['gaps']['ms'])}, together {sum(data['gaps']['ms']):.0f} ms"),
        row("requests, calls and kills after which something did not come", len(data["missed"]), "", 0),
    ]


def _duck(duck: dict) -> list[Row]:
    after = duck["after_ms"]
    return [row(f"called over music: recognised → at least {DUCK_DB:g} dB softer, largest of {after['n']}", after["max"], "ms", 200),
            _plain("… p50", f"{after['p50']:.0f} ms"),
            row("… softer by, the least", duck["least_db"], "dB", DUCK_DB, at_most=False)]


def _kill(kill: dict) -> list[Row]:
    return [row(f"mpv killed in the middle: heard again after, largest of {kill['back']}", kill["back_s"], "s", 3),
            row("… distance from its place, largest", max(map(abs, kill["moved_s"]), default=0.0), "s", 3)]


def _scan(scan: dict) -> list[Row]:
    return [
        row(f"{scan['found']} files never seen: looked at", scan["first_s"], "s", 180),
        _plain(f"… their {scan['titles']} titles understood", f"{scan['in_use_s']:g} s"),
        row("… looked at again, unchanged", scan["unchanged_s"], "s", 5),
        row("… memory of the box, at most and above what it was", scan["box_mb"], "MB", 60),
        _plain("… of that while it looks; in the end", f"{scan['scan_mb']:g} MB; {scan['after_mb']:g} MB"),
        _plain("… its other processes (sentences compiled, loudness measured) meanwhile, at most", f"{scan['children_mb']:g} MB"),
    ]


def _orders(orders: dict) -> list[Row]:
    more = orders["more"]
    left = sum(max(0, more[name]) for name in ("processes", "threads", "files"))
    return [
        row(f"{orders['orders']} orders at random, mpv asked {orders['compared']} times: disagreements", len(orders["disagreements"]), "", 0),
        row("… processes, threads and open files left behind", left, "", 0),
        row("… memory grown by, box", more["own_mb"], "MB", GROWTH_MB), row("… memory grown by, mpv", more["mpv_mb"], "MB", GROWTH_MB),
    ]


def _plain(what: str, measured: str) -> Row:
    return what, measured, "", ""
