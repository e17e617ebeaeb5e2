"""The benchmark: what is made of measurements."""
from __future__ import annotations

import schemas
from bench import bench, wire


def measured(of: list[float], to: list[float]) -> dict[bench.Reading, list[float]]:
    """Rounds of the ping-pong of one byte."""
    figure = "tcp4_ping_pong_1_us"
    return {
        bench.Reading(figure, bench.REFERENCE): of,
        bench.Reading(figure, bench.BARE): to,
    }


def test_each_round_is_compared_with_itself() -> None:
    slow_at_times = measured([110, 1100, 110, 110, 220], [100, 1000, 100, 100, 100])
    (row,) = bench.compare(slow_at_times)
    assert row["rounds"] == [1.1, 1.1, 1.1, 1.1, 2.2]
    assert row["value"] == 1.1
    assert row["met"] is True


def test_a_miss_is_a_miss() -> None:
    (row,) = bench.compare(measured([130] * 5, [100] * 5))
    assert row["met"] is False
    assert row["target_text"] == "at most 1.25 x"


def test_throughput_is_better_when_it_is_more() -> None:
    (throughput,) = [
        one for one in bench.COMPARISONS if one.name.startswith("tcp4_64k")
    ]
    assert throughput.is_met(0.95)
    assert not throughput.is_met(0.85)
    (messages,) = [one for one in bench.COMPARISONS if one.name == "isotp_8k_mb_per_s"]
    assert messages.is_met(0.75)
    assert not messages.is_met(0.65)


def test_memory_is_a_difference() -> None:
    (row,) = bench.compare(
        {
            bench.Reading("idle_socket_bytes", bench.REFERENCE): [3072.0] * 5,
            bench.Reading("idle_socket_bytes", bench.BRIDGE): [1024.0] * 5,
        }
    )
    assert (row["value"], row["unit"]) == (2, "KiB")


def test_the_json_is_as_the_schema_says() -> None:
    rows = list(bench.compare(measured([110] * 5, [100] * 5)))
    schemas.validate("bench", bench.report(rows, "wine-8.0", short=True))


def test_every_comparison_is_measured_by_some_job_five_times() -> None:
    for short in (False, True):
        rounds: dict[bench.Reading, int] = {}
        for job in bench.jobs(short):
            for figure in job.figures:
                for subject in job.subjects:
                    rounds[bench.Reading(figure, subject)] = job.rounds * job.processes
        for one in bench.COMPARISONS:
            assert rounds[one.of] >= 5 and rounds[one.to] >= 5


def test_the_cost_of_captures_is_the_median_of_rounds() -> None:
    row = wire.figure([1.1, 1.6, 1.2, 1.15, 1.24])
    assert row["value"] == 1.2 and row["met"] is True
    assert wire.figure([1.3])["met"] is False
    schemas.validate("bench", bench.report([row], "wine-8.0", short=False))


def test_verdicts_that_change_are_named_and_counted() -> None:
    steady = {"x/tcp4/a": ("pass", ""), "x/tcp4/b": ("fail", "Why.")}
    other = {**steady, "x/tcp4/a": ("fail", "Because.")}
    lines = list(wire.stability_lines([steady, other, steady]))
    assert lines[0] == "1 of 2 verdicts equal in 3 runs with 8 workers"
    assert lines[1:] == ["  x/tcp4/a: 2 x pass, 1 x fail", "    fail: Because."]
    missing = list(wire.stability_lines([steady, {"x/tcp4/a": ("pass", "")}]))
    assert missing[1:] == [
        "  x/tcp4/b: 1 x fail, 1 x none",
        "    none: it was not run",
    ]
