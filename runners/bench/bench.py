"""Compare the reference provider with ws2_32 itself, and with its lower layer.

Every figure compares two measurements of the same run: a ratio, or for memory a
difference. Nothing is asserted: the table and the file say what was met.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from wspcheck_runner import channel, places  # noqa: E402
from wspcheck_runner.errors import SetupError  # noqa: E402

BARE, REFERENCE, BRIDGE = "bare", "wspref.dll", "wsbridge.dll"
PROCESS_LIMIT_S = 900.0
VERDICTS = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}


@dataclass(frozen=True)
class Reading:
    """One measurement: what wspbench.exe calls it, and of whom."""

    figure: str
    subject: str


@dataclass(frozen=True)
class Comparison:
    """What the figure is, and what is wanted of it."""

    name: str
    title: str
    of: Reading
    to: Reading
    target: float | None  # None: only for the reader
    at_least: bool = False
    unit: str = "x"  # "x": of / to; "KiB": of - to, bytes

    def value(self, of: float, to: float) -> float:
        """The comparison of two measurements of one round."""
        return (of - to) / 1024 if self.unit == "KiB" else of / to

    def is_met(self, value: float) -> bool | None:
        """Whether this value is as good as wanted."""
        if self.target is None:
            return None
        return value >= self.target if self.at_least else value <= self.target

    def target_text(self) -> str:
        """The target in words."""
        if self.target is None:
            return ""
        return (
            f"{'at least' if self.at_least else 'at most'} {self.target:g} {self.unit}"
        )


@dataclass(frozen=True)
class Job:
    """Figures that are measured together: in the same process, in turn."""

    figures: tuple[str, ...]
    subjects: tuple[str, ...]
    rounds: int
    processes: int = 1


def against_bare(figure: str, title: str, target: float, **more: Any) -> Comparison:
    """The reference provider's figure, compared to ws2_32's."""
    of, to = Reading(figure, REFERENCE), Reading(figure, BARE)
    return Comparison(figure, title, of, to, target, **more)


def crowd(size: int, subject: str = REFERENCE) -> Comparison:
    """An event's cost in a large crowd, compared to the same in a crowd of ten."""
    of, to = Reading(f"event_of_{size}_us", subject), Reading("event_of_10_us", subject)
    title = f"one network event with {size} connections, to 10"
    if subject == REFERENCE:
        return Comparison(f"event_of_{size}", title, of, to, 1.5)
    return Comparison(f"event_of_{size}_bare", f"{title} (ws2_32)", of, to, None)


COMPARISONS = (
    against_bare(
        "tcp4_64k_send_mb_per_s", "tcp4, throughput of 64 KiB sends", 0.9, at_least=True
    ),
    against_bare("tcp4_ping_pong_1_us", "tcp4, ping-pong of 1 byte", 1.25),
    against_bare("tcp4_ping_pong_64_us", "tcp4, ping-pong of 64 bytes", 1.25),
    against_bare("udp4_ping_pong_1_us", "udp4, ping-pong of 1 byte", 1.25),
    against_bare("udp4_ping_pong_64_us", "udp4, ping-pong of 64 bytes", 1.25),
    against_bare("connect_accept_close_us", "tcp4, connect, accept and close", 1.5),
    crowd(1000),
    crowd(5000),
    crowd(1000, BARE),
    crowd(5000, BARE),
    Comparison(
        "idle_socket",
        "memory of an idle connection above the lower layer's",
        Reading("idle_socket_bytes", REFERENCE),
        Reading("idle_socket_bytes", BRIDGE),
        8.0,
        unit="KiB",
    ),
    against_bare(
        "isotp_8k_mb_per_s",
        "isotp, throughput of 8 KiB messages, to TCP",
        0.7,
        at_least=True,
    ),
    against_bare(
        "isotp_stream_8k_mb_per_s",
        "isotp-stream, throughput of 8 KiB sends, to TCP",
        0.7,
        at_least=True,
    ),
    Comparison(
        "isotp_idle",
        "memory of one end of an idle ISO connection above TCP's",
        Reading("isotp_idle_bytes", REFERENCE),
        Reading("isotp_idle_bytes", BRIDGE),
        None,
        unit="KiB",
    ),
    Comparison(
        "recv_disconnect",
        "WSPRecvDisconnect, to the bridge's WSPShutdown(SD_RECEIVE)",
        Reading("recv_disconnect_us", REFERENCE),
        Reading("shutdown_us", BRIDGE),
        1.0,
    ),
)


def jobs(short: bool) -> list[Job]:
    """What is started, one after the other."""
    traffic = tuple(
        one.name for one in COMPARISONS if one.of.figure == one.to.figure == one.name
    )
    events = tuple(f"event_of_{size}_us" for size in (10, 1000, 5000))
    # Memory is measured in a process that did nothing before.
    idle = [
        Job((figure,), (one,), 1, 5)
        for figure in ("idle_socket_bytes", "isotp_idle_bytes")
        for one in (REFERENCE, BRIDGE)
    ]
    return [
        Job(traffic, (BARE, REFERENCE), 5 if short else 11),
        Job(events, (BARE, REFERENCE), 5),
        Job(("recv_disconnect_us", "shutdown_us"), (REFERENCE, BRIDGE), 5),
        *idle,
    ]


def arguments_of(job: Job, short: bool) -> Iterator[str]:
    """The command line of wspbench.exe."""
    if short:
        yield "--brief"
    yield from ("--rounds", str(job.rounds))
    for figure in job.figures:
        yield from ("--figure", figure)
    yield from job.subjects


def run_process(here: channel.Channel, arguments: Iterable[str]) -> str:
    """What wspbench.exe printed."""
    program = here.path(places.binaries() / "wspbench.exe")
    with tempfile.TemporaryFile() as output:
        process = here.start([program, *arguments], output)
        try:
            code = process.wait(PROCESS_LIMIT_S)
        finally:
            if process.poll() is None:
                here.kill(process)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if code:
        raise SetupError(f"wspbench.exe ended with {code}: {text.strip()[-300:]}")
    return text


def measure(
    here: channel.Channel, short: bool, console: Console
) -> dict[Reading, list[float]]:
    """All measurements, in the order of their rounds."""
    values: dict[Reading, list[float]] = {}
    for job in jobs(short):
        console.print(f"measuring {', '.join(job.figures)}", style="dim")
        for _ in range(job.processes):
            for line in run_process(here, arguments_of(job, short)).splitlines():
                if line.startswith("{"):
                    row = json.loads(line)
                    key = Reading(row["figure"], row["subject"])
                    values.setdefault(key, []).append(row["value"])
    return values


def compare(values: dict[Reading, list[float]]) -> Iterator[dict[str, Any]]:
    """A row for each comparison that was measured."""
    for one in COMPARISONS:
        if one.of not in values or one.to not in values:
            continue
        rounds = [one.value(*pair) for pair in zip(values[one.of], values[one.to])]
        result = statistics.median(rounds)
        yield {
            "name": one.name,
            "title": one.title,
            "value": round(result, 4),
            "unit": one.unit,
            "rounds": [round(value, 4) for value in rounds],
            "target": one.target,
            "target_text": one.target_text(),
            "met": one.is_met(result),
        }


def show(rows: list[dict[str, Any]], console: Console) -> None:
    """The table."""
    table = Table(title="The reference provider, measured")
    for heading, justify in (
        ("figure", "left"),
        ("median", "right"),
        ("rounds", "right"),
        ("target", "left"),
        ("", "left"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for row in rows:
        low, high = min(row["rounds"]), max(row["rounds"])
        table.add_row(
            row["title"],
            f"{row['value']:.3g} {row['unit']}",
            f"{low:.3g} to {high:.3g}",
            row["target_text"],
            VERDICTS[row["met"]],
        )
    console.print(table)


def report(rows: list[dict[str, Any]], platform: str, short: bool) -> dict[str, Any]:
    """The object of bench.json (reports/schema/bench.schema.json)."""
    return {
        "schema": 1,
        "platform": platform,
        "processors": os.cpu_count(),
        "short": short,
        "figures": rows,
    }


def write(data: dict[str, Any]) -> Path:
    """reports/local/bench.json."""
    path = places.LOCAL_REPORTS / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=2) + "\n")
    return path


def main() -> int:
    """Measures and reports; the figures do not decide the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--short",
        action="store_true",
        help="only look whether it works: few repetitions, no crowd of 5000",
    )
    short = parser.parse_args().short
    # A pipe has no width of its own; the table needs about this much.
    console = Console(width=None if sys.stdout.isatty() else 118)
    here = channel.here()
    try:
        here.open()
        try:
            rows = list(compare(measure(here, short, console)))
            platform = here.version()
        finally:
            here.close()
    except SetupError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    show(rows, console)
    path = write(report(rows, platform, short))
    console.print(f"written to {places.for_reader(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
