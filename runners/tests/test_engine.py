"""The engine gives each job a verdict, whatever its processes do."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import IO, Any, Callable, Mapping, Optional, Sequence

import pytest

from wspcheck_runner import process
from wspcheck_runner.channel import NOTHING
from wspcheck_runner.batches import Batch, Queue
from wspcheck_runner.engine import Engine, Options
from wspcheck_runner.errors import SetupError
from wspcheck_runner.network import Network
from wspcheck_runner.profile import Entry, Profile
from wspcheck_runner.protocol import Case
from wspcheck_runner.requirements import Requirement
from wspcheck_runner.selection import Plan, Selection
from wspcheck_runner.verdict import Job

STAND_IN = Path(__file__).with_name("stand_in.py")
ENTRY = Entry("tcp4", "TCP", 2, 1, 6, 0x66, 0, 16, 16, None, None)


class StandIn:
    """A channel whose every program is the stand-in."""

    def __init__(self, ground: Path) -> None:
        self.network = Network()
        self.generation = 0
        self.ground = ground
        self._reviving = Lock()
        ground.touch()
        self.started: list[subprocess.Popen[bytes]] = []

    def open(self, workers: int = 1) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""

    def start(
        self,
        arguments: Sequence[str],
        output: IO[bytes],
        environment: Mapping[str, str] = NOTHING,
        source: Optional[IO[bytes]] = None,
    ) -> subprocess.Popen[bytes]:
        """Starts it."""
        command = [sys.executable, str(STAND_IN), *arguments[1:]]
        variables = {**os.environ, **environment, "GROUND": str(self.ground)}
        started = subprocess.Popen(command, stdout=output, stderr=output, env=variables)
        self.started.append(started)
        return self.started[-1]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Ends it."""
        process.kill()
        process.wait()

    def is_alive(self, generation: int) -> bool:
        """All programs stand on one file."""
        return self.ground.exists() and generation == self.generation

    def revive(self, generation: int) -> None:
        """A new file."""
        with self._reviving:
            if generation == self.generation:
                self.ground.touch()
                self.generation += 1

    def path(self, path: Path) -> str:
        """Unchanged."""
        return str(path)

    def local(self, path: str) -> Optional[Path]:
        """Unchanged."""
        return Path(path)

    def version(self) -> str:
        """Not Wine."""
        return "stand-in"


Make = Callable[..., Engine]


def selection(profiles: Sequence[Profile], cases: Sequence[str]) -> Selection:
    """Every case on each provider."""
    plans = (
        Plan(one, None, tuple(Job(one.name, "tcp4", case) for case in cases))
        for one in profiles
    )
    catalogue = {case: Case(case, ("RD-7",), "", "x.c", 1) for case in cases}
    known = {"RD-7": Requirement("RD-7", "F", "must", ("F",), "text", ("x",))}
    return Selection(tuple(plans), catalogue, known)


@pytest.fixture
def channel(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path / "ground")


@pytest.fixture
def make(channel: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """An engine for these cases, with short patience."""
    monkeypatch.setattr(process, "GRACE_S", 0.3)

    def make(
        *cases: str,
        dll: str = "good.dll",
        workers: int = 1,
        limit_s: Optional[float] = 0.5,
        **more: Any,
    ) -> Engine:
        dll = str(tmp_path / dll)
        profile = Profile("x", "X", dll, (ENTRY,), None, tmp_path, **more)
        chosen = selection([profile], cases)
        return Engine(chosen, channel, Options(workers, limit_s))

    return make


@pytest.fixture
def run(make: Make) -> Make:
    """The same, run to its end."""

    def run(*cases: str, **how: Any) -> Engine:
        engine = make(*cases, **how)
        engine.start()
        try:
            for case in cases:
                engine.wait(Job("x", "tcp4", case))
        finally:
            engine.stop()
        return engine

    return run


def verdicts(engine: Engine) -> dict[str, str]:
    return {job.case: result.verdict.value for job, result in engine.results.items()}


def test_every_job_gets_the_verdict_of_its_end_line(run: Make) -> None:
    engine = run("a.pass.1", "a.fail.1", "a.tolerated.1", "a.blocked.1")
    assert list(verdicts(engine).values()) == ["pass", "fail", "tolerated", "blocked"]
    assert engine.is_complete and not engine.incidents
    result = engine.results[Job("x", "tcp4", "a.fail.1")]
    assert result.level == "must" and result.harness_ms == 1.0
    assert result.observations[0].text == "seen"


def test_a_case_that_ends_its_process_is_a_crash_and_the_rest_goes_on(
    run: Make, channel: StandIn
) -> None:
    engine = run("a.pass.1", "a.exits.1", "a.pass.2", "a.is_killed.1", "a.pass.3")
    assert list(verdicts(engine).values()) == ["pass", "crash", "pass", "crash", "pass"]
    exits = engine.results[Job("x", "tcp4", "a.exits.1")]
    assert "exit status 5" in exits.message and "last words" in exits.message
    killed = engine.results[Job("x", "tcp4", "a.is_killed.1")]
    assert "signal 9" in killed.message
    assert len(channel.started) == 3
    assert engine.is_complete and not engine.incidents


def test_a_crash_that_the_suite_reports_itself_is_no_incident(run: Make) -> None:
    engine = run("a.crashes.1", "a.pass.1", "a.crashes.2")
    assert list(verdicts(engine).values()) == ["crash", "pass", "crash"]
    assert engine.is_complete and not engine.incidents


def test_a_case_that_hangs_beyond_the_watchdog_is_a_timeout(run: Make) -> None:
    engine = run("a.pass.1", "a.hangs.1", "a.pass.2")
    assert list(verdicts(engine).values()) == ["pass", "timeout", "pass"]
    result = engine.results[Job("x", "tcp4", "a.hangs.1")]
    assert "0.5 s" in result.message and result.duration_ms >= 500


@pytest.mark.parametrize("limit_s, allowed", [(None, "0.3 s"), (0.4, "0.4 s")])
def test_a_limit_that_was_asked_for_goes_before_that_of_the_profile(
    run: Make, limit_s: Optional[float], allowed: str
) -> None:
    engine = run("a.hangs.1", limit_s=limit_s, case_s=0.3)
    assert allowed in engine.results[Job("x", "tcp4", "a.hangs.1")].expected


def test_lines_without_our_nonce_do_not_count(run: Make) -> None:
    assert verdicts(run("a.forges.1")) == {"a.forges.1": "fail"}


def test_a_process_that_ends_outside_of_any_case_is_an_incident(run: Make) -> None:
    engine = run("a.pass.1", "a.exits_after.1", "a.pass.2")
    assert set(verdicts(engine).values()) == {"pass"}
    assert engine.incidents == [
        "x: the process ended with exit status 9 outside of any case"
    ]


def test_an_end_without_a_beginning_is_never_a_pass(run: Make) -> None:
    engine = run("a.pass.1", "a.orphan.1")
    assert verdicts(engine) == {"a.pass.1": "pass", "a.orphan.1": "blocked"}
    assert not engine.is_complete
    assert "ended without having begun" in engine.gave_up[0]


def test_starts_that_lead_nowhere_are_given_up(run: Make, channel: StandIn) -> None:
    engine = run("a.pass.1", "a.pass.2", dll="never_starts.dll")
    assert set(verdicts(engine).values()) == {"blocked"}
    assert len(channel.started) == 2
    assert not engine.is_complete
    assert "exit status 7" in engine.gave_up[0]


def test_what_was_reached_before_giving_up_stands(run: Make) -> None:
    engine = run("a.pass.1", "a.exits.1", "a.pass.2", dll="starts_once.dll")
    assert list(verdicts(engine).values()) == ["pass", "crash", "blocked"]
    assert not engine.is_complete


def test_a_provider_that_cannot_be_tested_is_the_users_matter(run: Make) -> None:
    with pytest.raises(SetupError, match="x: the DLL has no WSPStartup"):
        run("a.pass.1", dll="refuses.dll")


def test_workers_share_the_jobs(run: Make, channel: StandIn) -> None:
    cases = [f"a.pass.{number}" for number in range(100)]
    engine = run(*cases, workers=3)
    assert engine.is_complete and len(engine.results) == 100
    assert len(channel.started) > 3


def test_stopping_leaves_no_process_and_no_verdict(
    channel: StandIn, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE_S", 3600)
    engine = make("a.pass.1", "a.hangs.1", "a.pass.2")
    engine.start()
    assert engine.wait(Job("x", "tcp4", "a.pass.1"))
    engine.stop()
    assert engine.wait(Job("x", "tcp4", "a.hangs.1")) is None
    assert verdicts(engine) == {"a.pass.1": "pass"}
    assert not engine.is_complete
    assert all(one.poll() is not None for one in channel.started)


def test_what_ran_when_the_system_below_broke_down_is_run_again_alone(
    run: Make, channel: StandIn
) -> None:
    cases = [f"a.pass.{number}" for number in range(40)]
    engine = run(*cases[:20], "a.topples.1", *cases[20:], workers=3)
    assert set(verdicts(engine).values()) == {"pass"} and engine.is_complete
    assert len(verdicts(engine)) == 41 and not engine.incidents
    assert any("a.topples.1" in note and "alone" in note for note in engine.notes)
    assert channel.generation == 1


def test_what_breaks_the_system_down_also_alone_is_blocked(run: Make) -> None:
    engine = run("a.pass.1", "a.always_topples.1", "a.pass.2", workers=2)
    assert list(sorted(verdicts(engine).values())) == ["blocked", "pass", "pass"]
    blocked = engine.results[Job("x", "tcp4", "a.always_topples.1")]
    assert "again when it was run alone" in blocked.message
    assert engine.is_complete


class Counting(StandIn):
    """Knows how many programs ran at a time."""

    def __init__(self, ground: Path) -> None:
        super().__init__(ground)
        self.most = self._now = 0
        self._counting = Lock()

    def start(
        self,
        arguments: Sequence[str],
        output: IO[bytes],
        environment: Mapping[str, str] = NOTHING,
        source: Optional[IO[bytes]] = None,
    ) -> subprocess.Popen[bytes]:
        """Counts it."""
        with self._counting:
            self._now += 1
            self.most = max(self.most, self._now)
        return super().start(arguments, output, environment, source)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """No longer counts it."""
        super().kill(process)
        with self._counting:
            self._now -= 1


def provider(name: str, base: Optional[Profile] = None, **more: Any) -> Profile:
    path = Path(f"/nowhere/{name}.toml")
    return Profile(name, name, "x.dll", (ENTRY,), None, path, base=base, **more)


def test_a_provider_may_limit_how_many_of_its_processes_run(tmp_path: Path) -> None:
    cases = [f"a.pass.{number}" for number in range(60)]
    channel = Counting(tmp_path / "ground")
    chosen = selection([provider("x", most_processes=2)], cases)
    engine = Engine(chosen, channel, Options(workers=4, limit_s=0.5))
    engine.start()
    try:
        for job in chosen.jobs:
            engine.wait(job)
    finally:
        engine.stop()
    assert engine.is_complete and channel.most == 2 < len(channel.started)


def taken(queue: Queue, most: int) -> list[Batch]:
    """Batches that are out at a time, so many at most."""
    found = (queue.take() for _ in range(most))
    return [batch for batch in found if batch]


def test_other_providers_go_on_where_one_has_reached_its_limit() -> None:
    limited, free = provider("limited", most_processes=1), provider("free")
    chosen = selection([limited, free], [f"a.pass.{number}" for number in range(40)])
    queue = Queue(chosen, 4, ())
    out = taken(queue, 4)
    assert [batch.plan.profile.name for batch in out] == ["limited", *["free"] * 3]
    queue.put_back(out[1])
    assert [batch.plan.profile for batch in taken(queue, 1)] == [free]
    queue.put_back(out[0])
    assert [batch.plan.profile for batch in taken(queue, 1)] == [limited]


def test_the_processes_of_layers_are_those_of_their_base() -> None:
    base = provider("base", most_processes=2)
    layers = [provider("one", base), provider("two", base, most_processes=1)]
    chosen = selection([*layers, base], [f"a.pass.{number}" for number in range(40)])
    queue = Queue(chosen, 4, ())
    one, two = out = taken(queue, 4)
    assert [batch.plan.profile.name for batch in out] == ["one", "two"]
    queue.put_back(one)
    assert [batch.plan.profile.name for batch in taken(queue, 4)] == ["base"]
    queue.put_back(two)
    assert [batch.plan.profile.name for batch in taken(queue, 4)] == ["one"]


OWN: Mapping[str, Any] = {"address6": "fd00:8::2"}


@pytest.mark.parametrize(
    "profiles, workers, is_judged",
    [
        ([provider("x")], 4, True),
        ([provider("x", **OWN)], 1, True),
        ([provider("x", **OWN)], 4, False),
        ([provider("x", **OWN, most_processes=2)], 4, False),
        ([provider("x", **OWN, most_processes=1)], 4, True),
        ([provider("x", **OWN, most_processes=1), provider("y", **OWN)], 4, False),
        ([provider("x", most_processes=1, address4="127.0.0.1")], 4, False),
    ],
)
def test_packets_are_judged_where_no_other_process_has_their_address(
    channel: StandIn, profiles: list[Profile], workers: int, is_judged: bool
) -> None:
    """Without a network of its own all workers are at 127.0.0.1."""
    chosen = selection(profiles, ["a.pass.1"])
    engine = Engine(chosen, channel, Options(workers))
    assert engine._has_addresses_alone(profiles[0]) == is_judged


def test_a_layer_and_its_base_have_their_address_alone_by_the_limit_of_the_base(
    channel: StandIn,
) -> None:
    for of_base, of_layer, is_judged in ((1, 1, True), (None, 1, False)):
        base = provider("base", **OWN, most_processes=of_base)
        layer = provider("layer", base, **OWN, most_processes=of_layer)
        chosen = selection([layer, base], ["a.pass.1"])
        engine = Engine(chosen, channel, Options(workers=4))
        assert engine._has_addresses_alone(layer) == is_judged
