"""A run survives the death of its runner: whatever moment it is killed at, what it has
written is whole, and `--resume` finishes the rest with the same verdicts."""
from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence
from xml.etree import ElementTree

import pytest
from conftest import WSPCHECK, Finished, wspcheck
from stand_in_runs import Machine, whole_lines
from test_command_line import complaint
from test_interruption import processes_of_the_prefix

from wspcheck_runner import kept, lines, places

SEED = int(os.environ.get("WSPCHECK_SEED", secrets.randbelow(10**6)))
KILLS = {"the stand-in": 85, "Wine": 15}
MARK = "WSPCHECK_POWER_CUT"
PATIENCE_S = 60

Command = Callable[..., list[str]]


@dataclass
class Victim:
    """A run that is killed again and again."""

    command: Command
    begin: Sequence[str]
    environment: Mapping[str, str]
    out: Path
    random: random.Random
    most_lines: int
    """So many verdicts at most are waited for before a kill."""
    longest_s: float
    """So long at most is waited where no verdicts are waited for."""
    kills: int = 0
    early: int = 0
    """Kills before the run had been written down."""
    done: dict[str, dict[str, Any]] = field(default_factory=dict)

    def live(self, kills: int) -> subprocess.CompletedProcess[str]:
        """Until the run has come to its end, killed so often at most. Gives the last
        process."""
        while True:
            began = (self.out / kept.JOURNAL).exists()
            arguments = ["run", "--resume", str(self.out)] if began else self.begin
            with subprocess.Popen(
                self.command(*arguments),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process:
                if self.kills < kills and self._is_cut_short(process):
                    self.kills += 1
                    self.early += not (self.out / kept.JOURNAL).exists()
                    self._check()
                    continue
                stdout, _ = process.communicate(timeout=PATIENCE_S)
                return subprocess.CompletedProcess([], process.returncode, stdout)

    def _is_cut_short(self, process: subprocess.Popen[str]) -> bool:
        """Kills the runner at a random moment; False if it was over before."""
        if self.random.random() < 0.6:
            self._await_verdicts(process, self.random.randint(1, self.most_lines))
            delay = self.random.uniform(0, 0.05)
        else:
            delay = self.random.uniform(0, self.longest_s)
        try:
            process.wait(delay)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True

    def _await_verdicts(self, process: subprocess.Popen[str], number: int) -> None:
        before = len(lines.read(self.out / kept.RESULTS))
        deadline = time.monotonic() + PATIENCE_S
        while process.poll() is None and time.monotonic() < deadline:
            if len(lines.read(self.out / kept.RESULTS)) >= before + number:
                return
            time.sleep(0.005)

    def _check(self) -> None:
        """What is there is whole, and nothing that was there is lost."""
        whole_lines(self.out / kept.JOURNAL, "run")
        found = {}
        for one in whole_lines(self.out / kept.RESULTS, "result"):
            found["/".join((one["profile"], one["entry"], one["case"]))] = one
        lost = [job for job, one in self.done.items() if found.get(job) != one]
        assert lost == []
        self.done = found
        for name in ("summary.json", "environment.json"):
            if (self.out / name).exists():
                json.loads((self.out / name).read_text(encoding="utf-8"))
        if (self.out / "junit.xml").exists():
            ElementTree.parse(self.out / "junit.xml")
        page = self.out / "index.html"
        assert not page.exists() or page.read_text("utf-8").endswith("</html>\n")


def left_over(mark: str) -> list[str]:
    """Processes whose environment holds the mark."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue  # It has ended, or is not ours to look at.
    return found


def kill_again_and_again(
    make: Callable[[Path], Victim], folder: Path, kills: int, say: Callable[[str], None]
) -> list[Victim]:
    """Several runs, until there were so many kills."""
    victims: list[Victim] = []
    while sum(one.kills for one in victims) < kills:
        victim = make(folder / str(len(victims)))
        process = victim.live(kills - sum(one.kills for one in victims))
        assert process.returncode in (0, 1), process.stdout
        victims.append(victim)
    early = sum(one.early for one in victims)
    say(
        f"\nseed {SEED}: killed {kills} times ({early} before the run was written down)"
    )
    say(f", {len(victims)} runs resumed until done\n")
    return victims


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Tells it whoever watches the tests."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(text, end="", flush=True)

    return say


def assert_same(run: Finished, undisturbed: Finished) -> None:
    assert run.verdicts == undisturbed.verdicts
    mine, other = run.read("summary.json"), undisturbed.read("summary.json")
    for times in ("started", "wall_s", "median_harness_ms"):
        mine.pop(times), other.pop(times)
    assert mine == other
    names = {path.name for path in run.folder.iterdir()}
    assert names == {path.name for path in undisturbed.folder.iterdir()}


def test_a_runner_may_be_killed_at_any_moment(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    machine = Machine(tmp_path / "machine", "good")
    undisturbed = machine.run(tmp_path / "undisturbed")
    rolls = random.Random(SEED)

    def make(out: Path) -> Victim:
        begin = ["run", "--out", str(out), *machine.profiles]
        environment = machine.environment
        return Victim(machine.command, begin, environment, out, rolls, 60, 0.8)

    kills = KILLS["the stand-in"]
    for victim in kill_again_and_again(make, tmp_path, kills, say):
        assert_same(Finished(undisturbed.process, victim.out), undisturbed)


def test_nor_does_what_a_killed_runner_leaves_in_wine_disturb(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    choice = ["--profile", "reference", "--entry", "tcp4", "--entry", "isotp"]
    choice += ["--case", "recv_disconnect.buffer.*", "--case", "*.descriptor.*"]
    out = tmp_path / "undisturbed"
    process = wspcheck("run", "--out", str(out), *choice)
    undisturbed = Finished(process, out)
    mark = f"{MARK}={secrets.token_hex(8)}"
    environment = {**os.environ, MARK: mark.split("=")[1]}
    rolls = random.Random(SEED)

    def make(out: Path) -> Victim:
        begin = ["run", "--out", str(out), *choice]
        command: Command = lambda *arguments: [str(WSPCHECK), *arguments]
        return Victim(command, begin, environment, out, rolls, 30, 1.5)

    for victim in kill_again_and_again(make, tmp_path, KILLS["Wine"], say):
        assert_same(Finished(process, victim.out), undisturbed)
    deadline = time.monotonic() + PATIENCE_S
    while left_over(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_over(mark) == []
    assert processes_of_the_prefix() == []


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, Path]:
    """A machine, and a run that came to its end there."""
    folder = tmp_path_factory.mktemp("finished")
    machine = Machine(folder / "machine", "good")
    assert machine.run(folder / "out").process.returncode == 0
    return machine, folder / "out"


@pytest.fixture
def cut_off(
    finished: tuple[Machine, Path], tmp_path: Path
) -> Iterator[tuple[Machine, Path]]:
    """The same, but some verdicts and the end are missing; a last line is torn."""
    machine, whole = finished
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    verdicts = (out / kept.RESULTS).read_bytes().splitlines(keepends=True)
    torn = verdicts[100][: len(verdicts[100]) // 2]
    (out / kept.RESULTS).write_bytes(b"".join(verdicts[:100]) + torn)
    assert len(whole_lines(out / kept.RESULTS, "result")) == 100
    told = (out / kept.JOURNAL).read_bytes().splitlines(keepends=True)
    (out / kept.JOURNAL).write_bytes(b"".join(told[:-1]) + b'{"type": "no')
    files = {path: path.read_bytes() for path in machine.folder.iterdir()}
    yield machine, out
    for path, content in files.items():
        path.write_bytes(content)


def test_it_goes_on_without_options_being_repeated(
    cut_off: tuple[Machine, Path]
) -> None:
    machine, out = cut_off
    process = machine.wspcheck("run", "--resume", str(out))
    assert process.returncode == 0, process.stdout + process.stderr
    assert "100 of 180 verdicts are there" in process.stdout
    assert len(Finished(process, out).verdicts) == 180
    assert [one["type"] for one in whole_lines(out / kept.JOURNAL, "run")] == [
        *("run", "sitting", "hello", "sitting", "end")
    ]
    again = machine.wspcheck("run", "--resume", str(out))
    assert "is complete: there is nothing to resume" in complaint(again)


@pytest.mark.parametrize(
    "file, what",
    [
        ("good.dll", "provider DLL of good"),
        ("good.toml", "profile of good"),
        ("good-known.toml", "baseline of good"),
        ("wspcheck.exe", "suite (wspcheck.exe)"),
    ],
)
def test_what_changed_since_is_named(
    cut_off: tuple[Machine, Path], file: str, what: str
) -> None:
    machine, out = cut_off
    before = (out / kept.RESULTS).read_bytes()
    with (machine.folder / file).open("a") as changed:
        changed.write("\n")
    said = complaint(machine.wspcheck("run", "--resume", str(out)))
    assert f"the {what} is not the one that it began with" in said
    assert (out / kept.RESULTS).read_bytes() == before


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["--resume", "{out}", "--case", "a.*"], "--case does not go with --resume"),
        (["--resume", "{out}/nowhere"], "is not the folder of a run"),
        (["{out}"], "a folder goes with --resume"),
        (["--out", "{out}"], "--resume {out} finishes one that was cut off"),
    ],
)
def test_a_wish_that_cannot_be_met_is_named(
    cut_off: tuple[Machine, Path], arguments: list[str], expected: str
) -> None:
    machine, out = cut_off
    given = [one.format(out=out) for one in arguments]
    said = complaint(machine.wspcheck("run", *given))
    assert expected.format(out=out) in said


def test_what_was_given_up_is_run_again(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine", "good")
    profile = machine.folder / "good.toml"
    dll = machine.folder / "starts_once.dll"
    profile.write_text(profile.read_text().replace("good.dll", str(dll)))
    dll.write_text("")  # The stand-in takes it for a mark of its first start.
    first = machine.run(tmp_path / "out")
    assert first.process.returncode == 3
    assert set(first.verdicts.values()) == {"blocked"}
    told = whole_lines(first.folder / kept.JOURNAL, "run")
    assert {one["type"] for one in told} == {"run", "sitting", "gave_up", "end"}
    again = machine.wspcheck("run", "--resume", str(first.folder))
    assert again.returncode == 3 and "0 of 180 verdicts are there" in again.stdout


def test_the_latest_unfinished_run_is_found(
    cut_off: tuple[Machine, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from wspcheck_runner import folder
    from wspcheck_runner.errors import SetupError

    _, out = cut_off
    monkeypatch.setattr(places, "LOCAL_REPORTS", out.parent)
    assert folder.unfinished() == out
    end = {"type": "end", "spent_s": 1.0, "complete": True, "exit_code": 0}
    lines.mend(out / kept.JOURNAL)
    lines.Lines(out / kept.JOURNAL).append(end)
    with pytest.raises(SetupError, match="no run in .* that was cut off"):
        folder.unfinished()


@pytest.mark.parametrize("given, limit_s", [((), None), (("--limit", "3"), 3.0)])
def test_a_run_has_a_limit_only_where_it_was_given(
    tmp_path: Path, given: Sequence[str], limit_s: Optional[float]
) -> None:
    """Else it is that of the profile, which a run that is resumed reads again."""
    done = Machine(tmp_path / "machine", "good").run(
        tmp_path / "out", "--case", "a.pass.0", *given
    )
    whole_lines(done.folder / kept.JOURNAL, "run")
    assert kept.load(done.folder).record.options.limit_s == limit_s
