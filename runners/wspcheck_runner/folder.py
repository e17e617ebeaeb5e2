"""The folder of a run: results.jsonl is the truth, run.jsonl says what it is about; all
else derives from them. Whenever the runner is killed, both can be read and the run be
resumed, and no other file is there by half."""
from __future__ import annotations

import datetime
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Mapping, Optional

from . import junit, kept, lines, markdown, page, places
from .errors import SetupError
from .kept import JOURNAL, RESULTS, Kept
from .lines import Lines
from .past import Past
from .record import Record
from .requirements import Requirements
from .summary import Summary
from .verdict import Job, Result

PAGE = "index.html"
WIRE = "wire"
"""Packets and pictures of them."""


class Folder:
    """Where a run is written: verdicts as they come, reports at the end."""

    def __init__(self, path: Path, latest: Optional[Path] = None) -> None:
        self.path = path
        self._latest = latest
        self._is_resumed = False
        self._results: Optional[Lines] = None
        self._journal: Optional[Lines] = None

    def begin(self, record: Record, started: datetime.datetime) -> None:
        """Writes down what is to be run before anything is."""
        self.path.mkdir(parents=True, exist_ok=True)
        lines.write(self.path / JOURNAL, [record.data, _sitting(started, 0.0)])
        self._journal = Lines(self.path / JOURNAL)

    def go_on(self, begun: Kept, now: datetime.datetime) -> Past:
        """Makes ready for the rest of a run; gives what of it is done."""
        self._is_resumed = True
        past = begun.past
        lines.mend(self.path / JOURNAL)
        lines.mend(self.path / RESULTS)
        for job in past.unreached:
            past.results.pop(job, None)
        if past.unreached:
            lines.write(
                self.path / RESULTS, [one.as_json() for one in past.results.values()]
            )
        sitting = _sitting(now, past.spent_s)
        self._journal = Lines(self.path / JOURNAL)
        self._journal.append(sitting)
        past.account(sitting)
        return past

    def tell(self, line: Mapping[str, Any]) -> None:
        """Writes down at once what is no verdict."""
        if self._journal is not None:
            self._journal.append(line)

    def began(self, job: Job) -> None:
        """Nothing to write."""

    def ended(self, result: Result) -> None:
        """Writes a verdict down at once, so that it survives whatever happens."""
        if self._results is None:
            self.path.mkdir(parents=True, exist_ok=True)
            self._results = Lines(self.path / RESULTS)
        self._results.append(result.as_json())

    def discard(self) -> None:
        """There is nothing to report: leaves no trace, unless it was there before."""
        self._close()
        if not self._is_resumed and self.path.is_dir():
            for name in (JOURNAL, RESULTS):
                (self.path / name).unlink(missing_ok=True)
            shutil.rmtree(self.path / WIRE, ignore_errors=True)
            self.path.rmdir()

    def finish(
        self,
        summary: Summary,
        environment: Mapping[str, Any],
        requirements: Requirements,
    ) -> None:
        """Puts the verdicts in order and writes what derives from them."""
        self._close()
        self.path.mkdir(parents=True, exist_ok=True)
        lines.write(self.path / RESULTS, [one.as_json() for one in summary.results])
        self._write("summary.json", _pretty(summary.as_json()))
        self._write("environment.json", _pretty(environment))
        self._write("summary.md", markdown.render(summary))
        self._write(PAGE, page.render(summary, environment, requirements, self.path))
        with lines.replacing(self.path / "junit.xml") as fresh:
            junit.write(summary, fresh)
        end = Lines(self.path / JOURNAL)
        end.append(_end(summary))
        end.close()
        self._point()

    def conclude(self, name: str, outcome: Mapping[str, Any]) -> None:
        """Writes what a command of its own kind makes of the verdicts."""
        self._close()
        self.path.mkdir(parents=True, exist_ok=True)
        self._write(name, _pretty(outcome))
        self._point()

    def _close(self) -> None:
        for one in (self._results, self._journal):
            if one is not None:
                one.close()
        self._results = self._journal = None

    def _write(self, name: str, text: str) -> None:
        with lines.replacing(self.path / name) as fresh:
            fresh.write_text(text, encoding="utf-8", newline="\n")

    def _point(self) -> None:
        if self._latest is not None:
            _point(self._latest, self.path)


def chosen(path: Path) -> Folder:
    """The folder that the user named; a run that is there already is not lost."""
    if (path / RESULTS).exists() or (path / JOURNAL).exists():
        raise SetupError(
            f"{path} holds the results of another run already "
            f"(wspcheck run --resume {path} finishes one that was cut off)"
        )
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


def existing(path: Path) -> Folder:
    """The folder of a run that is to be resumed."""
    is_ours = path.resolve().parent == places.LOCAL_REPORTS.resolve()
    return Folder(path, places.LOCAL_REPORTS / "latest" if is_ours else None)


def unfinished() -> Path:
    """Where the latest run is that did not come to its end."""
    found = []
    for journal in places.LOCAL_REPORTS.glob(f"*/{JOURNAL}"):
        if not journal.parent.is_symlink() and lines.read(journal):
            found.append(kept.load(journal.parent))
    left = [one for one in found if not one.past.is_complete]
    if not left:
        where = places.for_reader(places.LOCAL_REPORTS)
        raise SetupError(f"there is no run in {where} that was cut off")
    return max(left, key=lambda one: (one.record.started, one.path.name)).path


def _sitting(started: datetime.datetime, spent_s: float) -> dict[str, Any]:
    stamp = started.isoformat(timespec="milliseconds")
    return {"type": "sitting", "started": stamp, "spent_s": spent_s}


def _end(summary: Summary) -> dict[str, Any]:
    return {
        "type": "end",
        "spent_s": summary.wall_s,
        "complete": summary.complete,
        "exit_code": summary.exit_code,
    }


def _point(link: Path, target: Path) -> None:
    """Moves the link in one step; where links are not allowed there is none."""
    temporary = link.with_name(f"{link.name}.new")
    try:
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target.name, target_is_directory=True)
        if sys.platform == "win32":  # A link to a folder is not replaced there.
            link.unlink(missing_ok=True)
        temporary.replace(link)
    except OSError:
        temporary.unlink(missing_ok=True)


def _pretty(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
