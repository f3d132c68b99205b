"""The words of a skill: ``skills/<name>/replies.yaml``, several wordings a key, chosen by the turn and never by chance.

A file is a mapping from key to one wording or a list of wordings. Keys with a dot (``sky.sunny``) form a family that is
looked up by member. Fields are named, in braces; all wordings of a key must use the same fields, so that a field that
is missing in the code shows in the first test and not in the third turn of some evening.
"""
from __future__ import annotations

import string
from collections.abc import Mapping
from importlib import resources

import yaml

from assistant.errors import SentenceError


class Replies:
    """The validated wordings of one skill. ``source`` names the file in errors."""

    def __init__(self, source: str, raw: object) -> None:
        """Raises SentenceError for anything but a mapping of key to wording(s) with consistent, named fields."""
        self.source = source
        if not isinstance(raw, Mapping) or not raw:
            raise SentenceError(f"{source}: expected a mapping from key to wordings")
        unquoted = [key for key in raw if not isinstance(key, str)]
        if unquoted:
            raise SentenceError(f"{source}: quote the key {unquoted[0]!r} (YAML reads yes, no, on, off as truths)")
        self._wordings = {key: self._checked(key, value) for key, value in raw.items()}

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._wordings)

    def wordings(self, key: str) -> tuple[str, ...]:
        """All wordings of a key. Raises SentenceError for an unknown one."""
        try:
            return self._wordings[key]
        except KeyError:
            raise SentenceError(f"{self.source}: no reply {key!r}") from None

    def fields(self, key: str) -> frozenset[str]:
        """The field names that the wordings of ``key`` need."""
        return _fields(self.source, key, self.wordings(key)[0])

    def say(self, key: str, turn: int, /, **fields: object) -> str:
        """The wording of this turn with its fields filled in. Raises SentenceError for a missing key or field."""
        choices = self.wordings(key)
        try:
            return choices[turn % len(choices)].format(**fields)
        except KeyError as missing:
            raise SentenceError(f"{self.source}: reply {key!r} needs the field {missing}") from None

    def word(self, family: str, member: str) -> str:
        """The first wording of ``family.member``: a word to be built into a sentence."""
        return self.wordings(f"{family}.{member}")[0]

    def _checked(self, key: str, value: object) -> tuple[str, ...]:
        wordings = tuple(value) if isinstance(value, list) else (value,)
        if not wordings or not all(isinstance(w, str) and w.strip() for w in wordings):
            raise SentenceError(f"{self.source}: reply {key!r} must be a text or a list of texts")
        if len({_fields(self.source, key, w) for w in wordings}) != 1:
            raise SentenceError(f"{self.source}: the wordings of {key!r} use different fields")
        if len(set(wordings)) != len(wordings):
            raise SentenceError(f"{self.source}: reply {key!r} has the same wording twice")
        return wordings


def load_replies(package: str) -> Replies:
    """Read ``replies.yaml`` beside a skill's module; call it as ``load_replies(__package__)``. Raises SentenceError."""
    source = f"{package.replace('.', '/')}/replies.yaml"
    try:
        text = resources.files(package).joinpath("replies.yaml").read_text(encoding="utf-8")
        return Replies(source, yaml.safe_load(text))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SentenceError(f"{source}: {error}") from error


def _fields(source: str, key: str, wording: str) -> frozenset[str]:
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(wording) if name is not None]
    except ValueError as error:
        raise SentenceError(f"{source}: reply {key!r}: {error}") from None
    if not all(name.isidentifier() for name in names):
        raise SentenceError(f"{source}: reply {key!r} may use named fields only, not {names}")
    return frozenset(names)
