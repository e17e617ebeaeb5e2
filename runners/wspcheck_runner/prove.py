"""`wspcheck prove`: each mutant against the suite, beside the reference."""
from __future__ import annotations

import datetime
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Iterator, Mapping, Optional, Sequence

from . import (
    catalogue,
    channel,
    environment,
    folder as folders,
    hosts,
    mutants,
    profile,
    progress,
    requirements,
)
from .catalogue import Catalogue
from .channel import Channel
from .engine import Engine, Listener, Options
from .errors import SetupError
from .mutants import Mutant
from .profile import Profile
from .proof import Proof, Trial
from .protocol import Hello
from .requirements import Requirements
from .run import interruptible, opened, shown_path
from .selection import Plan, Selection
from .verdict import Job, Result, Verdict

REFERENCE = "reference"
OUTCOME = "prove.json"
SHOWN_FLAWS = 40
LOG_WIDTH = 160
"""Of the table where there is no terminal."""


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    mutants: tuple[str, ...]
    options: Options
    out: Optional[Path]


def prove(request: Request) -> int:
    """Proves it and writes down how; the exit code is 0, 1 or 3."""
    started = datetime.datetime.now().astimezone()
    clock = time.monotonic()
    reference = profile.load(profile.find(REFERENCE))
    known = requirements.load()
    folder = (
        folders.chosen(request.out) if request.out else folders.fresh(started, "proof")
    )
    here = channel.here()
    with opened(here, request.options.workers), interruptible():
        declared = mutants.load(here)
        mutants.check(declared, reference, known)
        chosen, left_out = _possible(mutants.choose(declared, request.mutants))
        prover = Prover(
            catalogue.load(here), known, reference, here, request.options, [folder]
        )
        try:
            proof = prover.prove(chosen, is_whole=not request.mutants)
            proof = replace(proof, notes=(*left_out, *proof.notes))
        except SetupError:
            folder.discard()
            raise
        suite = environment.suite(prover.hello)
    wall_s = time.monotonic() - clock
    data = proof.as_json(started.isoformat(timespec="seconds"), wall_s, suite)
    folder.conclude(OUTCOME, data)
    show(proof, wall_s, folder.path / OUTCOME)
    return proof.exit_code


def _possible(chosen: Sequence[Mutant]) -> tuple[tuple[Mutant, ...], tuple[str, ...]]:
    """Those that can be on this host, and what is said of the others."""
    host = hosts.current().id
    possible = tuple(one for one in chosen if one.can_be_on(host))
    left_out = tuple(
        f"{one.id} cannot be on {host}" for one in chosen if one not in possible
    )
    if not possible:
        raise SetupError("; ".join(left_out))
    return possible, left_out


class Prover:
    """Runs the reference and then the mutants, and holds the two together."""

    def __init__(
        self,
        cases: Catalogue,
        known: Requirements,
        reference: Profile,
        here: Channel,
        options: Options,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.hello: Optional[Hello] = None
        self._cases = cases
        self._known = known
        self._reference = reference
        self._channel = here
        self._options = options
        self._listeners = listeners

    def prove(self, chosen: Sequence[Mutant], is_whole: bool) -> Proof:
        """The proof; an interruption leaves it incomplete."""
        used = {entry for mutant in chosen for entry in mutant.entries}
        entries = tuple(one for one in self._reference.entries if one.id in used)
        reference = self._plan(replace(self._reference, entries=entries))
        first = self._run([reference], one_refusal_ends_all=True)
        self.hello = first.hellos.get(reference.profile.name)
        plans = [self._plan(one.profile(self._reference), one.runs) for one in chosen]
        needed: list[Plan] = []
        second = None
        if first.is_complete:
            needed = [self._needed(plan, first.results) for plan in plans]
            second = self._run(needed, one_refusal_ends_all=False)
        results = dict(second.results) if second else {}
        said = [*second.gave_up, *second.incidents] if second else []

        def trials() -> list[Trial]:
            return [
                self._trial(mutant, plan, results, first.results, said)
                for mutant, plan in zip(chosen, plans)
            ]

        notes = list(self._ask_again(plans, trials(), results))
        return Proof(
            trials=trials(),
            reference=[first.results[j] for j in reference.jobs if j in first.results],
            requirements=self._known,
            is_whole=is_whole,
            complete=second is not None
            and all(job in results for plan in needed for job in plan.jobs),
            incidents=(*first.gave_up, *first.incidents),
            notes=(*first.notes, *(second.notes if second else ()), *notes),
        )

    def _ask_again(
        self, plans: Sequence[Plan], trials: Sequence[Trial], results: dict[Job, Result]
    ) -> Iterator[str]:
        """Runs the cases a second time whose verdict is not what is declared, in a
        process of their own, and says which came out otherwise: those were no matter of
        the mutant."""
        disputed = [
            replace(plan, jobs=tuple(trial.disputed))
            for plan, trial in zip(plans, trials)
            if trial.disputed
        ]
        if not disputed:
            return
        again = self._run(disputed, one_refusal_ends_all=False)
        for job, result in again.results.items():
            before = results[job].verdict
            results[job] = result
            if result.verdict is not before:
                yield f"{job}: first {before.value}, then {result.verdict.value}"

    def _plan(
        self, one: Profile, runs: Callable[[str], bool] = lambda case: True
    ) -> Plan:
        jobs = (
            Job(one.name, entry, case)
            for entry in one.entry_ids()
            for case in self._cases
            if runs(case)
        )
        return Plan(one, None, tuple(jobs))

    def _needed(self, plan: Plan, reference: Mapping[Job, Result]) -> Plan:
        """Without what does not apply: that is a matter of the entry, not of what is
        behind it."""
        jobs = (
            job
            for job in plan.jobs
            if reference[self._counterpart(job)].verdict is not Verdict.NOT_APPLICABLE
        )
        return replace(plan, jobs=tuple(jobs))

    def _counterpart(self, job: Job) -> Job:
        return job._replace(profile=self._reference.name)

    def _trial(
        self,
        mutant: Mutant,
        plan: Plan,
        results: Mapping[Job, Result],
        reference: Mapping[Job, Result],
        said: Sequence[str],
    ) -> Trial:
        return Trial(
            mutant,
            plan.jobs,
            {job: results[job] for job in plan.jobs if job in results},
            {
                job: reference[self._counterpart(job)]
                for job in plan.jobs
                if self._counterpart(job) in reference
            },
            tuple(_of(mutant, said)),
        )

    def _run(self, plans: Sequence[Plan], one_refusal_ends_all: bool) -> Engine:
        chosen = Selection(tuple(plans), self._cases, self._known)
        options = replace(self._options, one_refusal_ends_all=one_refusal_ends_all)
        shown = progress.progress(len(chosen.jobs), lambda result: False)
        engine = Engine(chosen, self._channel, options, [*self._listeners, shown])
        try:
            engine.start()
            for job in chosen.jobs:
                engine.wait(job)
        except KeyboardInterrupt:
            print("wspcheck: interrupted; writing what there is", file=sys.stderr)
        finally:
            engine.stop()
            shown.close()
        return engine


def _of(mutant: Mutant, said: Sequence[str]) -> Iterator[str]:
    """What the engine said of this one: it puts the profile's name in front."""
    start = f"{mutant.id}: "
    return (what[len(start) :] for what in said if what.startswith(start))


def show(proof: Proof, wall_s: float, path: Path) -> None:
    """The table, what is wrong, and the outcome in one line."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = LOG_WIDTH
    table = Table("mutant", "breaks", "red", "killed by", box=None, pad_edge=False)
    for trial in proof.trials:
        killer = trial.killer
        by = f"{killer.job.entry} {killer.job.case}" if killer else ""
        table.add_row(
            f"[{'red' if trial.flaws else 'green'}]{escape(trial.mutant.id)}[/]",
            " ".join(trial.mutant.breaks),
            str(len(trial.reds)),
            escape(by) if not trial.flaws else "[red]not as declared[/]",
        )
    console.print(table)
    for note in proof.notes:
        console.print(f"[dim]note:[/] {escape(note)}")
    for flaw in proof.flaws[:SHOWN_FLAWS]:
        console.print(f"[red]{flaw.kind.value}:[/] {escape(flaw.sentence)}")
    if len(proof.flaws) > SHOWN_FLAWS:
        console.print(f"and {len(proof.flaws) - SHOWN_FLAWS} more, see {OUTCOME}")
    if not proof.complete:
        console.print("[red]The proof is incomplete.[/]")
    word = "proved" if proof.exit_code == 0 else "not proved"
    console.print(f"proof {escape(str(shown_path(path)))}")
    console.print(f"{word}: {escape(proof.summary)}, {wall_s:.0f} s")
