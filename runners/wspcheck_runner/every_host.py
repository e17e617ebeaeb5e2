"""`wspcheck run --host all`: the same run on every host, in one report."""
from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

from . import environment, folder as folders, kept, merge, places, progress
from .errors import SetupError
from .hosts import ALL, HOSTS, Host
from .kept import Kept
from .past import Past
from .record import Record
from .run import shown_path
from .verdict import Job, Result, Verdict

EACH = "hosts"
"""The folder with the runs of the single hosts, inside of that of the whole."""


@dataclass(frozen=True)
class Part:
    """What one host contributed."""

    host: Host
    run: Kept

    def name(self, profile: str) -> str:
        """A provider on this host."""
        return f"{profile}@{self.host.id}"

    def profiles(self) -> Iterator[Mapping[str, Any]]:
        """The providers of its record."""
        for one in self.run.record.data["profiles"]:
            title = f"{one['title']} on {self.host.title}"
            yield {**one, "name": self.name(one["name"]), "title": title}

    def results(self) -> Iterator[Result]:
        """Its verdicts, as those of providers on this host."""
        for result in self.run.past.results.values():
            profile = self.name(result.job.profile)
            yield replace(
                result,
                job=result.job._replace(profile=profile),
                wire=result.wire
                and replace(result.wire, capture=self._capture(result)),
            )

    def past(self) -> Past:
        """How far it came."""
        past = self.run.past
        return replace(
            past,
            results={result.job: result for result in self.results()},
            hellos={self.name(name): hello for name, hello in past.hellos.items()},
            incidents=[f"{self.host.title}: {text}" for text in past.incidents],
            notes=[f"{self.host.title}: {text}" for text in past.notes],
            gave_up=[f"{self.host.title}: {text}" for text in past.gave_up],
            unreached={
                job._replace(profile=self.name(job.profile)) for job in past.unreached
            },
        )

    def hosts(self) -> Iterator[Mapping[str, Any]]:
        """Its part of environment.json."""
        for one in merge.hosts_of(self.run):
            providers = [
                {**provider, "profile": self.name(provider["profile"])}
                for provider in one["providers"]
            ]
            yield {**one, "providers": providers}

    def _capture(self, result: Result) -> str:
        assert result.wire
        old = result.wire.capture
        return f"{folders.WIRE}/{self.host.id}/{Path(old).name}" if old else ""


def run(arguments: Sequence[str], out: Optional[Path]) -> int:
    """Runs `wspcheck run` with these arguments on each host and joins what comes of it;
    the exit code is that of the whole."""
    now = datetime.datetime.now().astimezone()
    folder = folders.chosen(out) if out else folders.fresh(now)
    parts = [Part(host, _run(host, arguments, folder)) for host in HOSTS.values()]
    outcome = merge.write(whole(parts), folder)
    for part in parts:
        captures = part.run.path / folders.WIRE
        if captures.is_dir():
            shutil.copytree(captures, folder.path / folders.WIRE / part.host.id)
    progress.conclude(outcome, shown_path(folder.path / folders.PAGE))
    return outcome.exit_code


def whole(parts: Sequence[Part]) -> merge.Whole:
    """The parts as one run, in which a provider on each host is one of its own."""
    record = _record(parts)
    return merge.Whole(
        record=record,
        past=_past(parts),
        selection=record.selection(),
        environment=environment.of_hosts([one for p in parts for one in p.hosts()]),
        evidence=[],
    )


def _run(host: Host, arguments: Sequence[str], folder: folders.Folder) -> Kept:
    """A process of its own, since the host is a matter of the whole process."""
    path = folder.path / EACH / host.id
    print(f"on {host.title}:", flush=True)
    command = [sys.executable, "-m", "wspcheck_runner", "run", "--host", host.id]
    status = subprocess.run(
        [*command, "--out", str(path), *arguments],
        cwd=Path.cwd(),
        env={**os.environ, "PYTHONPATH": str(places.REPOSITORY / "runners")},
        check=False,
    ).returncode
    if status not in (0, 1, 3) or not path.is_dir():
        raise SetupError(f"there is no run on {host.title}: see above")
    return kept.load(path)


def _record(parts: Sequence[Part]) -> Record:
    first = parts[0].run.record
    for part in parts[1:]:
        if part.run.record.data["cases"] != first.data["cases"]:
            raise SetupError(f"the suite for {part.host.title} has other cases")
    profiles = [one for part in parts for one in part.profiles()]
    return Record(
        {
            **first.data,
            "command": environment.command(),
            "host": ALL,
            "profiles": profiles,
        }
    )


def _past(parts: Sequence[Part]) -> Past:
    past = merge.sum_of([part.past() for part in parts])
    past.notes += differences(parts)
    return past


def differences(parts: Sequence[Part]) -> list[str]:
    """Where a provider has other verdicts on one host than on another."""
    verdicts: dict[Job, dict[str, Verdict]] = defaultdict(dict)
    for part in parts:
        for result in part.run.past.results.values():
            verdicts[result.job][part.host.title] = result.verdict
    found = [
        f"{job}: "
        + ", ".join(f"{verdict.value} on {title}" for title, verdict in by_host.items())
        for job, by_host in verdicts.items()
        if len(set(by_host.values())) > 1
    ]
    names = ", ".join(part.host.title for part in parts)
    return found or [f"No verdict differs between {names}."]
