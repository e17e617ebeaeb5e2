"""What is known of a run besides what it is about: how far it came."""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Iterator, Mapping, Optional

from .protocol import Hello
from .verdict import Job, Result


@dataclass
class Past:
    """How far a run came. An engine may go on from it."""

    results: dict[Job, Result] = field(default_factory=dict)
    hellos: dict[str, Hello] = field(default_factory=dict)
    incidents: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)
    unreached: set[Job] = field(default_factory=set)
    """Jobs that have a verdict only because somebody gave up."""
    spent_s: float = 0.0
    """For how long it was at work."""
    end: Optional[Mapping[str, Any]] = None
    """The journal's last line if the run came to its end."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.end is not None and bool(self.end["complete"])

    def account(self, line: Mapping[str, Any]) -> None:
        """Takes note of a line of run.jsonl."""
        kind = line["type"]
        if kind == "sitting":
            self.gave_up, self.unreached, self.end = [], set(), None
            self.spent_s = line["spent_s"]
        elif kind == "hello":
            hello = Hello(line["suite"], line["arch"], line["provider"])
            self.hellos[line["profile"]] = hello
        elif kind == "incident":
            self.incidents.append(line["text"])
        elif kind == "note":
            self.notes.append(line["text"])
        elif kind == "gave_up":
            self.gave_up.append(line["text"])
            self.unreached.update(Job(*job) for job in line["jobs"])
        elif kind == "end":
            self.end = line
            self.spent_s = line["spent_s"]

    def lines(self) -> Iterator[Mapping[str, Any]]:
        """What run.jsonl says of it between its beginning and its end."""
        for name, hello in self.hellos.items():
            yield {"type": "hello", "profile": name, **asdict(hello)}
        for text in self.notes:
            yield {"type": "note", "text": text}
        for text in self.incidents:
            yield {"type": "incident", "text": text}
        for text in self.gave_up:
            yield {"type": "gave_up", "text": text, "jobs": sorted(self.unreached)}
