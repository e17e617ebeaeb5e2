"""The folder of a run: results.jsonl is the truth, all else derives from it."""
from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path
from typing import IO, Any, Mapping, Optional

from . import junit, markdown, page, places
from .errors import SetupError
from .requirements import Requirements
from .summary import Summary
from .verdict import Job, Result

RESULTS = "results.jsonl"
PAGE = "index.html"
WIRE = "wire"
"""Packets and pictures of them."""


class Folder:
    """Where a run is written: verdicts as they come, reports at the end."""

    def __init__(self, path: Path, latest: Optional[Path] = None) -> None:
        self.path = path
        self._latest = latest
        self._results: Optional[IO[str]] = None

    def began(self, job: Job) -> None:
        """Nothing to write."""

    def ended(self, result: Result) -> None:
        """Writes a verdict down at once, so that it survives whatever happens."""
        if self._results is None:
            self.path.mkdir(parents=True, exist_ok=True)
            self._results = (self.path / RESULTS).open("w", encoding="utf-8")
        self._results.write(_line(result.as_json()))
        self._results.flush()

    def discard(self) -> None:
        """There is nothing to report: leaves no trace."""
        if self._results is not None:
            self._results.close()
            (self.path / RESULTS).unlink()
            shutil.rmtree(self.path / WIRE, ignore_errors=True)
            self.path.rmdir()

    def finish(
        self,
        summary: Summary,
        environment: Mapping[str, Any],
        requirements: Requirements,
    ) -> None:
        """Puts the verdicts in order and writes what derives from them."""
        if self._results is not None:
            self._results.close()
        self.path.mkdir(parents=True, exist_ok=True)
        lines = (_line(result.as_json()) for result in summary.results)
        self._write(RESULTS, "".join(lines))
        self._write("summary.json", _pretty(summary.as_json()))
        self._write("environment.json", _pretty(environment))
        self._write("summary.md", markdown.render(summary))
        self._write(PAGE, page.render(summary, environment, requirements, self.path))
        junit.write(summary, self.path / "junit.xml")
        if self._latest is not None:
            _point(self._latest, self.path)

    def conclude(self, name: str, outcome: Mapping[str, Any]) -> None:
        """Writes what a command of its own kind makes of the verdicts."""
        if self._results is not None:
            self._results.close()
        self.path.mkdir(parents=True, exist_ok=True)
        self._write(name, _pretty(outcome))
        if self._latest is not None:
            _point(self._latest, self.path)

    def _write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")


def chosen(path: Path) -> Folder:
    """The folder that the user named; a run that is there already is not lost."""
    if (path / RESULTS).exists():
        raise SetupError(f"{path} holds the results of another run already")
    if path.exists() and not path.is_dir():
        raise SetupError(f"{path} is not a folder")
    return Folder(path)


def fresh(now: datetime.datetime, kind: str = "") -> Folder:
    """A folder named after the time, to which `latest` (of that kind) will point."""
    suffix = f"-{kind}" if kind else ""
    stamp = now.strftime("%Y-%m-%dT%H-%M-%S") + suffix
    path = places.LOCAL_REPORTS / stamp
    number = 1
    while path.exists():
        number += 1
        path = places.LOCAL_REPORTS / f"{stamp}-{number}"
    return Folder(path, places.LOCAL_REPORTS / f"latest{suffix}")


def _point(link: Path, target: Path) -> None:
    """Moves the link in one step; where links are not allowed there is none."""
    temporary = link.with_name(f"{link.name}.new")
    try:
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target.name, target_is_directory=True)
        temporary.replace(link)
    except OSError:
        temporary.unlink(missing_ok=True)


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"


def _pretty(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
