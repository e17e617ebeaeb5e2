"""What a person sees while a run is under way, and at its end."""
from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Callable, Optional, Protocol

from .summary import ProviderSummary, Summary
from .verdict import Job, Result, Verdict

STYLES = {
    Verdict.PASS: "green",
    Verdict.TOLERATED: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.BLOCKED: "magenta",
    Verdict.FAIL: "bold red",
    Verdict.TIMEOUT: "bold red",
    Verdict.CRASH: "bold red",
}
PLAIN_EVERY_S = 5.0

News = Callable[[Result], bool]


class Progress(Protocol):
    """Listens to the engine."""

    def began(self, job: Job) -> None:
        """A case began."""

    def ended(self, result: Result) -> None:
        """A case has its verdict."""

    def close(self) -> None:
        """The run is over."""


class PlainProgress:
    """Lines for a log: what was not expected, and now and then how far we are."""

    def __init__(self, total: int, is_news: News) -> None:
        self._is_news = is_news
        self._total = total
        self._done = 0
        self._started = self._said = time.monotonic()

    def began(self, job: Job) -> None:
        """The first one shows that the set-up is over."""
        if self._done == 0 and self._said == self._started:
            self._say(f"{self._total} verdicts to come, first {job}")

    def ended(self, result: Result) -> None:
        """Says so if the verdict was not expected, or if the last word is long ago."""
        self._done += 1
        if self._is_news(result):
            self._say(f"{result.verdict.value} {result.job}: {result.why}")
        elif time.monotonic() - self._said > PLAIN_EVERY_S:
            elapsed = time.monotonic() - self._started
            self._say(f"{self._done} of {self._total} verdicts after {elapsed:.0f} s")

    def close(self) -> None:
        """Nothing to take down."""

    def _say(self, line: str) -> None:
        self._said = time.monotonic()
        print(line, flush=True)


class RichProgress:
    """A bar with counts, and above it what was not expected."""

    def __init__(self, total: int, is_news: News) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress as Bar,
            TextColumn,
            TimeElapsedColumn,
        )

        self._is_news = is_news
        self._counts: Counter[Verdict] = Counter()
        self._bar = Bar(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=total)
        self._bar.start()

    def began(self, job: Job) -> None:
        """Shows where we are."""
        self._bar.update(self._task, description=f"{self._tally()} [dim]{job}[/]")

    def ended(self, result: Result) -> None:
        """Counts; tells about a verdict that was not expected."""
        from rich.markup import escape

        self._counts[result.verdict] += 1
        if self._is_news(result):
            word = f"[{STYLES[result.verdict]}]{result.verdict.value}[/]"
            self._bar.console.print(
                f"{word} {result.job}: {escape(result.why)}",
                highlight=False,
            )
        self._bar.update(self._task, advance=1)

    def close(self) -> None:
        """Takes the bar down."""
        self._bar.stop()

    def _tally(self) -> str:
        seen = (verdict for verdict in Verdict if self._counts[verdict])
        return " ".join(f"[{STYLES[v]}]{self._counts[v]} {v.value}[/]" for v in seen)


def is_news(result: Result) -> bool:
    """Whether a verdict is worth a line while the run is under way."""
    return result.is_own and result.baseline is None


def progress(total: int, is_news: News = is_news) -> Progress:
    """The fitting one for where stdout goes."""
    if sys.stdout.isatty():
        return RichProgress(total, is_news)
    return PlainProgress(total, is_news)


def conclude(summary: Summary, page: Path) -> None:
    """The last lines of a run."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    for note in summary.notes:
        console.print(f"[dim]note:[/] {escape(note)}")
    for surprise in summary.surprises:
        console.print(f"[red]not as expected:[/] {escape(surprise)}")
    for provider in summary.providers:
        console.print(_counts(provider))
        ids = ", ".join(one.requirement.id for one in provider.broken)
        console.print(f"  does not conform: {ids or 'none'}")
        console.print(f"  {escape(provider.sentence)}")
        for entries, text in provider.network_in_words.items():
            console.print(f"  [dim]on the network, {entries}:[/] {escape(text)}")
    if not summary.complete:
        console.print("[red]The run is incomplete.[/]")
    console.print(
        f"wall time {summary.wall_s:.1f} s, median harness cost of a case "
        f"{_ms(summary.median_harness_ms)} (declared waits not counted)"
    )
    console.print(f"report {escape(str(page))}")


def _counts(provider: ProviderSummary) -> str:
    counts = [
        f"[{STYLES[verdict]}]{count} {verdict.value}[/]"
        for verdict, count in provider.counts.items()
    ]
    if provider.inherited:
        counts.append(f"[dim]{len(provider.inherited)} inherited[/]")
    if provider.not_run:
        counts.append(f"[red]{provider.not_run} not run[/]")
    return f"[bold]{provider.name}[/]: {', '.join(counts)}"


def _ms(value: Optional[float]) -> str:
    return "unknown" if value is None else f"{value:.1f} ms"
