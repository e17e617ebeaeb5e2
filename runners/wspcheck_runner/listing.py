"""`wspcheck list` and `wspcheck show`: what there is to test and why."""
from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Sequence

from . import catalogue, channel, places, requirements, selection
from .errors import SetupError, near
from .profile import load as load_profile
from .protocol import Case
from .requirements import Requirement, Requirements
from .selection import Wanted


@dataclass(frozen=True)
class Known:
    """All cases and all requirements."""

    cases: catalogue.Catalogue
    requirements: Requirements


def known() -> Known:
    """Asks the suite, if it has not been asked before."""
    cases = catalogue.kept()
    if cases is None:
        here = channel.here()
        try:
            here.open()
            cases = catalogue.load(here)
        finally:
            here.close()
    return Known(cases, requirements.load())


def cases(wanted: Wanted) -> Iterator[str]:
    """A line a case: its id and the requirements that it checks."""
    everything = known()
    for ident in selection.chosen_cases(
        everything.cases, everything.requirements, wanted
    ):
        yield f"{ident}  [{' '.join(everything.cases[ident].requirements)}]"


def all_requirements() -> Iterator[str]:
    """A line a requirement: id, level, paraphrase."""
    for ident, one in requirements.load().items():
        yield f"{ident:<6} {one.level:<8} {one.text}"


def profiles() -> Iterator[str]:
    """A line a profile: name, entries, title."""
    for path in sorted(places.PROFILES.glob("*.toml")):
        try:
            one = load_profile(path)
        except SetupError as error:
            yield f"{path.stem:<16} cannot be used here: {error}"
        else:
            yield f"{path.stem:<16} {one.title} ({', '.join(one.entry_ids())})"


def show(name: str) -> Iterator[str]:
    """Everything about a case or a requirement."""
    everything = known()
    if name in everything.requirements:
        return _requirement(everything.requirements[name], everything.cases)
    if name in everything.cases:
        return _case(everything.cases[name], everything.requirements)
    ids = [*everything.requirements, *everything.cases]
    raise SetupError(f'there is no case or requirement "{name}"{near(name, ids)}')


def _requirement(one: Requirement, all_cases: catalogue.Catalogue) -> Iterator[str]:
    yield f"{one.id} ({one.function}; {one.level}: {requirements.LEVELS[one.level]})"
    yield f"  {one.text}"
    yield from _labelled("source", one.sources)
    yield from _labelled("conforms", one.conforming)
    allowed = [f"{two.outcome} (by {two.page})" for two in one.tolerated]
    yield from _labelled("tolerated", allowed)
    yield from _labelled("open", [one.open])
    yield from _labelled("note", [one.note])
    yield from _labelled("not tried", [one.limits])
    yield from _labelled("no case", [one.without_case])
    yield from _labelled("no mutant", [one.without_mutant])
    checking = [case.id for case in all_cases.values() if one.id in case.requirements]
    yield from _labelled("cases", checking)
    yield from _last_verdicts("requirement", one.id)


def _case(one: Case, all_requirements: Requirements) -> Iterator[str]:
    yield one.id
    yield from _labelled("applies to", [one.applies])
    yield from _labelled("source", [f"{one.file}:{one.line}"])
    for ident in one.requirements:
        if ident in all_requirements:
            checked = all_requirements[ident]
            yield from _labelled(
                "checks", [f"{ident} ({checked.level}) {checked.text}"]
            )
    yield from _labelled("run it", [f"runners/run --case {one.id}"])
    yield from _last_verdicts("case", one.id)


def _labelled(label: str, texts: Sequence[str]) -> Iterator[str]:
    label += ":"
    for text in texts:
        if text:
            yield f"  {label:<12} {text}"
            label = ""


def _last_verdicts(kind: str, ident: str) -> Iterator[str]:
    """What the latest run said, if there was one."""
    try:
        text = (places.LOCAL_REPORTS / "latest" / "results.jsonl").read_text("utf-8")
    except OSError:
        return
    found = (json.loads(line) for line in text.splitlines())
    verdicts = [one for one in found if _is_about(one, kind, ident)]
    shown = [
        f"{one['verdict']:<15}{one['profile']}/{one['entry']}"
        + (f" {one['case']}" if kind == "requirement" else "")
        for one in verdicts
    ]
    yield from _labelled("latest run", shown)


def _is_about(line: Mapping[str, Any], kind: str, ident: str) -> bool:
    about = line["requirements"] if kind == "requirement" else [line["case"]]
    return ident in about
