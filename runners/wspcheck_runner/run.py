"""`wspcheck run`: from what the user asked for to the exit code."""
from __future__ import annotations

import contextlib
import datetime
import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

from . import (
    catalogue,
    channel,
    environment,
    folder as folders,
    hosts,
    kept,
    places,
    profile,
    progress,
    record,
    selection,
    summary,
)
from .engine import Engine, Listener, Options
from .errors import SetupError
from .kept import Kept
from .past import Past
from .record import Record
from .requirements import Requirements
from .selection import Selection, Wanted
from .shard import Shard
from .summary import Summary

SYSTEM_PROFILE = "winsock" if sys.platform == "win32" else "wine-winsock"
DEFAULT_PROFILES = ("reference", SYSTEM_PROFILE)


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    profiles: tuple[str, ...]
    wanted: Wanted
    options: Options
    out: Optional[Path]
    shard: Optional[Shard] = None


def run(request: Request) -> int:
    """Runs it and writes the reports; the exit code is 0, 1 or 3. SetupError if there
    is nothing to report because the user or the set-up is at fault."""
    now = datetime.datetime.now().astimezone()
    paths = [profile.find(name) for name in request.profiles or DEFAULT_PROFILES]
    folder = folders.chosen(request.out) if request.out else folders.fresh(now)
    here = channel.here()
    with opened(here, request.options.workers), interruptible():
        chosen = selection.select(paths, catalogue.load(here), request.wanted)
        if request.shard:
            chosen = chosen.split(request.shard)
        begun = record.of(chosen, here, request.options, now, environment.command())
        folder.begin(begun, now)
        ended = _carry_out(chosen, begun, here, folder, Past())
    return _report(ended, folder)


def resume(path: Optional[Path]) -> int:
    """Runs what is left of a run that was cut off, and writes the reports of all."""
    path = path or folders.unfinished()
    hosts.select(kept.load(path).record.host)
    here = channel.here()
    begun = _resumable(path, here)
    with opened(here, begun.record.options.workers), interruptible():
        now = datetime.datetime.now().astimezone()
        begun = _resumable(path, here)  # Somebody may have been at work till now.
        chosen = selection.select(
            begun.record.profiles, catalogue.load(here), begun.record.wanted
        )
        if begun.record.shard:
            chosen = chosen.split(begun.record.shard)
        folder = folders.existing(path)
        past = folder.go_on(begun, now)
        done, total = len(past.results), len(chosen.jobs)
        print(f"resuming {shown_path(path)}: {done} of {total} verdicts are there")
        ended = _carry_out(chosen, begun.record, here, folder, past)
    return _report(ended, folder)


@dataclass(frozen=True)
class _Ended:
    """All that the reports say."""

    summary: Summary
    environment: Mapping[str, Any]
    requirements: Requirements


def _resumable(path: Path, here: channel.Channel) -> Kept:
    begun = kept.load(path)
    if begun.past.is_complete:
        raise SetupError(f"the run in {path} is complete: there is nothing to resume")
    begun.record.check_files(here, path)
    return begun


def _carry_out(
    chosen: Selection,
    begun: Record,
    here: channel.Channel,
    folder: folders.Folder,
    past: Past,
) -> _Ended:
    """Runs what is not done yet."""
    clock = time.monotonic()
    shown = progress.progress(len(chosen.jobs) - len(past.results))
    listeners: list[Listener] = [folder, shown]
    options = replace(begun.options, evidence=folder.path / folders.WIRE)
    engine = Engine(chosen, here, options, listeners, past, folder.tell)
    try:
        engine.start()
        _let_pytest_run(chosen, engine)
    except KeyboardInterrupt:
        print("wspcheck: interrupted; writing what there is", file=sys.stderr)
    except SetupError:
        engine.stop()
        folder.discard()
        raise
    finally:
        engine.stop()
        shown.close()
    outcome = summary.summarize(
        chosen,
        engine.results,
        started=begun.started,
        wall_s=past.spent_s + time.monotonic() - clock,
        incidents=[*engine.gave_up, *engine.incidents],
        notes=[*_notes(chosen), *engine.notes],
        complete=engine.is_complete,
    )
    facts = environment.collect(chosen, here, engine.hellos)
    return _Ended(outcome, facts, chosen.requirements)


def _notes(chosen: Selection) -> Iterator[str]:
    if chosen.shard:
        yield (
            f"This is shard {chosen.shard} of a run: {len(chosen.jobs)} verdicts. "
            "`wspcheck merge` joins the shards."
        )


def _report(ended: _Ended, folder: folders.Folder) -> int:
    folder.finish(ended.summary, ended.environment, ended.requirements)
    progress.conclude(ended.summary, shown_path(folder.path / folders.PAGE))
    return ended.summary.exit_code


def _let_pytest_run(chosen: Selection, engine: Engine) -> None:
    """Pytest collects an item a job and waits for the engine's verdicts."""
    import pytest

    from .plugin import Verdicts, Wiring

    wiring = Wiring(Verdicts(chosen.plans, engine))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    arguments = ["-c", os.devnull, "--rootdir", str(places.REPOSITORY), "-s"]
    for unused in ("cacheprovider", "doctest", "faulthandler", "junitxml", "logging"):
        arguments += ["-p", f"no:{unused}"]
    files = [str(plan.profile.path.resolve()) for plan in chosen.plans]
    status = pytest.main([*arguments, *files], plugins=[wiring])
    if wiring.refused:
        raise wiring.refused
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest ended with {status!r}")


@contextlib.contextmanager
def opened(here: channel.Channel, workers: int) -> Iterator[None]:
    """The channel, made ready for so many and left clean."""
    try:
        here.open(workers)
        yield
    finally:
        here.close()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """A polite request to end is treated like Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def shown_path(path: Path) -> Path:
    """As short as it can be given to somebody in the current folder."""
    with contextlib.suppress(ValueError):
        return path.resolve().relative_to(Path.cwd())
    return path.resolve()


def names(values: Sequence[str]) -> tuple[str, ...]:
    """Repeatable options, without repetitions."""
    return tuple(dict.fromkeys(values))
