"""The mutants: providers that are each wrong in one way, and what each declares."""
from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Mapping, Sequence

from . import catalogue, places
from .channel import Channel
from .errors import SetupError, near
from .profile import Profile
from .requirements import Requirements
from .verdict import Job

PROGRAM = "wspmutants.exe"
DLL = "wspmutant.dll"
VARIABLE = "WSPCHECK_MUTANT"
"""Tells the DLL which mutant to be."""
EVERYTHING = ("*",)
"""Of the cases."""


@dataclass(frozen=True)
class Red:
    """Cases that a mutant declares to turn red."""

    entry: str
    case: str

    def matches(self, job: Job) -> bool:
        """Whether the job is among them."""
        return fnmatchcase(job.entry, self.entry) and fnmatchcase(job.case, self.case)

    def __str__(self) -> str:
        return f"{self.entry} {self.case}"


@dataclass(frozen=True)
class Mutant:
    """What a mutant declares of itself."""

    id: str
    breaks: tuple[str, ...]
    """Requirements."""
    sentence: str
    """What it does wrong."""
    entries: tuple[str, ...]
    reds: tuple[Red, ...]
    phrase: str
    """Occurs in the message of a red case: the message names the defect."""
    only: tuple[str, ...] = EVERYTHING
    """Globs of the cases that are run on it."""
    not_on: tuple[str, ...] = ()
    """Globs of the hosts on which it cannot be as it declares."""
    provenance: str = ""
    """Where such a defect was met, if it was."""

    def runs(self, case: str) -> bool:
        """Whether the case is run on it."""
        return any(fnmatchcase(case, glob) for glob in self.only)

    def can_be_on(self, host: str) -> bool:
        """Whether the defect can be made there."""
        return not any(fnmatchcase(host, glob) for glob in self.not_on)

    def profile(self, reference: Profile) -> Profile:
        """The reference's profile, with the mutant in its place. Of the platform the
        reference claims something for its own file only."""
        return replace(
            reference,
            name=self.id,
            title=self.sentence,
            dll=str(places.binaries() / DLL),
            entries=tuple(one for one in reference.entries if one.id in self.entries),
            baseline=None,
            platform="",
            environment={**reference.environment, VARIABLE: self.id},
        )


def load(channel: Channel) -> tuple[Mutant, ...]:
    """Every mutant, as the program beside the DLL declares them."""
    for name in (PROGRAM, DLL):
        if not (places.binaries() / name).is_file():
            raise SetupError(
                f"there is no {places.for_reader(places.binaries() / name)}: "
                "start runners/run, which builds it"
            )
    return parse(catalogue.ask(channel, places.binaries() / PROGRAM))


def parse(text: str) -> tuple[Mutant, ...]:
    """The declarations of a text with a line of JSON each."""
    found: dict[str, Mutant] = {}
    for line in text.splitlines():
        try:
            mutant = _mutant(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise SetupError(
                f"{PROGRAM} declares no mutant in {line[:200]!r}: {error!r}"
            ) from None
        if mutant.id in found:
            raise SetupError(f'two mutants have the id "{mutant.id}"')
        found[mutant.id] = mutant
    if not found:
        raise SetupError(f"{PROGRAM} declares no mutants")
    return tuple(found.values())


def check(mutants: Sequence[Mutant], reference: Profile, known: Requirements) -> None:
    """SetupError if a declaration names what there is not."""
    entries = reference.entry_ids()
    for one in mutants:
        if one.id == reference.name:
            raise SetupError(f'a mutant has the name of the reference, "{one.id}"')
        for entry in one.entries:
            if entry not in entries:
                raise SetupError(f'{one.id}: no entry "{entry}"{near(entry, entries)}')
        for ident in one.breaks:
            if ident not in known:
                raise SetupError(
                    f'{one.id}: there is no requirement "{ident}"{near(ident, known)}'
                )


def choose(mutants: Sequence[Mutant], patterns: Sequence[str]) -> tuple[Mutant, ...]:
    """Those whose id matches one of the patterns; all if there is none."""
    ids = [one.id for one in mutants]
    for pattern in patterns:
        if not any(fnmatchcase(one, pattern) for one in ids):
            raise SetupError(f'no mutant matches "{pattern}"{near(pattern, ids)}')
    return tuple(
        one
        for one in mutants
        if not patterns or any(fnmatchcase(one.id, pattern) for pattern in patterns)
    )


def _mutant(data: Mapping[str, Any]) -> Mutant:
    one = Mutant(
        id=str(data["id"]),
        breaks=tuple(data["breaks"]),
        sentence=str(data["sentence"]),
        entries=tuple(data["entries"]),
        reds=tuple(_red(text) for text in data["reds"]),
        phrase=str(data["phrase"]),
        only=tuple(data["only"]),
        not_on=tuple(data["not_on"]),
        provenance=str(data.get("provenance", "")),
    )
    for name in ("id", "breaks", "sentence", "entries", "only", "reds", "phrase"):
        if not getattr(one, name):
            raise ValueError(f"{name} is empty")
    return one


def _red(text: str) -> Red:
    entry, case = text.split()
    return Red(entry, case)
