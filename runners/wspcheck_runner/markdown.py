"""summary.md: the run on one page, for a pull request or a job's summary."""
from __future__ import annotations

from typing import Iterator

from .summary import ProviderSummary, Summary
from .verdict import Result, Verdict


def render(summary: Summary) -> str:
    """The page."""
    return "\n".join(_page(summary)) + "\n"


def _page(summary: Summary) -> Iterator[str]:
    yield "# wspcheck"
    yield ""
    for provider in summary.providers:
        yield f"* {provider.sentence}"
    yield ""
    yield from _counts(summary)
    if summary.surprises:
        yield ""
        yield "## Not as expected"
        yield ""
        yield from (f"* {_text(surprise)}" for surprise in summary.surprises)
    if summary.notes:
        yield ""
        yield "## Notes"
        yield ""
        yield from (f"* {_text(note)}" for note in summary.notes)
    for provider in summary.providers:
        yield from _provider(provider)


def _counts(summary: Summary) -> Iterator[str]:
    used = [v for v in Verdict if any(p.counts.get(v) for p in summary.providers)]
    words = ["provider", *(verdict.value for verdict in used)]
    inherited = any(provider.inherited for provider in summary.providers)
    words += ["inherited"] if inherited else []
    yield f"| {' | '.join(words)} |"
    yield f"|---{'|--:' * (len(words) - 1)}|"
    for provider in summary.providers:
        numbers = [str(provider.counts.get(verdict, 0)) for verdict in used]
        numbers += [str(len(provider.inherited))] if inherited else []
        yield f"| {' | '.join([provider.name, *numbers])} |"


def _provider(provider: ProviderSummary) -> Iterator[str]:
    yield ""
    yield f"## {_text(provider.title)}"
    yield ""
    yield "The worst verdict of all cases that check a requirement on an entry;"
    yield "not-applicable: the protocol lacks what they are about; -: there is no case."
    yield ""
    yield f"| requirement | level | {' | '.join(provider.plan.profile.entry_ids())} |"
    yield f"|---|---{'|---' * len(provider.plan.profile.entries)}|"
    for ident, standing in provider.standings.items():
        cells = [
            standing.entries[entry].value if entry in standing.entries else "-"
            for entry in provider.plan.profile.entry_ids()
        ]
        yield f"| {' | '.join([ident, standing.requirement.level, *cells])} |"
    if provider.network:
        yield ""
        yield "### On the network"
        yield ""
        yield from (
            f"* {entries}: {_text(text)}"
            for entries, text in provider.network_in_words.items()
        )
    deviations = [one for one in provider.results if one.verdict.deviates]
    if deviations:
        yield ""
        yield "### Deviations"
        yield ""
        yield from (_deviation(one) for one in deviations)


def _deviation(result: Result) -> str:
    known = f" *Known: {_text(result.baseline)}*" if result.baseline else ""
    if result.inherited:
        known += f" *Inherited from {_text(result.inherited)}.*"
    return (
        f"* **{result.verdict.value}** `{result.job.entry}/{result.job.case}` "
        f"({', '.join(result.requirements)}): {_text(result.why)}{known}"
    )


def _text(text: str) -> str:
    """Without line breaks, and without what Markdown would take for markup."""
    flat = " ".join(text.split())
    for sign in ("\\", "`", "*", "_", "<", "|"):
        flat = flat.replace(sign, "\\" + sign)
    return flat
