"""The command line as a user starts it, and one whole default run for all tests."""
from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

import hostile
import pytest

from wspcheck_runner import places

WSPCHECK = places.REPOSITORY / "runners" / "wspcheck"


def wspcheck(*arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Runs it to its end."""
    return subprocess.run(
        [str(WSPCHECK), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        **how,
    )


@dataclass(frozen=True)
class Finished:
    """A run that has ended, and its folder."""

    process: subprocess.CompletedProcess[str]
    folder: Path

    @property
    def results(self) -> list[dict[str, Any]]:
        """The lines of results.jsonl."""
        text = (self.folder / "results.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def read(self, name: str) -> Any:
        """One of the JSON files."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    @property
    def verdicts(self) -> dict[str, str]:
        """Verdicts by profile/entry/case."""
        return {
            f"{one['profile']}/{one['entry']}/{one['case']}": one["verdict"]
            for one in self.results
        }


Run = Callable[..., Finished]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`wspcheck run` with a folder of its own."""

    def run(*arguments: str, **how: Any) -> Finished:
        out = tmp_path / "out"
        return Finished(wspcheck("run", "--out", str(out), *arguments, **how), out)

    return run


@pytest.fixture(scope="session")
def default_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    """The main job, once for all tests."""
    out = tmp_path_factory.mktemp("default") / "out"
    yield Finished(wspcheck("run", "--out", str(out)), out)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Shows what a test module has found out, if it was run."""
    table = terminalreporter.config.stash.get(hostile.TABLE, None)
    if table:
        terminalreporter.section("hostile providers (fixtures/hostile)")
        for line in table:
            terminalreporter.line(line)
