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
from typing import Iterator, Optional, Sequence

from . import catalogue, channel, places, profile, progress, selection
from .engine import Engine, Options
from .errors import SetupError
from .selection import Selection, Wanted

DEFAULT_PROFILES = ("reference", "wine-winsock")


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    profiles: tuple[str, ...]
    wanted: Wanted
    options: Options
    out: Optional[Path]


def run(request: Request) -> int:
    """Runs it and writes the reports; the exit code is 0, 1 or 3. SetupError if there
    is nothing to report because the user or the set-up is at fault."""
    from . import folder as folders

    started = datetime.datetime.now().astimezone()
    clock = time.monotonic()
    paths = [profile.find(name) for name in request.profiles or DEFAULT_PROFILES]
    folder = folders.chosen(request.out) if request.out else folders.fresh(started)
    here = channel.here()
    with opened(here, request.options.workers), interruptible():
        chosen = selection.select(paths, catalogue.load(here), request.wanted)
        shown = progress.progress(len(chosen.jobs))
        options = replace(request.options, evidence=folder.path / folders.WIRE)
        engine = Engine(chosen, here, options, [folder, shown])
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
        from . import environment, summary

        outcome = summary.summarize(
            chosen,
            engine.results,
            started=started,
            wall_s=time.monotonic() - clock,
            incidents=[*engine.gave_up, *engine.incidents],
            notes=engine.notes,
            complete=engine.is_complete,
        )
        facts = environment.collect(
            chosen, here, engine.hellos, environment.arguments()
        )
    folder.finish(outcome, facts, chosen.requirements)
    progress.conclude(outcome, shown_path(folder.path / folders.PAGE))
    return outcome.exit_code


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
