"""`wspcheck merge`: the shards of a run, joined to the report of the whole."""
from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

from . import environment, folder as folders, kept, progress, summary
from .errors import SetupError
from .kept import Kept
from .past import Past
from .record import Record
from .run import shown_path
from .selection import Selection
from .summary import Summary


@dataclass(frozen=True)
class Whole:
    """A run that is over, however many machines it ran on."""

    record: Record
    past: Past
    selection: Selection
    environment: Mapping[str, Any]
    evidence: Sequence[Path]
    """Folders whose files belong to it."""

    def summary(self) -> Summary:
        """What the verdicts amount to."""
        jobs = self.selection.jobs
        return summary.summarize(
            self.selection,
            self.past.results,
            started=self.record.started,
            wall_s=self.past.spent_s,
            incidents=[*self.past.gave_up, *self.past.incidents],
            notes=self.past.notes,
            complete=not self.past.gave_up
            and all(job in self.past.results for job in jobs),
        )


def merge(paths: Sequence[Path], output: Path, is_normalised: bool = False) -> int:
    """Writes the joined report; the exit code is that of the whole run."""
    whole = join([_finished(path) for path in paths])
    if is_normalised:
        from .normal import normalised

        whole = normalised(whole)
    outcome = write(whole, folders.chosen(output))
    progress.conclude(outcome, shown_path(output / folders.PAGE))
    return outcome.exit_code


def join(parts: Sequence[Kept]) -> Whole:
    """SetupError if they are not all the parts of one run."""
    parts = _in_order(parts)
    first = parts[0].record
    started = min(part.record.started for part in parts)
    record = Record(
        {
            **first.data,
            "command": environment.command(),
            "started": started.isoformat(timespec="seconds"),
            "shard": None,
        }
    )
    hosts = [host for part in parts for host in hosts_of(part)]
    return Whole(
        record=record,
        past=sum_of([part.past for part in parts]),
        selection=record.selection(),
        environment=environment.of_hosts(_distinct(hosts)),
        evidence=[part.path / folders.WIRE for part in parts],
    )


def write(whole: Whole, folder: folders.Folder) -> Summary:
    """Makes it a run's folder, as if it had run there."""
    outcome = whole.summary()
    folder.begin(whole.record, whole.record.started)
    for line in whole.past.lines():
        folder.tell(line)
    for evidence in whole.evidence:
        if evidence.is_dir():
            shutil.copytree(evidence, folder.path / folders.WIRE, dirs_exist_ok=True)
    folder.finish(outcome, whole.environment, whole.selection.requirements)
    return outcome


def _finished(path: Path) -> Kept:
    found = kept.load(path)
    if found.past.end is None:
        raise SetupError(
            f"the run in {path} was cut off: finish it with "
            f"`wspcheck run --resume {path}`"
        )
    return found


def _in_order(parts: Sequence[Kept]) -> list[Kept]:
    first = parts[0]
    for part in parts[1:]:
        why = next(first.record.differences(part.record), None)
        if why:
            raise SetupError(
                f"{first.path} and {part.path} are no parts of one run: "
                f"the second has {why}"
            )
    found: dict[int, Kept] = {}
    count = _count(first)
    for part in parts:
        shard = part.record.shard
        if _count(part) != count:
            raise SetupError(
                f"{first.path} is {_kind(first)}, but {part.path} is {_kind(part)}"
            )
        number = shard.number if shard else 1
        if number in found:
            raise SetupError(
                f"{found[number].path} and {part.path} are both {_kind(part)}"
            )
        found[number] = part
    missing = [f"{n}/{count}" for n in range(1, count + 1) if n not in found]
    if missing:
        raise SetupError(f"shard {', '.join(missing)} is missing")
    return [found[number] for number in sorted(found)]


def _count(part: Kept) -> int:
    return part.record.shard.of if part.record.shard else 1


def _kind(part: Kept) -> str:
    return f"shard {part.record.shard}" if part.record.shard else "a whole run"


def sum_of(pasts: Sequence[Past]) -> Past:
    """All of them together."""
    whole = Past(end=pasts[0].end)
    for one in pasts:
        whole.results.update(one.results)
        for name, hello in one.hellos.items():
            whole.hellos.setdefault(name, hello)
        whole.incidents += one.incidents
        whole.notes += one.notes
        whole.gave_up += one.gave_up
        whole.unreached |= one.unreached
        whole.spent_s += one.spent_s
    return whole


def hosts_of(part: Kept) -> list[Mapping[str, Any]]:
    """What its environment.json says of where it ran."""
    try:
        text = (part.path / "environment.json").read_text(encoding="utf-8")
        return list(json.loads(text)["hosts"])
    except (OSError, ValueError, KeyError) as error:
        raise SetupError(f"{part.path}/environment.json: {error!r}") from None


def _distinct(hosts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each host once: of a provider that a small shard never started, and of a suite
    that it never asked, another shard knows more."""
    found: list[Mapping[str, Any]] = []
    for host in hosts:
        for index, one in enumerate(found):
            if _identity(one) == _identity(host):
                found[index] = _richer(one, host)
                break
        else:
            found.append(host)
    return found


def _identity(host: Mapping[str, Any]) -> Mapping[str, Any]:
    names = [one["profile"] for one in host["providers"]]
    return {**host, "suite": host["suite"]["sha256"], "providers": names}


def _richer(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    pairs = zip(one["providers"], other["providers"])
    return {
        **one,
        "suite": one["suite"] if one["suite"]["version"] else other["suite"],
        "providers": [a if a["entries"] else b for a, b in pairs],
    }
