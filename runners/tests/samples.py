"""Made-up verdicts for tests that need no provider."""
from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Mapping, Optional, Sequence

from wspcheck_runner.baseline import Baseline
from wspcheck_runner.profile import Entry, Profile
from wspcheck_runner.protocol import Case
from wspcheck_runner.requirements import Requirement, level_of
from wspcheck_runner.selection import Plan, Selection, Wanted
from wspcheck_runner.summary import Summary, summarize
from wspcheck_runner.verdict import Job, Result, Verdict

REQUIREMENTS = {
    one.id: one
    for one in (
        Requirement("RD-1", "F", "must", ("page",), "It is there.", ("it is",)),
        Requirement("RD-2", "F", "open", ("page",), "Either will do.", ("a", "b")),
        Requirement("RD-3", "F", "should", ("page",), "It is quick.", ("quick",)),
        Requirement("RD-4", "F", "info", ("page",), "It is old.", ("old",)),
        Requirement(
            "RD-10", "F", "must", ("page",), "Unseen.", ("x",), without_case="Why."
        ),
    )
}
CASES = {
    case: Case(case, (requirement,), "every entry", "conformance/cases/x.c", 3)
    for case, requirement in {
        "f.slot.is_there": "RD-1",
        "f.slot.is_callable": "RD-1",
        "f.outcome.either": "RD-2",
        "f.speed.is_quick": "RD-3",
        "f.age.is_old": "RD-4",
    }.items()
}
ENTRIES = ("tcp4", "udp4")

Verdicts = Mapping[tuple[str, str], Verdict]


def selection(
    names: Sequence[str] = ("mine",),
    baseline: Optional[Baseline] = None,
    wanted: Wanted = Wanted(),
) -> Selection:
    """Every case on both entries of these providers."""
    entries = tuple(Entry(e, e, 2, 1, 6, 0, 0, 16, 16, None, None) for e in ENTRIES)
    plans = []
    for name in names:
        path = Path(f"/nowhere/{name}.toml")
        one = Profile(name, f"Provider <{name}>", f"{name}.dll", entries, None, path)
        jobs = tuple(Job(name, entry, case) for entry in ENTRIES for case in CASES)
        plans.append(Plan(one, baseline, jobs))
    return Selection(tuple(plans), CASES, REQUIREMENTS, wanted)


def results(chosen: Selection, verdicts: Verdicts) -> dict[Job, Result]:
    """All pass but those named by entry and case."""
    made = {}
    for plan in chosen.plans:
        for job in plan.jobs:
            verdict = verdicts.get((job.entry, job.case), Verdict.PASS)
            ids = CASES[job.case].requirements
            result = Result(
                job=job,
                verdict=verdict,
                requirements=ids,
                expected="0 & <nothing>",
                observed="SOCKET_ERROR \x01",
                message="" if verdict is Verdict.PASS else f"A {verdict.value}.",
                duration_ms=4.0,
                waits_ms=1.0,
                location="conformance/cases/x.c:4",
                trace=("WSPRecvDisconnect(s=0x204) -> 0", "  WPUx() -> 1"),
                level=level_of(ids, REQUIREMENTS),
            )
            made[job] = replace(result, baseline=plan.reason(result))
    return made


def summary(chosen: Selection, verdicts: Verdicts, complete: bool = True) -> Summary:
    """How such a run came off."""
    return summarize(
        chosen,
        results(chosen, verdicts),
        started=datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone.utc),
        wall_s=12.3,
        complete=complete,
    )
