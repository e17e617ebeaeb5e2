"""The proof that the suite can fail: what became of each mutant, against what it
declares, both ways."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Iterator, Mapping, Optional, Sequence

from .mutants import EVERYTHING, Mutant
from .requirements import Requirement, Requirements
from .verdict import Job, Result, Verdict

SCHEMA = 1
SHOWN_JOBS = 3

_HELD = (Verdict.PASS, Verdict.TOLERATED)
_ACCIDENTS = (Verdict.CRASH, Verdict.TIMEOUT)


class Kind(Enum):
    """What can be wrong with a proof."""

    REFERENCE_RED = "reference-red"
    NOT_RUN = "not-run"
    SURVIVOR = "survivor"
    STAYED_GREEN = "stayed-green"
    UNPAIRED = "unpaired"
    ACCIDENT = "accident"
    UNSPOKEN = "unspoken"
    UNMATCHED = "unmatched"
    WITHOUT_MUTANT = "without-mutant"
    WITH_MUTANT = "with-mutant"


@dataclass(frozen=True)
class Flaw:
    """One reason for which the suite is not proved."""

    kind: Kind
    sentence: str
    mutant: Optional[str] = None
    requirement: Optional[str] = None
    jobs: tuple[Job, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """An item of `flaws` in prove.json."""
        return {
            "kind": self.kind.value,
            "mutant": self.mutant,
            "requirement": self.requirement,
            "sentence": self.sentence,
            "cases": [f"{job.entry} {job.case}" for job in self.jobs],
        }


@dataclass(frozen=True)
class Trial:
    """One mutant, and what the suite said of it and of the reference."""

    mutant: Mutant
    jobs: tuple[Job, ...]
    """Every case on its entries that it may be run with, whether it was or not."""
    results: Mapping[Job, Result]
    reference: Mapping[Job, Result]
    """The reference's verdict for the job of the mutant."""
    incidents: tuple[str, ...] = ()
    """What went wrong outside of any case."""

    @cached_property
    def expected(self) -> list[Job]:
        """What has to be red: what it declares, where the reference holds. A case that
        the reference gives no occasion to judge is one of these if it is spelt out."""
        return [
            job
            for job in self.jobs
            if job in self.reference
            and any(
                red.matches(job)
                and (self.reference[job].verdict in _HELD or red.case == job.case)
                for red in self.mutant.reds
            )
        ]

    @property
    def disputed(self) -> list[Job]:
        """Cases whose verdict is not what is declared."""
        expected = set(self.expected)
        return [
            job
            for job, result in self.results.items()
            if not self._red_before(job)
            and (
                result.verdict in _ACCIDENTS
                or result.verdict.deviates != (job in expected)
            )
        ]

    @cached_property
    def reds(self) -> list[Result]:
        """The verdicts by which a mutant is killed."""
        return self._with(Verdict.FAIL)

    @cached_property
    def own_reds(self) -> list[Result]:
        """Those that it declares, and whose case checks what it breaks."""
        return [
            one
            for one in self.reds
            if one.job in self.expected
            and set(one.requirements) & {*self.mutant.breaks}
        ]

    @property
    def killer(self) -> Optional[Result]:
        """The verdict that names the defect."""
        return next((r for r in self.own_reds if self.mutant.phrase in r.message), None)

    @property
    def run_s(self) -> float:
        """What its cases took, one after the other."""
        return sum(one.duration_ms for one in self.results.values()) / 1000

    @property
    def counts(self) -> dict[Verdict, int]:
        """How often each verdict was given."""
        counted = Counter(one.verdict for one in self.results.values())
        return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}

    @cached_property
    def flaws(self) -> list[Flaw]:
        """What is wrong with it; nothing if it was killed as declared."""
        flaws = [*self._not_run(), *self._accidents(), *self._unmatched()]
        flaws += self._unpaired()
        if self.reds:
            flaws += [*self._survivals(), *self._stayed_green(), *self._unspoken()]
        elif not flaws:
            flaws.append(self._flaw(Kind.SURVIVOR, "survives: no case turns red"))
        return flaws

    def _not_run(self) -> Iterator[Flaw]:
        for what in self.incidents:
            yield self._flaw(Kind.NOT_RUN, what)

    def _accidents(self) -> Iterator[Flaw]:
        found = [one for verdict in _ACCIDENTS for one in self._with(verdict)]
        if found:
            words = " and ".join(sorted({one.verdict.value for one in found}))
            what = f"does not fail a check but ends by {words} in {_list(found)}"
            yield self._flaw(Kind.ACCIDENT, what, found)

    def _unmatched(self) -> Iterator[Flaw]:
        for red in self.mutant.reds:
            if not any(red.matches(job) for job in self.jobs):
                what = f'declares "{red}", which matches no case'
            elif not any(red.matches(job) for job in self.expected):
                what = f'declares "{red}", of which the reference passes nothing'
            else:
                continue
            yield self._flaw(Kind.UNMATCHED, what)

    def _unpaired(self) -> Iterator[Flaw]:
        found = [
            one
            for one in self.reds
            if one.job not in self.expected and not self._red_before(one.job)
        ]
        if found:
            what = f"turns cases red that it does not declare: {_list(found)}"
            yield self._flaw(Kind.UNPAIRED, what, found)

    def _red_before(self, job: Job) -> bool:
        """Red with the reference too: that is no deed of the mutant."""
        return job in self.reference and self.reference[job].verdict.deviates

    def _survivals(self) -> Iterator[Flaw]:
        for ident in self.mutant.breaks:
            if not any(ident in one.requirements for one in self.own_reds):
                what = f"breaks {ident}, of which no declared case turns red"
                yield self._flaw(Kind.SURVIVOR, what, requirement=ident)

    def _stayed_green(self) -> Iterator[Flaw]:
        found = [
            self.results[job]
            for job in self.expected
            if job in self.results
            and self.results[job].verdict not in (Verdict.FAIL, *_ACCIDENTS)
        ]
        if found:
            shown = _list(found, with_verdict=True)
            what = f"declares cases that do not turn red: {shown}"
            yield self._flaw(Kind.STAYED_GREEN, what, found)

    def _unspoken(self) -> Iterator[Flaw]:
        if self.own_reds and not self.killer:
            said = self.own_reds[0].message
            what = f'no red case says "{self.mutant.phrase}"; one says "{said}"'
            yield self._flaw(Kind.UNSPOKEN, what, self.own_reds)

    def _with(self, verdict: Verdict) -> list[Result]:
        found = (self.results[job] for job in self.jobs if job in self.results)
        return [one for one in found if one.verdict is verdict]

    def _flaw(
        self,
        kind: Kind,
        what: str,
        about: Sequence[Result] = (),
        requirement: Optional[str] = None,
    ) -> Flaw:
        return Flaw(
            kind,
            f"{self.mutant.id}: {what}.",
            mutant=self.mutant.id,
            requirement=requirement,
            jobs=tuple(one.job for one in about),
        )

    def as_json(self) -> dict[str, Any]:
        """An item of `mutants` in prove.json."""
        return {
            "id": self.mutant.id,
            "breaks": list(self.mutant.breaks),
            "sentence": self.mutant.sentence,
            "provenance": self.mutant.provenance,
            "entries": list(self.mutant.entries),
            "only": list(self.mutant.only),
            "declares": [str(red) for red in self.mutant.reds],
            "phrase": self.mutant.phrase,
            "killed": not self.flaws,
            "killed_by": _killer_json(self.killer),
            "expected_red": len(self.expected),
            "red": len(self.reds),
            "counts": {verdict.value: n for verdict, n in self.counts.items()},
            "run_s": round(self.run_s, 3),
        }


@dataclass(frozen=True)
class Proof:
    """What all trials amount to."""

    trials: Sequence[Trial]
    reference: Sequence[Result]
    requirements: Requirements
    is_whole: bool
    """Whether every mutant was wanted: only then a requirement can lack one."""
    complete: bool = True
    incidents: tuple[str, ...] = ()
    """What went wrong with the reference outside of any case."""
    notes: tuple[str, ...] = ()

    @cached_property
    def flaws(self) -> list[Flaw]:
        """Everything for which the suite is not proved."""
        return [
            *self._reference_reds(),
            *self._requirement_flaws(),
            *(flaw for trial in self.trials for flaw in trial.flaws),
        ]

    @property
    def exit_code(self) -> int:
        """0 proved, 1 not, 3 incomplete."""
        return 3 if not self.complete else 1 if self.flaws else 0

    @property
    def proved(self) -> dict[str, list[str]]:
        """The requirements that need a mutant, with those that break them."""
        return {
            one.id: [t.mutant.id for t in self.trials if one.id in t.mutant.breaks]
            for one in self.requirements.values()
            if one.needs_mutant
        }

    @property
    def summary(self) -> str:
        """The outcome in one line, without the time."""
        killed = sum(not trial.flaws for trial in self.trials)
        unpaired = sum(
            len(flaw.jobs) for flaw in self.flaws if flaw.kind is Kind.UNPAIRED
        )
        parts = [
            f"{killed} of {_count(len(self.trials), 'mutant')} killed by exactly the "
            "cases declared",
            _count(unpaired, "unpaired red"),
        ]
        part = sum(one.mutant.only != EVERYTHING for one in self.trials)
        if part:
            parts.insert(1, f"{part} of them run with some cases only")
        if self.is_whole:
            proved = self.proved
            have = sum(bool(mutants) for mutants in proved.values())
            parts.append(
                f"{have} of {_count(len(proved), 'requirement')} have a mutant"
            )
        return ", ".join(parts)

    def _reference_reds(self) -> Iterator[Flaw]:
        for one in self.reference:
            if one.verdict.deviates:
                what = f"the reference itself ends {one.job} with {one.verdict.value}"
                yield Flaw(Kind.REFERENCE_RED, f"{what}: {one.why}", jobs=(one.job,))
        for incident in self.incidents:
            yield Flaw(Kind.REFERENCE_RED, f"{incident}.")

    def _requirement_flaws(self) -> Iterator[Flaw]:
        broken = {ident for trial in self.trials for ident in trial.mutant.breaks}
        for one in self.requirements.values():
            if one.id in broken and one.without_mutant:
                what = f"{one.id} has a mutant, yet a reason for having none."
                yield Flaw(Kind.WITH_MUTANT, what, requirement=one.id)
            elif self.is_whole and _lacks(one, broken):
                what = f"{one.id} ({one.level}) has no mutant and no reason for it."
                yield Flaw(Kind.WITHOUT_MUTANT, what, requirement=one.id)

    def as_json(
        self, started: str, wall_s: float, suite: Mapping[str, Any]
    ) -> dict[str, Any]:
        """prove.json (reports/schema/prove.schema.json)."""
        counted = Counter(one.verdict for one in self.reference)
        proved = self.proved
        return {
            "schema": SCHEMA,
            "started": started,
            "wall_s": round(wall_s, 3),
            "suite": dict(suite),
            "complete": self.complete,
            "whole": self.is_whole,
            "exit_code": self.exit_code,
            "summary": self.summary,
            "flaws": [flaw.as_json() for flaw in self.flaws],
            "notes": list(self.notes),
            "reference": {v.value: counted[v] for v in Verdict if counted[v]},
            "requirements": {
                ident: {
                    "level": self.requirements[ident].level,
                    "mutants": mutants,
                    "without_mutant": self.requirements[ident].without_mutant,
                }
                for ident, mutants in proved.items()
            },
            "mutants": [trial.as_json() for trial in self.trials],
        }


def _lacks(one: Requirement, broken: set[str]) -> bool:
    return one.needs_mutant and one.id not in broken and not one.without_mutant


def _killer_json(killer: Optional[Result]) -> Optional[dict[str, Any]]:
    if killer is None:
        return None
    return {
        "entry": killer.job.entry,
        "case": killer.job.case,
        "requirements": list(killer.requirements),
        "message": killer.message,
    }


def _list(results: Sequence[Result], with_verdict: bool = False) -> str:
    shown = [
        f"{one.job.entry} {one.job.case}"
        + (f" ({one.verdict.value})" if with_verdict else "")
        for one in results[:SHOWN_JOBS]
    ]
    if len(results) > SHOWN_JOBS:
        shown.append(f"{len(results) - SHOWN_JOBS} more")
    return ", ".join(shown)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
