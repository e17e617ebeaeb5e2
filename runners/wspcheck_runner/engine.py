"""Runs the jobs of a selection on several processes side by side, and sees to it that
each gets a verdict whatever a provider does to its process."""
from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Condition, Event, Thread
from typing import (
    Any,
    Callable,
    Mapping,
    Optional,
    Protocol,
    Sequence,
)

from . import requirements
from .batches import Batch, Queue
from .blame import Blame
from .channel import Channel
from .errors import SetupError
from .past import Past
from .process import Ending, SuiteProcess, charge
from .profile import Profile
from .protocol import Begin, End, Hello, Message
from .scratch import Scratch
from .selection import Plan, Selection
from .verdict import Job, Result, Verdict
from .wire.tap import Tap

Tell = Callable[[Mapping[str, Any]], None]
"""Takes what is to be known of a run besides verdicts, as a line of run.jsonl."""

DEFAULT_LIMIT_S = 10.0
"""For a case that sets no limit itself, where neither run nor profile does."""
JUDGES = 2
"""Threads that judge packets."""
NO_WIRE = "the run was started with --no-wire"
MIXED = (
    "packets are told apart by the process's address, and here several processes share "
    "the one that the profile gives; with --jobs 1, or with limits.jobs = 1 in the "
    "profile (a layer's: in that of its base), there is one at a time"
)
FUTILE_STARTS = 2
"""So many processes in a row that end before any case began, and we give up."""


class Listener(Protocol):
    """Is told what happens, on the engine's threads, one call at a time."""

    def began(self, job: Job) -> None:
        """A case began."""

    def ended(self, result: Result) -> None:
        """A case has its verdict."""


@dataclass(frozen=True)
class Options:
    """How to run."""

    workers: int
    limit_s: Optional[float] = None
    """For a case that sets no limit itself; None: the profile's, or the default."""
    one_refusal_ends_all: bool = True
    """Whether a provider that cannot be tested ends the run."""
    rounds: Optional[int] = None
    """How often at most a case repeats what seldom fails; None: as often as it will."""
    wire: bool = True
    """Whether to look at packets."""
    evidence: Optional[Path] = None
    """Where what was captured is kept; None: nowhere."""


class Engine:
    """The run of a selection. `start` returns at once; `wait` gives verdicts."""

    def __init__(
        self,
        selection: Selection,
        channel: Channel,
        options: Options,
        listeners: Sequence[Listener] = (),
        past: Past = Past(),
        tell: Tell = lambda line: None,
    ) -> None:
        self.hellos: dict[str, Hello] = dict(past.hellos)
        """By profile, what the provider said of itself."""
        self.results: dict[Job, Result] = dict(past.results)
        self.incidents: list[str] = list(past.incidents)
        """What went wrong outside of any case; the run is not as expected then."""
        self.gave_up: list[str] = []
        """Why cases are blocked that could not be run; the run is incomplete then."""
        self.notes: list[str] = list(past.notes)
        """What a reader should know, without the run being less as expected."""
        self._selection = selection
        self._channel = channel
        self._options = options
        self._listeners = tuple(listeners)
        self._tell = tell
        self._queue = Queue(selection, options.workers, past.results)
        self._held: set[Job] = set()
        """What has been run, and waits for its packets to be judged."""
        self._blame = Blame(selection.plans)
        self._judges = ThreadPoolExecutor(JUDGES, "judge")
        self._changed = Condition()
        self._stop = Event()
        self._refused: Optional[SetupError] = None
        self._error: Optional[BaseException] = None
        self._threads: list[Thread] = []
        self._scratch: Optional[Scratch] = None

    def start(self) -> None:
        """Starts the workers. What runs here is stopped by `stop`. SetupError if a
        provider's own address cannot be used."""
        self._add_addresses()
        self._scratch = Scratch()
        for number in range(1, self._options.workers + 1):
            worker = _Worker(self, number)
            self._threads.append(Thread(target=worker.work, name=f"worker-{number}"))
        for thread in self._threads:
            thread.start()

    def wait(self, job: Job) -> Optional[Result]:
        """The job's verdict, as soon as there is one; None if there will be none.
        SetupError if the provider cannot be tested at all."""
        with self._changed:
            while job not in self.results and self._is_running():
                self._changed.wait(0.2)
            if self._refused:
                raise self._refused
            if self._error:
                raise self._error
            return self.results.get(job)

    def stop(self) -> None:
        """Ends what still runs and cleans up; may be called more than once."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._judges.shutdown()
        if self._scratch:
            self._scratch.remove()
        with self._changed:
            for result in self._blame.waiting:
                if result.job not in self.results:
                    self._publish(result)
            self._changed.notify_all()

    @property
    def is_complete(self) -> bool:
        """Whether every job has been run."""
        return not self.gave_up and all(j in self.results for j in self._selection.jobs)

    @property
    def _folder(self) -> Path:
        assert self._scratch
        return self._scratch.path

    def _add_addresses(self) -> None:
        for plan in self._selection.plans:
            for address in plan.profile.own_addresses:
                try:
                    self._channel.network.add(address)
                except SetupError as error:
                    raise SetupError(f"{plan.profile.name}: {error}") from None

    def _is_running(self) -> bool:
        at_work = bool(self._held) or any(t.is_alive() for t in self._threads)
        return at_work and not self._stop.is_set()

    # What follows is for the workers.

    def take(self) -> Optional[Batch]:
        """The next batch; waits while others are at work, since what they run may
        become suspect. None if there is nothing left."""
        with self._changed:
            while not self._stop.is_set():
                batch = self._queue.take()
                if batch or not self._queue.active:
                    return batch
                self._changed.wait(0.2)
            return None

    def done(self, batch: Batch) -> None:
        """A batch has been worked through."""
        with self._changed:
            self._queue.put_back(batch)
            self._changed.notify_all()

    def without_verdict(self, jobs: Sequence[Job]) -> list[Job]:
        """Those that are still to be run in their batch."""
        suspects = {job for _, job in self._queue.suspects}
        with self._changed:
            waiting = {result.job for result in self._blame.waiting}
            known = suspects | self._held | waiting | self.results.keys()
        return [job for job in jobs if job not in known]

    def recover(self, batch: Batch, ending: Ending) -> None:
        """The ground was lost under all processes, and whose fault that was cannot be
        seen: what was running is run again later, alone. If it is lost again then, the
        case cannot be tested here."""
        self._channel.revive(ending.generation)
        job = ending.open_job
        if job is None:
            return
        with self._changed:
            what = f"the system below ({self._channel.version()}) broke down during it"
            if not batch.is_alone:
                self._queue.suspects.append((batch.plan, job))
                note = f"{job}: {what}; run again, alone"
                self.notes.append(note)
                self._tell({"type": "note", "text": note})
                return
            case = self._selection.catalogue[job.case]
            message = f"Could not be tested: {what}, again when it was run alone."
            blocked = Result(job, Verdict.BLOCKED, case.requirements, message=message)
            self._record(batch.plan, blocked)

    def tap(self, plan: Plan, jobs: Sequence[Job], worker: int) -> Optional[Tap]:
        """What captures packets while a process works through jobs; None if none of
        them claims anything about packets."""
        claiming = [job for job in jobs if self._selection.catalogue[job.case].wire]
        if not claiming:
            return None
        network, profile = self._channel.network, plan.profile
        unwanted = "" if self._options.wire else NO_WIRE
        mixed = "" if self._has_addresses_alone(profile) else MIXED
        return Tap(self._folder, network, worker, profile, claiming, unwanted, mixed)

    def process(self, plan: Plan, worker: int, tap: Optional[Tap]) -> SuiteProcess:
        """A process for a batch."""
        return SuiteProcess(
            self._channel,
            plan.profile,
            worker,
            self._limit_s(plan.profile),
            self._folder,
            tap,
            self._options.rounds,
        )

    def _limit_s(self, profile: Profile) -> float:
        return self._options.limit_s or profile.case_s or DEFAULT_LIMIT_S

    def _has_addresses_alone(self, profile: Profile) -> bool:
        """Whether no other process is at its own addresses while one of its is: they
        are at none that a worker has anyway, and one limit holds for all who share
        them."""
        own = set(profile.own_addresses)
        if not own or self._options.workers == 1:
            return True
        network = self._channel.network
        workers = range(1, self._options.workers + 1)
        taken = {
            at for n in workers for at in (network.address4(n), network.address6(n))
        }
        serial = {one.name for one in profile.chain() if one.most_processes == 1}
        return not own & taken and all(
            any(one.name in serial for one in plan.profile.chain())
            for plan in self._selection.plans
            if own & set(plan.profile.own_addresses)
        )

    @property
    def stopping(self) -> Event:
        """Set when the run is to end."""
        return self._stop

    def heard(self, plan: Plan, tap: Optional[Tap], message: Message) -> None:
        """Takes note of what a process says."""
        with self._changed:
            if isinstance(message, Hello):
                self._hear_hello(plan.profile.name, message)
            elif isinstance(message, Begin):
                for listener in self._listeners:
                    listener.began(message.job)
            elif isinstance(message, End):
                self._ended(plan, tap, message.result)

    def judge(self, plan: Plan, tap: Tap) -> None:
        """All that it is for has been run, or the process is gone: the packets are
        judged while the worker goes on."""
        with self._changed:
            if not tap.is_closed:
                tap.is_closed = True
                self._judges.submit(self._judge, plan, tap)

    def _judge(self, plan: Plan, tap: Tap) -> None:
        try:
            kept = self._options.evidence
            cases, known = self._selection.catalogue, self._selection.requirements
            for result in tap.results(cases, known, kept):
                with self._changed:
                    self._record(plan, result)
                    self._held.discard(result.job)
        except BaseException as error:
            self.failed(error)

    def _ended(self, plan: Plan, tap: Optional[Tap], result: Result) -> None:
        """A case that claims something about packets has half of its verdict."""
        claims = self._selection.catalogue[result.job.case].wire
        if tap is None or not claims or result.verdict is Verdict.NOT_APPLICABLE:
            self._record(plan, result)
        elif tap.obstacle:
            self._record(plan, tap.without(result, claims))
        else:
            self._held.add(result.job)
            tap.hold(result)
        if tap and tap.is_last(result.job):
            self.judge(plan, tap)

    def charge(self, plan: Plan, job: Job, ending: Ending) -> None:
        """Gives the case that was open its verdict."""
        case = self._selection.catalogue[job.case]
        with self._changed:
            limit_s = self._limit_s(plan.profile)
            self._record(plan, charge(job, ending, limit_s, case.requirements))

    def incident(self, plan: Plan, what: str) -> None:
        """Something went wrong that is no case's verdict."""
        with self._changed:
            incident = f"{plan.profile.name}: {what}"
            self.incidents.append(incident)
            self._tell({"type": "incident", "text": incident})

    def refuse(self, plan: Plan, what: str) -> bool:
        """The provider cannot be tested: that ends the run, provided that it never
        worked; else (False) it is one more futile start."""
        with self._changed:
            never_worked = plan.profile.name not in self.hellos
            if not (never_worked and self._options.one_refusal_ends_all):
                return False
            self._refused = self._refused or SetupError(f"{plan.profile.name}: {what}")
            self._stop.set()
            self._changed.notify_all()
            return True

    def give_up(self, plan: Plan, rest: Sequence[Job], why: str) -> None:
        """Blocks what is left of a provider that no process gets anywhere with."""
        with self._changed:
            text = f"{plan.profile.name}: {why}"
            jobs = [*rest, *self._queue.drain(plan)]
            self.gave_up.append(text)
            self._tell({"type": "gave_up", "text": text, "jobs": jobs})
            for job in jobs:
                case = self._selection.catalogue[job.case]
                self._record(
                    plan,
                    Result(
                        job=job,
                        verdict=Verdict.BLOCKED,
                        requirements=case.requirements,
                        message=f"Not run: {why}.",
                    ),
                )

    def failed(self, error: BaseException) -> None:
        """A worker itself broke down: the run ends."""
        with self._changed:
            self._error = self._error or error
            self._stop.set()
            self._changed.notify_all()

    def _hear_hello(self, name: str, hello: Hello) -> None:
        if name not in self.hellos:
            self.hellos[name] = hello
            self._tell({"type": "hello", "profile": name, **asdict(hello)})

    def _record(self, plan: Plan, result: Result) -> None:
        judged = replace(
            result,
            level=requirements.level_of(
                result.requirements, self._selection.requirements
            ),
            baseline=plan.reason(result),
        )
        for settled in self._blame.settle(judged, self.results):
            self._publish(settled)
        self._changed.notify_all()

    def _publish(self, result: Result) -> None:
        self.results[result.job] = result
        for listener in self._listeners:
            listener.ended(result)


class _Worker:
    """A thread that runs one process after the other."""

    def __init__(self, engine: Engine, number: int) -> None:
        self._engine = engine
        self._number = number

    def work(self) -> None:
        """Until there is nothing left."""
        try:
            while batch := self._engine.take():
                self._run(batch)
                self._engine.done(batch)
        except BaseException as error:
            self._engine.failed(error)

    def _run(self, batch: Batch) -> None:
        plan, rest = batch.plan, batch.jobs
        futile = 0
        why = ""
        while rest and futile < FUTILE_STARTS:
            tap = self._engine.tap(plan, rest, self._number)
            process = self._engine.process(plan, self._number, tap)
            hear = functools.partial(self._engine.heard, plan, tap)
            try:
                ending = process.run(rest, hear, self._engine.stopping)
            finally:
                if tap:
                    self._engine.judge(plan, tap)
            if ending.stopped:
                return
            if ending.lost:
                self._engine.recover(batch, ending)
            elif ending.open_job:
                self._engine.charge(plan, ending.open_job, ending)
            rest = self._engine.without_verdict(rest)
            why = "" if ending.lost else _failure(ending, rest)
            if not why:
                continue
            is_refusal = ending.fatal and not ending.went_wrong
            if is_refusal and self._engine.refuse(plan, why):
                return
            if not ending.begun:
                futile += 1
            if not rest or ending.begun:
                self._engine.incident(plan, why)
        if rest:
            self._engine.give_up(plan, rest, why)


def _failure(ending: Ending, rest: Sequence[Job]) -> str:
    """What was wrong with a process, beyond the case that was open in it."""
    if ending.fatal:
        return ending.fatal
    if ending.broken:
        return f"wspcheck.exe broke the protocol: {ending.broken}"
    if ending.open_job or ending.left or (ending.finished and not rest):
        return ""
    if ending.overdue:
        return "the process hung outside of any case, and was killed"
    said = f"; its last output: {ending.output}" if ending.output else ""
    return f"the process {ending.status} outside of any case{said}"
