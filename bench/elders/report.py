"""docs/understanding.md and its picture, from the figures alone."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.tables import markdown

WAYS = ("ours", "hassil", "keywords")
SPEECH_BARS = {"clean": 97, "room": 92, "room + 20 dB": 87, "room + 10 dB": 75}
FRONT_END, TITLES = "front_end", "titles"
KEYS = {"front-end": FRONT_END, "titles": TITLES}
"""Section -> where its figures are, beside those of ``elders``."""
OWN_PAGE = ("elders", *KEYS)
"""The sections that are reported here."""
CORPUS_ROWS = 40
ERRORS_SHOWN = 60


def merged(before: Mapping, section: str, figures: Mapping) -> dict:
    """What the page is made of after ``section`` was measured: its own figures anew, the others' as they were."""
    if section in KEYS:
        return {**before, KEYS[section]: figures}
    return {**figures, **{key: before[key] for key in KEYS.values() if key in before}}


def write(results: Mapping, path: Path) -> None:
    """``path`` is the Markdown file; the picture stands beside it as .svg."""
    machine = f" Machine: {results['machine']}." if "machine" in results else ""
    parts = ["# How well it understands\n",
             f"Written by `script/bench elders titles front-end` from [{path.stem}.json]({path.stem}.json); do not edit.{machine}\n"]
    for name, make in (("commands", _commands), ("accents", _accents), ("speech", _speech), ("corpus", _corpus),
                       (TITLES, _titles), ("rejection", _rejection), ("reliability", _reliability), (FRONT_END, _front_end),
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
    lines, more = [], sorted({way for ways in rows.values() for way in ways} - set(WAYS))
    for name, ways in rows.items():
        bar = f"≥ {bars[name]} %" if name in bars else ""
        ours = ways["ours"]
        lines.append((name, ours["commands"], _percent(ours["intent"]), _percent(ours["intent_and_slots"]), bar,
                      *(_percent(ways[way]["intent"]) for way in (*more, *WAYS[1:])), _percent(ours["false_triggers"])))
    head = ("condition", "commands", "intent right", "and slots", "bar", *more, "hassil alone", "keywords", "false triggers")
    return markdown(lines, head)


def _commands(data: Mapping) -> str:
    return "## Text\n\n*Never seen*: sentences of others, from which nothing was learnt.\n\n" + \
        _beside(data, {"as written": 99, "every third syllable wrong": 93})


def _accents(data: Mapping) -> str:
    rows = [(title, _percent(found["standard"]), _percent(found["accent"])) for title, found in data.items()]
    return "## Accents\n\nSimulated: in seven of ten syllables that the region says otherwise, the text has a character of that other sound.\n\n" + \
        markdown(rows, ("spoken", "intent right, standard expected", "that accent expected"))


def _speech(data: Mapping) -> str:
    return "## Speech\n\nSentences never seen, in the project's own voice at several pitches and speeds.\n\n" + _beside(data, SPEECH_BARS)


def _corpus(data: Mapping) -> str:
    rows = [(label, found["n"], _percent(found["share"])) for label, found in list(data.items())[:CORPUS_ROWS]]
    return "## A corpus\n\nShare accepted as one of the fitting intents; for `none` labels, share that triggered something.\n\n" + \
        markdown(rows, ("label", "sentences", "share"))


def _titles(data: Mapping) -> str:
    rows = [("right title first", _percent(data["first"]), "≥ 90 %"), ("among the first three", _percent(data["first_three"]), "≥ 96 %"),
            ("a sentence, p50 / p95", f"{data['ms']['p50']} / {data['ms']['p95']} ms", "p95 ≤ 20 ms"),
            ("memory added", f"{data['extra_mb']:.0f} MB", "≤ 120 MB")]
    about = f"A simulated catalogue; {data['asked']} titles asked for with a fifth of the characters wrong. Machine: {data['machine']}."
    return f"## {data['titles']:,} titles\n\n{about}\n\n" + markdown(rows, ("what", "measured", "bar"))


def _rejection(data: Mapping) -> str:
    return "## Talk that is not for the box\n\n" + markdown([(name, _percent(share)) for name, share in data.items()], ("what", "turned away"))


def _reliability(data: Mapping) -> str:
    rows = [(row["n"], row["confidence"], row["right"]) for row in data["bins"]]
    return f"## Confidence\n\nExpected calibration error over all trials above: {data['ece']:.3f}.\n\n" + \
        markdown(rows, ("trials", "mean confidence", "share right"))


def _front_end(data: Mapping) -> str:
    rooms = list(data["ways"][0]["rooms"])
    head = ("treatment", "where", *rooms, "against the box", f"false triggers of {data['others']}", "heard twice: commands, other talk",
            "CPU of the treatment", "of everything")
    rows = [_way(way, rooms) for way in data["ways"]]
    kind = "simulated" if data["simulated"] else "those of measured impulse responses"
    return f"## Front end\n\nWhat a treatment of the sound is worth, and what it costs. Rooms are {kind}. Machine: {data['machine']}.\n\n" \
        f"Of {data['commands']} commands in each condition: intent right (and slots). Where the grammar does not explain the sound clearly " \
        "better than free speech does, it is heard a second time. Against the box: commands understood with all slots, all conditions " \
        "together, that the box does not so understand, and the other way round. CPU while commands are heard, for each second of sound; " \
        "everything is the treatment and both recognisers, which know the sentence, as often as they hear it.\n\n" + markdown(rows, head)


def _way(way: Mapping, rooms: Sequence[str]) -> Sequence[object]:
    shares = (way["rooms"][room] for room in rooms)
    return (
        way["treatment"], way["where"] + " (the box)" * way["box"],
        *(f"{_percent(share['intent'])} ({_percent(share['intent_and_slots'])})" for share in shares), f"+{way['more']} −{way['less']}",
        way["false_triggers"], f"{_percent(way['heard_twice'])}, {_percent(way['others_heard_twice'])}",
        f"{way['treatment_ms_per_s']:.1f} ms", f"{way['all_ms_per_s']:.0f} ms",
    )


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
