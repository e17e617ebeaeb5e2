"""What it costs to look at packets, and whether what is seen is the same each time.

The cost is the time of a default run with captures, compared with one without in the
same round. Nothing is asserted: the tables say what was met.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from wspcheck_runner import catalogue, channel, places  # noqa: E402
from wspcheck_runner.errors import SetupError  # noqa: E402

WSPCHECK = places.REPOSITORY / "runners" / "wspcheck"
RUN_LIMIT_S = 900.0
TARGET = 1.25
WORKERS = 8

Verdicts = dict[str, tuple[str, str]]
"""By job, the verdict and why."""


def run(folder: Path, *arguments: str) -> Path:
    """A run of the suite; gives its folder."""
    command = [str(WSPCHECK), "run", "--out", str(folder), *arguments]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=RUN_LIMIT_S,
    )
    if not (folder / "summary.json").is_file():
        raise SetupError(f"a run ended with {done.returncode}: {done.stdout[-300:]}")
    return folder


def wall_s(folder: Path) -> float:
    """How long a run took."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return float(summary["wall_s"])


def verdicts(folder: Path) -> Verdicts:
    """What a run found, by profile, entry and case."""
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    results = (json.loads(line) for line in lines)
    return {
        f"{one['profile']}/{one['entry']}/{one['case']}": (
            one["verdict"],
            one["message"],
        )
        for one in results
    }


def cost(rounds: int, console: Console) -> dict[str, Any]:
    """The figure of bench.json; who is first changes from round to round."""
    ratios = []
    for number in range(rounds):
        took: dict[bool, float] = {}
        for captured in (number % 2 == 0, number % 2 == 1):
            with tempfile.TemporaryDirectory() as folder:
                option = () if captured else ("--no-wire",)
                took[captured] = wall_s(run(Path(folder) / "out", *option))
        ratios.append(took[True] / took[False])
        console.print(
            f"round {number + 1}: {took[True]:.1f} s with captures, "
            f"{took[False]:.1f} s without: {ratios[-1]:.3f}"
        )
    return figure(ratios)


def figure(ratios: Sequence[float]) -> dict[str, Any]:
    """The cost as a figure (reports/schema/bench.schema.json)."""
    value = statistics.median(ratios)
    return {
        "name": "captures",
        "title": "default run with captures, to --no-wire",
        "value": round(value, 4),
        "unit": "x",
        "rounds": [round(one, 4) for one in ratios],
        "target": TARGET,
        "target_text": f"at most {TARGET:g} x",
        "met": value <= TARGET,
    }


def cases() -> list[str]:
    """Those that claim something about packets."""
    here = channel.here()
    known = catalogue.kept()
    if known is None:
        here.open()
        try:
            known = catalogue.load(here)
        finally:
            here.close()
    return [case.id for case in known.values() if case.wire]


def stability(times: int, console: Console) -> None:
    """Runs all cases about packets again and again, eight at a time."""
    wanted = [part for case in cases() for part in ("--case", case)]
    runs = []
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            runs.append(verdicts(run(out, "--jobs", str(WORKERS), *wanted)))
        counts = Counter(verdict for verdict, _ in runs[-1].values())
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        console.print(f"run {number + 1}: {told}", style="dim")
    for line in stability_lines(runs):
        console.print(line)


def stability_lines(runs: Sequence[Verdicts]) -> Iterator[str]:
    """How many verdicts were the same in all runs, and which were not."""
    jobs = sorted({job for one in runs for job in one})
    none = ("none", "it was not run")
    seen = {job: Counter(one.get(job, none)[0] for one in runs) for job in jobs}
    unequal = {job: counts for job, counts in seen.items() if len(counts) > 1}
    yield (
        f"{len(jobs) - len(unequal)} of {len(jobs)} verdicts equal in {len(runs)} runs "
        f"with {WORKERS} workers"
    )
    for job, counts in unequal.items():
        told = ", ".join(f"{count} x {verdict}" for verdict, count in counts.items())
        yield f"  {job}: {told}"
        usual = counts.most_common(1)[0][0]
        found = (one.get(job, none) for one in runs)
        yield from (f"    {v}: {why}" for v, why in found if v != usual)


def show(row: dict[str, Any], console: Console) -> None:
    """The figure as a table."""
    table = Table("figure", "median", "rounds", "target", "")
    low, high = min(row["rounds"]), max(row["rounds"])
    table.add_row(
        row["title"],
        f"{row['value']:.3g} x",
        f"{low:.3g} to {high:.3g}",
        row["target_text"],
        "[green]met[/]" if row["met"] else "[red]missed[/]",
    )
    console.print(table)


def main() -> int:
    """Measures and reports; the figures do not decide the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--captures", action="store_true", help="what captures cost")
    what.add_argument(
        "--stability", action="store_true", help="whether verdicts stay the same"
    )
    parser.add_argument(
        "--times", type=int, help="rounds (default 5), or runs (default 20)"
    )
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 118, highlight=False)
    try:
        if options.stability:
            stability(options.times or 20, console)
            return 0
        row = cost(options.times or 5, console)
    except SetupError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    show(row, console)
    here = channel.here()
    path = places.LOCAL_REPORTS / "bench-captures.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "schema": 1,
        "platform": here.version(),
        "processors": os.cpu_count(),
        "short": False,
        "figures": [row],
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    console.print(f"written to {places.for_reader(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
