"""The requirements: sentences of the documentation as data."""
from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator, Mapping, Optional

from . import places
from .errors import SetupError
from .toml_source import Document, Table
from .verdict import Verdict

LEVELS = {
    "must": "said by the page",
    "derived": "follows from documented facts",
    "open": "pages are silent or disagree: every listed outcome conforms",
    "should": "recommended by the page",
    "may": "left to the provider; only other outcomes fail",
    "dialect": "of one platform's documentation only",
    "info": "stated for information",
}
"""From the most to the least binding."""

PROVED = ("must", "derived")
"""The levels whose every requirement has to be shown to be one that can fail."""

_NOT_BINDING = ("should", "info")


@dataclass(frozen=True)
class Tolerated:
    """An outcome that another page allows."""

    outcome: str
    page: str


@dataclass(frozen=True)
class Requirement:
    """One sentence of the documentation and the outcomes that conform to it."""

    id: str
    function: str
    level: str
    sources: tuple[str, ...]
    text: str
    conforming: tuple[str, ...]
    tolerated: tuple[Tolerated, ...] = ()
    open: str = ""
    note: str = ""
    limits: str = ""
    """Which part of it no case tries, and why."""
    without_case: str = ""
    """Why no case tries it at all."""
    without_mutant: str = ""
    """Why no mutant breaks it."""

    @property
    def needs_mutant(self) -> bool:
        """Whether it takes a mutant, or a reason, to show that its cases can fail."""
        return self.level in PROVED

    def broken_by(self, verdict: Optional[Verdict]) -> bool:
        """Whether a provider with this verdict does not conform. A recommendation that
        is not followed is a deviation, but no breach; a crash is always one."""
        if verdict in (Verdict.CRASH, Verdict.TIMEOUT):
            return True
        return verdict is Verdict.FAIL and self.level not in _NOT_BINDING


Requirements = Mapping[str, Requirement]


@functools.lru_cache(maxsize=None)
def load(folder: Path = places.REQUIREMENTS) -> Requirements:
    """Every requirement of the folder's TOML files, in reading order."""
    found: dict[str, Requirement] = {}
    for path in sorted(folder.glob("*.toml")):
        document = Document(path)
        function = document.root().text("function")
        for table in document.tables("requirement"):
            one = _requirement(table, function)
            if one.id in found:
                table.complain("id", f'the id "{one.id}" is taken twice')
            found[one.id] = one
    if not found:
        raise SetupError(f"no requirements in {places.for_reader(folder)}")
    return found


def by_number(ids: Iterable[str]) -> list[str]:
    """Ids in the order of a reader: RD-2 before RD-10."""
    return sorted(set(ids), key=_natural)


def strongest(levels: Iterable[str]) -> Optional[str]:
    """The most binding of several levels."""
    ranked = sorted(levels, key=list(LEVELS).index)
    return ranked[0] if ranked else None


def level_of(ids: Iterable[str], requirements: Requirements) -> Optional[str]:
    """The most binding level among these requirements."""
    return strongest(requirements[one].level for one in ids if one in requirements)


def _natural(text: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdigit() else (-1, part)
        for part in re.split(r"(\d+)", text)
    ]


def _requirement(table: Table, function: str) -> Requirement:
    level = table.text("level")
    if level not in LEVELS:
        table.complain("level", f'"level" is none of {", ".join(LEVELS)}')
    one = Requirement(
        id=table.text("id"),
        function=function,
        level=level,
        sources=tuple(table.texts("source")),
        text=table.text("text"),
        conforming=tuple(table.texts("conforming")),
        tolerated=tuple(_tolerated(table)),
        open=table.text("open", ""),
        note=table.text("note", ""),
        limits=table.text("limits", ""),
        without_case=table.text("without_case", ""),
        without_mutant=table.text("without_mutant", ""),
    )
    table.finish()
    return one


def _tolerated(table: Table) -> Iterator[Tolerated]:
    for one in table.records("tolerated"):
        if set(one) != {"outcome", "page"}:
            table.complain("tolerated", '"tolerated" holds {outcome = .., page = ..}')
        yield Tolerated(str(one["outcome"]), str(one["page"]))
