"""The folder of a run, read: what was begun, and how far it came."""
from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

from . import lines
from .errors import SetupError
from .past import Past
from .record import Record
from .verdict import Result

JOURNAL = "run.jsonl"
RESULTS = "results.jsonl"


@dataclass(frozen=True)
class Kept:
    """A run as its folder tells it."""

    path: Path
    record: Record
    past: Past


def load(path: Path) -> Kept:
    """Reads it, whatever moment its runner was killed at."""
    journal = lines.read(path / JOURNAL)
    if not journal or journal[0].get("type") != "run":
        raise SetupError(f"{path} is not the folder of a run")
    try:
        return Kept(path, Record(journal[0]), _past(path, journal))
    except (KeyError, TypeError, ValueError) as error:
        raise SetupError(
            f"the run in {path} was written by another version of wspcheck ({error!r})"
        ) from None


def _past(path: Path, journal: Sequence[Mapping[str, Any]]) -> Past:
    past = Past()
    for verdict in lines.read(path / RESULTS):
        result = Result.from_json(verdict)
        past.results[result.job] = result
    begun = None
    for line in journal[1:]:
        if line["type"] == "sitting":
            begun = datetime.datetime.fromisoformat(line["started"])
        past.account(line)
    if past.end is None and begun is not None:
        past.spent_s += _signs_of_life_s(path, begun)
    return past


def _signs_of_life_s(path: Path, begun: datetime.datetime) -> float:
    """How long somebody was at work who was killed: until the last verdict."""
    files = (path / name for name in (JOURNAL, RESULTS))
    last = max(file.stat().st_mtime for file in files if file.exists())
    return max(0.0, last - begun.timestamp())
