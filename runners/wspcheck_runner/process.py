"""One process of wspcheck.exe that works through a list of jobs."""
from __future__ import annotations

import contextlib
import itertools
import secrets
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Callable, Optional, Sequence

from . import places
from .channel import Channel
from .errors import ProtocolError
from .output import Output
from .profile import Profile
from .protocol import Begin, Bye, End, Fatal, Hello, Message, Tail
from .verdict import Job, Result, Verdict
from .wire.tap import Tap

POLL_S = 0.01
START_S = 60.0
"""Until the first line: Wine may have to start its server, or to renew the prefix."""
GRACE_S = 5.0
"""What the suite's own watchdog is given before we step in."""
LONGEST_S = 60.0
"""The longest limit that a case sets itself: allowed where it is not told."""
SPARE_LINES = 8
"""Lines of a process that are about no case, and some more."""
LEAVE_S = 10.0
"""From the last line to the end of the process."""


@dataclass
class Ending:
    """How the process ended."""

    open_job: Optional[Job] = None
    """The case that was running."""
    open_ms: float = 0.0
    """For how long it had been."""
    left: bool = False
    """Whether the suite ended the process itself, after a crash or a timeout."""
    begun: bool = False
    """Whether any case began."""
    finished: bool = False
    """Whether the process said that it was through."""
    overdue: bool = False
    """Whether we had to kill it."""
    generation: int = 0
    lost: bool = False
    """Whether what the process depended on (the channel's generation) went away."""
    stopped: bool = False
    """Whether it was ended because the run was stopped."""
    fatal: Optional[str] = None
    went_wrong: bool = False
    """Whether that was a misdeed of the provider."""
    broken: Optional[str] = None
    """What was wrong with its lines."""
    status: str = ""
    """The exit status in words."""
    output: str = ""
    """The last line of its stdout and stderr."""


class SuiteProcess:
    """Starts wspcheck.exe, follows its lines and says how it ended."""

    def __init__(
        self,
        channel: Channel,
        profile: Profile,
        worker: int,
        limit_s: float,
        folder: Path,
        tap: Optional[Tap] = None,
        rounds: Optional[int] = None,
    ) -> None:
        self._channel = channel
        self._profile = profile
        self._worker = worker
        self._limit_s = limit_s
        self._folder = folder
        self._tap = tap
        self._rounds = rounds

    def run(
        self,
        jobs: Sequence[Job],
        on_message: Callable[[Message], None],
        stop: Event,
    ) -> Ending:
        """Works through the jobs, or as far as the process comes."""
        files = _Files(self._folder, jobs)
        tail = Tail(files.results, files.nonces, self._profile.name)
        watch = _Watch(on_message, self._limit_s)
        generation = self._channel.generation
        with Output() as output:
            process = self._channel.start(
                self._command(files), output.stream, self._profile.environment
            )
            try:
                self._follow(process, tail, watch, generation, stop)
            finally:
                self._channel.kill(process)
                watch.ending.lost = not self._channel.is_alive(generation)
        ending = watch.close()
        ending.generation = generation
        ending.status = _status(process.returncode)
        ending.output = output.last_line
        files.remove()
        return ending

    def _command(self, files: _Files) -> list[str]:
        path = self._channel.path
        command = [path(places.suite()), "run"]
        options = itertools.chain(["--dll"], itertools.repeat("--below"))
        for option, one in zip(options, self._profile.chain()):
            dll = Path(one.dll)
            command += [option, path(dll) if dll.is_absolute() else one.dll]
            command += ["--guid", one.guid] if one.guid else []
            for entry in one.entries:
                command += ["--entry", entry.spec()]
        command += ["--jobs-file", path(files.jobs), "--nonces", path(files.secret)]
        command += ["--results", path(files.results)]
        command += ["--limit-ms", str(round(self._limit_s * 1000))]
        if self._rounds:
            command += ["--rounds", str(self._rounds)]
        if self._tap and self._tap.open(files.name):
            command += ["--wire", "--nonce", files.name]
        if self._profile.dialect != "windows":
            command += ["--dialect", self._profile.dialect]
        if self._profile.platform:
            command += ["--platform", self._profile.platform]
        command += ["--faults"] if self._profile.faults else []
        address4, address6 = self._channel.network.hosts(self._worker, self._profile)
        return command + ["--address4", address4, "--address6", address6]

    def _follow(
        self,
        process: subprocess.Popen[bytes],
        tail: Tail,
        watch: _Watch,
        generation: int,
        stop: Event,
    ) -> None:
        while True:
            gone = process.poll() is not None
            try:
                for message in tail.read():
                    watch.take(message)
            except ProtocolError as error:
                watch.ending.broken = str(error)
                return
            if gone or not self._channel.is_alive(generation):
                return
            if watch.is_overdue():
                watch.ending.overdue = True
                return
            if stop.wait(POLL_S):
                watch.ending.stopped = True
                return


class _Files:
    """What a process reads and writes."""

    def __init__(self, folder: Path, jobs: Sequence[Job]) -> None:
        self.name = secrets.token_hex(8)
        self.nonces = [secrets.token_hex(8) for _ in range(2 * len(jobs) + SPARE_LINES)]
        """One for each line that the process may write."""
        self.jobs = folder / f"{self.name}.jobs"
        self.secret = folder / f"{self.name}.nonces"
        self.results = folder / f"{self.name}.jsonl"
        self.jobs.write_text("".join(f"{job.entry} {job.case}\n" for job in jobs))
        lines = "".join(f"{nonce}\n" for nonce in self.nonces)
        self.secret.write_text(lines, newline="\n")

    def remove(self) -> None:
        """When the process is gone."""
        for file in (self.jobs, self.secret, self.results):
            # Windows deletes no file that somebody has open; the folder goes later.
            with contextlib.suppress(OSError):
                file.unlink()


class _Watch:
    """Keeps account of what is running and until when it may."""

    def __init__(self, on_message: Callable[[Message], None], limit_s: float) -> None:
        self.ending = Ending()
        self._on_message = on_message
        self._limit_s = limit_s
        self._begun_at = 0.0
        self._deadline = time.monotonic() + START_S

    def take(self, message: Message) -> None:
        """Accounts for a message and hands it on."""
        allowed = self._limit_s + GRACE_S
        if isinstance(message, Begin):
            self.ending.begun = True
            self.ending.open_job = message.job
            self._begun_at = time.monotonic()
            allowed = GRACE_S + (
                max(self._limit_s, LONGEST_S)
                if message.limit_ms is None
                else message.limit_ms / 1000
            )
        elif isinstance(message, End):
            if message.result.job != self.ending.open_job:
                raise ProtocolError(f"{message.result.job} ended without having begun")
            self.ending.open_job = None
            if message.is_last:
                self.ending.left = True
                allowed = LEAVE_S
        elif isinstance(message, Fatal):
            self.ending.fatal = message.message
            self.ending.went_wrong = message.went_wrong
            allowed = LEAVE_S
        elif isinstance(message, Bye):
            self.ending.finished = True
            allowed = LEAVE_S
        elif not isinstance(message, Hello):
            raise ProtocolError(f"a {type(message).__name__} during a run")
        self._deadline = time.monotonic() + allowed
        self._on_message(message)

    def is_overdue(self) -> bool:
        """Whether the process has been silent for longer than it may."""
        return time.monotonic() > self._deadline

    def close(self) -> Ending:
        """The account, when the process is gone."""
        if self.ending.open_job:
            self.ending.open_ms = (time.monotonic() - self._begun_at) * 1000
        return self.ending


def charge(
    job: Job, ending: Ending, limit_s: float, requirements: Sequence[str]
) -> Result:
    """The verdict of a case whose process ended without giving one."""
    if ending.broken:
        return Result(
            job=job,
            verdict=Verdict.BLOCKED,
            requirements=tuple(requirements),
            message=f"wspcheck.exe broke the protocol: {ending.broken}",
            duration_ms=ending.open_ms,
        )
    if ending.overdue:
        return Result(
            job=job,
            verdict=Verdict.TIMEOUT,
            requirements=tuple(requirements),
            expected=f"the case ends within {limit_s:g} s",
            observed="the process neither went on nor ended, and was killed",
            message=f"The case did not end within its limit of {limit_s:g} s, and not "
            "even the suite's own watchdog could end it.",
            duration_ms=ending.open_ms,
        )
    return Result(
        job=job,
        verdict=Verdict.CRASH,
        requirements=tuple(requirements),
        expected="the process goes on after the call",
        observed=f"the process {ending.status}",
        message=f"The process {ending.status} while this case was running"
        + (f"; its last output: {ending.output}." if ending.output else "."),
        duration_ms=ending.open_ms,
    )


def _status(code: int) -> str:
    if code < 0:
        return f"was ended by signal {-code}"
    shown = f"{code:#x}" if code > 0xFFFF else str(code)
    return f"ended with exit status {shown}"
