"""docs/understanding.md and its picture, from the figures alone."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.tables import markdown

WAYS = ("ours", "hassil", "keywords")
SPEECH_BARS = {"clean": 97, "room": 92, "room + 20 dB": 87, "room + 10 dB": 75}
CORPUS_ROWS = 40
ERRORS_SHOWN = 60


def write(results: Mapping, path: Path) -> None:
    """``path`` is the Markdown file; the picture stands beside it as .svg."""
    parts = ["# How well it understands\n",
             f"Written by `script/bench elders` from [{path.stem}.json]({path.stem}.json); do not edit. Machine: {results['machine']}.\n"]
    for name, make in (("commands", _commands), ("accents", _accents), ("speech", _speech), ("corpus", _corpus),
                       ("titles", _titles), ("rejection", _rejection), ("reliability", _reliability),
                       ("confusions", _confusions), ("errors", _errors)):
        if name in results:
            parts.append(make(results[name]))
    if "speech" in results:
        _picture(results["speech"], path.with_suffix(".svg"))
        parts.insert(2, f"![Intents right by condition]({path.stem}.svg)\n")
    path.write_text("\n".join(parts), encoding="utf-8")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _beside(rows: Mapping, bars: Mapping[str, float]) -> str:
    lines = []
    for name, ways in rows.items():
        bar = f"≥ {bars[name]} %" if name in bars else ""
        ours = ways["ours"]
        lines.append((name, ours["commands"], _percent(ours["intent"]), _percent(ours["intent_and_slots"]), bar,
                      *(_percent(ways[way]["intent"]) for way in WAYS[1:]), _percent(ours["false_triggers"])))
    head = ("condition", "commands", "intent right", "and slots", "bar", "hassil alone", "keywords", "false triggers")
    return markdown(lines, head)


def _commands(data: Mapping) -> str:
    return "## Text\n\n" + _beside(data, {"as written": 99, "every third syllable wrong": 93})


def _accents(data: Mapping) -> str:
    rows = [(title, _percent(found["standard"]), _percent(found["accent"])) for title, found in data.items()]
    return "## Accents\n\nSimulated: in seven of ten syllables that the region says otherwise, the text has a character of that other sound.\n\n" + \
        markdown(rows, ("spoken", "intent right, standard expected", "that accent expected"))


def _speech(data: Mapping) -> str:
    return "## Speech\n\nThe project's own voice at several pitches and speeds.\n\n" + _beside(data, SPEECH_BARS)


def _corpus(data: Mapping) -> str:
    rows = [(label, found["n"], _percent(found["share"])) for label, found in list(data.items())[:CORPUS_ROWS]]
    return "## A corpus\n\nShare accepted as one of the fitting intents; for `none` labels, share that triggered something.\n\n" + \
        markdown(rows, ("label", "sentences", "share"))


def _titles(data: Mapping) -> str:
    rows = [("right title first", _percent(data["first"]), "≥ 90 %"), ("among the first three", _percent(data["first_three"]), "≥ 96 %"),
            ("a sentence, p50 / p95", f"{data['ms']['p50']} / {data['ms']['p95']} ms", "p95 ≤ 20 ms"),
            ("memory added", f"{data['extra_mb']:.0f} MB", "≤ 120 MB")]
    return f"## {data['titles']:,} titles\n\nA simulated catalogue; {data['asked']} titles asked for with a fifth of the characters wrong.\n\n" + \
        markdown(rows, ("what", "measured", "bar"))


def _rejection(data: Mapping) -> str:
    return "## Talk that is not for the box\n\n" + markdown([(name, _percent(share)) for name, share in data.items()], ("what", "turned away"))


def _reliability(data: Mapping) -> str:
    rows = [(row["n"], row["confidence"], row["right"]) for row in data["bins"]]
    return f"## Confidence\n\nExpected calibration error over all trials above: {data['ece']:.3f}.\n\n" + \
        markdown(rows, ("trials", "mean confidence", "share right"))


def _confusions(data: Mapping) -> str:
    rows = [(right, ", ".join(f"{taken} {count}" for taken, count in list(wrong.items())[:6])) for right, wrong in data.items()]
    return "## What is taken for what\n\nIn speech, all conditions.\n\n" + markdown(rows, ("intent", "taken for, how often"))


def _errors(data: list[str]) -> str:
    return "## Errors\n\n" + "".join(f"- {line}\n" for line in data[:ERRORS_SHOWN])


def _picture(data: Mapping, path: Path) -> None:
    import matplotlib  # slow to import, and only the report needs it

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.6))
    names = list(data)
    for offset, way in enumerate(WAYS):
        axes.bar([place + 0.27 * (offset - 1) for place in range(len(names))],
                 [100 * data[name][way]["intent"] for name in names], 0.25, label=way)
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(0, 100)
    axes.set_ylabel("intent right, %")
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
