"""index.html: the report as one file that opens without a network."""
from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from . import places
from .requirements import LEVELS, Requirement, Requirements
from .summary import ProviderSummary, Summary
from .verdict import Job, Result, Verdict

TEMPLATE = "index.html"
LETTERS = {
    Verdict.PASS: "P",
    Verdict.TOLERATED: "T",
    Verdict.FAIL: "F",
    Verdict.CRASH: "C",
    Verdict.TIMEOUT: "H",
    Verdict.BLOCKED: "B",
    Verdict.NOT_APPLICABLE: "–",
}
"""Also the order of the legend. H: it hangs; T is taken."""

GROUPS = (
    ("Deviations", (Verdict.CRASH, Verdict.TIMEOUT, Verdict.FAIL)),
    ("Tolerated", (Verdict.TOLERATED,)),
    ("Could not be tested", (Verdict.BLOCKED,)),
)


@dataclass(frozen=True)
class Cell:
    """One verdict of a matrix."""

    verdict: Optional[Verdict]
    label: str
    href: str

    @property
    def letter(self) -> str:
        """What stands in it, so that nothing rests on colour."""
        return LETTERS[self.verdict] if self.verdict else ""


@dataclass(frozen=True)
class Row:
    """A line of a matrix: a requirement or a case, with a cell a provider and entry."""

    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Section:
    """All about one requirement."""

    requirement: Requirement
    row: Row
    cases: Sequence[Row]


@dataclass(frozen=True)
class Finding:
    """Verdicts of one provider that say the same of the same requirements."""

    results: Sequence[Result]

    @property
    def first(self) -> Result:
        """The one whose evidence is shown."""
        return self.results[0]

    @property
    def entries(self) -> list[str]:
        """On which it was found."""
        return list(dict.fromkeys(one.job.entry for one in self.results))

    @property
    def cases(self) -> dict[str, list[Result]]:
        """By case, its entries."""
        found: dict[str, list[Result]] = {}
        for one in self.results:
            found.setdefault(one.job.case, []).append(one)
        return found


@dataclass(frozen=True)
class Group:
    """Findings of one kind."""

    title: str
    are_deviations: bool
    by_provider: Mapping[str, Sequence[Finding]]


def render(
    summary: Summary,
    environment: Mapping[str, Any],
    requirements: Requirements,
    folder: Path = Path(),
) -> str:
    """The page; pictures of packets are found in the run's folder."""
    jinja = Environment(
        loader=FileSystemLoader(places.TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    jinja.filters["anchor"] = anchor
    jinja.filters["picture"] = functools.partial(_picture, folder)
    jinja.filters["linked"] = _Linker(requirements)
    jinja.filters["slug"] = lambda verdict: verdict.value if verdict else "unchecked"
    jinja.globals.update(letters=LETTERS, levels=LEVELS, requirements=requirements)
    return jinja.get_template(TEMPLATE).render(
        summary=summary,
        environment=environment,
        sections=list(_sections(summary, requirements)),
        groups=list(_findings(summary)),
        again={one.name: _profile_argument(one) for one in summary.providers},
    )


def anchor(job: Job) -> str:
    """The id of a verdict's section."""
    return f"v-{job.profile}-{job.entry}-{job.case}"


def _picture(folder: Path, name: str) -> Markup:
    """A drawing without its first line, which names the style that the page has."""
    try:
        text = (folder / name).read_text(encoding="utf-8") if name else ""
    except OSError:
        text = ""
    return Markup(text.partition("\n")[2])


class _Linker:
    """Turns requirement ids in a text into links to their sections."""

    def __init__(self, requirements: Requirements) -> None:
        ids = "|".join(re.escape(one) for one in requirements)
        self._pattern = re.compile(rf"(?<![\w-])({ids})(?![\w-])")

    def __call__(self, text: str) -> Markup:
        escaped = str(escape(text))
        return Markup(self._pattern.sub(r'<a href="#\1">\1</a>', escaped))


def _sections(summary: Summary, requirements: Requirements) -> Iterator[Section]:
    relevant = {ident for one in summary.providers for ident in one.standings}
    for ident in (one for one in requirements if one in relevant):
        cases = {
            result.job.case
            for result in summary.results
            if ident in result.requirements
        }
        ordered = dict.fromkeys(
            result.job.case for result in summary.results if result.job.case in cases
        )
        results = {result.job: result for result in summary.results}
        yield Section(
            requirement=requirements[ident],
            row=Row(ident, list(_requirement_cells(ident, summary))),
            cases=[
                Row(case, list(_case_cells(case, summary, results))) for case in ordered
            ],
        )


def _requirement_cells(ident: str, summary: Summary) -> Iterator[Cell]:
    for provider in summary.providers:
        standing = provider.standings.get(ident)
        for entry in provider.plan.profile.entry_ids():
            verdict = standing.entries.get(entry) if standing else None
            where = f"{ident}, {provider.title}, {entry}"
            if verdict is None:
                yield Cell(None, f"{where}: no case ran", f"#{ident}")
                continue
            worst = next(
                one
                for one in provider.results
                if one.job.entry == entry
                and one.counted is verdict
                and ident in one.requirements
            )
            label = f"{where}: {verdict.value}"
            yield Cell(verdict, label, f"#{anchor(worst.job)}")


def _case_cells(
    case: str, summary: Summary, results: Mapping[Job, Result]
) -> Iterator[Cell]:
    for provider in summary.providers:
        for entry in provider.plan.profile.entry_ids():
            job = Job(provider.name, entry, case)
            result = results.get(job)
            word = result.verdict.value if result else "not run"
            if result and result.inherited:
                word += f", inherited from {result.inherited}"
            label = f"{case}, {provider.title}, {entry}: {word}"
            verdict = result.verdict if result else None
            yield Cell(verdict, label, f"#{anchor(job)}" if result else "")


def _findings(summary: Summary) -> Iterator[Group]:
    for title, verdicts in GROUPS:
        by_provider = {
            provider.title: [one for v in verdicts for one in _alike(provider, v)]
            for provider in summary.providers
        }
        found = {title: some for title, some in by_provider.items() if some}
        if found:
            yield Group(title, verdicts is GROUPS[0][1], found)
    inherited = {p.title: _alike(p, None) for p in summary.providers if p.inherited}
    if inherited:
        yield Group("Inherited from what is below", False, inherited)


def _alike(provider: ProviderSummary, verdict: Optional[Verdict]) -> list[Finding]:
    """Of this verdict; None: what is inherited."""
    groups: dict[tuple[object, ...], list[Result]] = {}
    for one in provider.results:
        if verdict is (one.verdict if one.inherited is None else None):
            same = (one.requirements, one.expected, one.observed, one.baseline)
            extra = one.message if not one.expected else ""
            groups.setdefault((*same, extra), []).append(one)
    return [Finding(results) for results in groups.values()]


def _profile_argument(provider: ProviderSummary) -> str:
    """What `--profile` takes to mean this provider."""
    path = provider.plan.profile.path.resolve()
    if path.parent == places.PROFILES and path.stem == provider.name:
        return provider.name
    return places.for_reader(path)
