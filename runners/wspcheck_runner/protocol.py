"""The lines that wspcheck.exe writes (reports/schema/protocol.schema.json)."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Union

from .errors import ProtocolError
from .verdict import Job, Observation, Result, Verdict

VERSION = 1


@dataclass(frozen=True)
class Case:
    """A case of the suite, as `wspcheck.exe list` names it."""

    id: str
    requirements: tuple[str, ...]
    applies: str
    file: str
    line: int
    wire: tuple[str, ...] = ()
    """What it claims about packets."""
    tpdus: str = ""
    """Which TPDUs it expects, for the claim "tpdus"."""


@dataclass(frozen=True)
class Hello:
    """The provider is loaded and started."""

    suite: str
    arch: str
    provider: Mapping[str, Any]


@dataclass(frozen=True)
class Begin:
    """A case begins."""

    job: Job
    limit_ms: Optional[float]
    """The time limit that the suite applies to it."""


@dataclass(frozen=True)
class End:
    """A case ended."""

    result: Result
    is_last: bool = False
    """Whether the process ends with it, before its time."""


@dataclass(frozen=True)
class Fatal:
    """The provider cannot be tested at all."""

    message: str
    went_wrong: bool = False
    """Whether it is a provider, and did what none may do."""


@dataclass(frozen=True)
class Bye:
    """The process ran to its end."""


Message = Union[Case, Hello, Begin, End, Fatal, Bye]


def parse(data: Mapping[str, Any], profile: str) -> Message:
    """The message of a decoded line; `profile` is what its jobs belong to."""
    try:
        return _message(data, profile)
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"{error!r} in the line {str(data)[:400]}") from error


def _message(data: Mapping[str, Any], profile: str) -> Message:
    kind = data["type"]
    if kind == "begin":
        return Begin(Job(profile, data["entry"], data["case"]), data.get("limit_ms"))
    if kind == "end":
        return End(_result(data, profile), data.get("last", False))
    if kind == "hello":
        if data["protocol"] != VERSION:
            raise ValueError(f"protocol version {data['protocol']}, not {VERSION}")
        return Hello(data["suite"], data["arch"], data["provider"])
    if kind == "case":
        requirements = tuple(data["requirements"])
        return Case(
            id=data["case"],
            requirements=requirements,
            applies=data.get("applies", ""),
            file=data["file"],
            line=data["line"],
            wire=tuple(data.get("wire", ())),
            tpdus=data.get("tpdus", ""),
        )
    if kind == "fatal":
        return Fatal(data["message"], data.get("went_wrong", False))
    if kind == "bye":
        return Bye()
    raise ValueError(f"unknown type {kind!r}")


def _result(data: Mapping[str, Any], profile: str) -> Result:
    return Result(
        job=Job(profile, data["entry"], data["case"]),
        verdict=Verdict(data["verdict"]),
        requirements=tuple(data["requirements"]),
        expected=data.get("expected", ""),
        observed=data.get("observed", ""),
        message=data.get("message", ""),
        duration_ms=float(data["duration_ms"]),
        waits_ms=float(data.get("waits_ms", 0.0)),
        observations=tuple(
            Observation(one["requirement"], one["text"])
            for one in data.get("observations", ())
        ),
        location=data.get("location", ""),
        trace=tuple(data.get("trace", ())),
        contradicts_profile=bool(data.get("contradicts_profile")),
    )


class Tail:
    """Follows a file of JSON lines while it is being written. A line without one of our
    nonces, or with one that is used up, is not the suite's: a provider may write where
    it likes, and copy what it reads."""

    def __init__(self, path: Path, nonces: Iterable[str], profile: str) -> None:
        self._path = path
        self._places = {nonce: place for place, nonce in enumerate(nonces)}
        self._next = 0
        self._profile = profile
        self._offset = 0
        self._rest = b""

    def read(self) -> list[Message]:
        """What was completed since the last call."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                fresh = file.read()
        except FileNotFoundError:
            return []
        self._offset += len(fresh)
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        ours = (data for data in map(self._decode, lines) if data is not None)
        return [parse(data, self._profile) for data in ours]

    def _decode(self, line: bytes) -> Optional[Mapping[str, Any]]:
        try:
            data = json.loads(line.decode("utf-8", "replace"))
        except ValueError:
            return None
        if not isinstance(data, dict):
            return None
        nonce = data.get("nonce")
        place = self._places.get(nonce, -1) if isinstance(nonce, str) else -1
        if place < self._next:
            return None
        self._next = place + 1
        return data
