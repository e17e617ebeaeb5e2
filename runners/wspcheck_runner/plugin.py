"""A pytest plugin: a profile is a file of tests, named profile/entry/case, whose
verdicts wspcheck.exe gives.

`wspcheck run` uses it, and it works on its own:

    pytest -p wspcheck_runner.plugin --wspcheck-profile reference -k not_a_socket
"""
from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterable, Iterator, Optional, Sequence, Union

import pytest

from . import catalogue, channel, places, profile, requirements, selection
from .engine import Engine, Options
from .errors import SetupError
from .selection import Plan, Selection, Wanted
from .toml_source import Document
from .verdict import Job, Result, Verdict

NAME = "wspcheck"


class Verdicts:
    """What collectors and items ask: the plans, and an engine that runs them."""

    def __init__(self, plans: Sequence[Plan], engine: Optional[Engine] = None) -> None:
        self._plans = {plan.profile.path.resolve(): plan for plan in plans}
        self.engine = engine

    def plan(self, path: Path) -> Plan:
        """The plan for a profile's file."""
        return self._plans[path.resolve()]

    def wait(self, job: Job) -> Result:
        """The verdict of a job."""
        assert self.engine is not None
        result = self.engine.wait(job)
        if result is None:
            raise NotRun("the run ended before this case was run")
        return result

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Optional[pytest.Collector]:
        """A TOML file with a DLL and entries or a base is a suite of tests."""
        if file_path.suffix == ".toml" and _is_profile(file_path):
            made: pytest.Collector = ProfileFile.from_parent(parent, path=file_path)
            return made
        return None


class OwnVerdicts(Verdicts):
    """For pytest started by a person: plans and engine are made on the way."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__([])
        limit = config.getoption("wspcheck_limit")
        self._options = Options(
            int(config.getoption("wspcheck_jobs")), float(limit) if limit else None
        )
        self._channel = channel.here()
        self._cases: Optional[catalogue.Catalogue] = None
        self._selection: Optional[Selection] = None

    def plan(self, path: Path) -> Plan:
        """Loads the profile, for all cases."""
        if path.resolve() not in self._plans:
            if self._cases is None:
                self._channel.open(self._options.workers)
                self._cases = catalogue.load(self._channel)
            chosen = selection.select([path], self._cases, Wanted())
            self._plans[path.resolve()] = chosen.plans[0]
        return super().plan(path)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Starts what pytest has selected."""
        items = [item for item in session.items if isinstance(item, CaseItem)]
        if not items or self._cases is None or session.config.option.collectonly:
            return
        wanted = {item.job for item in items}
        plans = tuple(
            replace(plan, jobs=tuple(job for job in plan.jobs if job in wanted))
            for plan in self._plans.values()
        )
        known = requirements.load()
        plans = selection.with_bases(plans)
        self._selection = Selection(plans, self._cases, known)
        self.engine = Engine(self._selection, self._channel, self._options)
        try:
            self.engine.start()
        except SetupError as error:
            raise pytest.UsageError(str(error)) from None

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """An expectation that did not come true makes the session red."""
        if self.engine is not None:
            self.engine.stop()
        self._channel.close()
        if session.exitstatus == pytest.ExitCode.OK and self._news():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: Any
    ) -> None:  # pytest does not export the reporter's type
        """Names what differs from the baselines."""
        for sentence in self._news():
            terminalreporter.write_line(f"not as expected: {sentence}", red=True)

    def _news(self) -> list[str]:
        if self._selection is None or self.engine is None:
            return []
        surprises = self._selection.surprises(self.engine.results)
        return [*(s for one in surprises.values() for s in one), *self.engine.incidents]


class Wiring:
    """Connects a session of `wspcheck run` with its engine, and keeps pytest quiet."""

    def __init__(self, verdicts: Verdicts) -> None:
        self.refused: Optional[SetupError] = None
        self._verdicts = verdicts

    @pytest.hookimpl(trylast=True)  # type: ignore[misc]
    def pytest_configure(self, config: pytest.Config) -> None:
        """Our progress takes the place of pytest's terminal."""
        config.pluginmanager.register(self._verdicts, NAME)
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        config.pluginmanager.unregister(reporter)

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        """A provider that cannot be tested ends the session."""
        if call.excinfo and isinstance(call.excinfo.value, SetupError):
            self.refused = call.excinfo.value
            raise pytest.exit.Exception(str(self.refused))


class ProfileFile(pytest.File):
    """A profile as a file of tests."""

    def collect(self) -> Iterable[Union[pytest.Item, pytest.Collector]]:
        """An item an entry and case."""
        verdicts = _verdicts(self.config)
        try:
            plan = verdicts.plan(self.path)
        except SetupError as error:
            raise self.CollectError(str(error)) from None
        for job in plan.jobs:
            yield CaseItem.from_parent(self, name=str(job), job=job, plan=plan)


class CaseItem(pytest.Item):
    """One case on one entry of one provider."""

    def __init__(self, *, job: Job, plan: Plan, **rest: Any) -> None:
        super().__init__(**rest)
        self.job = job
        self._plan = plan

    def runtest(self) -> None:
        """Waits for the verdict and says it in pytest's words."""
        result = _verdicts(self.config).wait(self.job)
        self.user_properties.append(("verdict", result.verdict.value))
        self.user_properties.append(("requirements", " ".join(result.requirements)))
        if result.verdict in (Verdict.NOT_APPLICABLE, Verdict.BLOCKED):
            pytest.skip(f"{result.verdict.value}: {result.why}")
        if result.inherited is not None:
            pytest.xfail(f"{result.verdict.value}, inherited from {result.inherited}")
        if result.baseline is not None:
            pytest.xfail(f"{result.verdict.value}, known: {result.baseline}")
        if result.verdict.deviates:
            raise Deviation(result)
        baseline = self._plan.baseline
        stale = baseline and baseline.contradicted(self.job, result.verdict)
        if stale:
            raise UnexpectedPass(f"{stale.place} expects {stale.verdict.value}")

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        """Evidence in place of a Python traceback."""
        error = excinfo.value
        if isinstance(error, Deviation):
            return "\n".join(evidence(error.result))
        if isinstance(error, (NotRun, SetupError, UnexpectedPass)):
            return f"{type(error).__name__}: {error}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], None, str]:
        """The case stands for itself: no line of Python. The heading differs from the
        name, in whose dots pytest would see Python's modules."""
        return self.path, None, " ".join(self.job)


class Deviation(Exception):
    """The provider did what the documentation does not allow."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.why)
        self.result = result


class UnexpectedPass(Exception):
    """A deviation that a baseline expects has gone."""


class NotRun(Exception):
    """There is no verdict."""


def evidence(result: Result) -> Iterator[str]:
    """What a verdict rests on, line by line."""
    yield f"{result.verdict.value}: {result.why}"
    yield f"requirements: {', '.join(result.requirements)} ({result.level})"
    if result.expected:
        yield f"expected: {result.expected}"
    if result.observed:
        yield f"observed: {result.observed}"
    for one in result.observations:
        yield f"observation ({one.requirement}): {one.text}"
    if result.trace:
        yield "trace:"
        yield from (f"    {line}" for line in result.trace)
    if result.location:
        yield f"case: {result.location}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the plugin on its own."""
    group = parser.getgroup(NAME, "wspcheck: conformance of Winsock providers")
    group.addoption(
        "--wspcheck-profile",
        action="append",
        default=[],
        metavar="FILE|NAME",
        help="test this provider; same as giving the profile's file (repeatable)",
    )
    group.addoption(
        "--wspcheck-jobs", default="4", metavar="N", help="processes side by side"
    )
    group.addoption(
        "--wspcheck-limit",
        metavar="SECONDS",
        help="time limit of a case; default: the profile's, or 10",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers what answers collectors, unless `wspcheck run` has done so."""
    if config.pluginmanager.has_plugin(NAME):
        return
    if config.getoption("numprocesses", None):
        raise pytest.UsageError("for parallel runs use --wspcheck-jobs, not -n")
    try:
        names = config.getoption("wspcheck_profile")
        paths = [str(profile.find(name).resolve()) for name in names]
        config.pluginmanager.register(OwnVerdicts(config), NAME)
    except (SetupError, ValueError) as error:
        raise pytest.UsageError(str(error)) from None
    if paths:
        explicit = config.args_source is config.ArgsSource.ARGS
        config.args = [*(config.args if explicit else ()), *paths]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What is tested, with what."""
    return [f"wspcheck: suite {places.for_reader(places.suite())}"]


def _verdicts(config: pytest.Config) -> Verdicts:
    plugin = config.pluginmanager.get_plugin(NAME)
    assert isinstance(plugin, Verdicts)
    return plugin


def _is_profile(path: Path) -> bool:
    try:
        data = Document(path).data
    except SetupError:
        return False
    return "dll" in data and ("entry" in data or "base" in data)
