"""What a run is about, written down when it begins: the first line of run.jsonl. By it
a run is resumed without its options being repeated, and shards are joined on a machine
that has neither suite nor provider."""
from __future__ import annotations

import datetime
import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional

from . import hosts, places, requirements
from .baseline import Baseline, Expectation
from .channel import Channel
from .engine import Options
from .environment import sha256
from .errors import SetupError
from .profile import Entry, Profile
from .protocol import Case
from .selection import Plan, Selection, Wanted, chosen_cases, jobs_of, with_bases
from .shard import Shard
from .verdict import Verdict

SCHEMA = 1


@dataclass(frozen=True)
class Record:
    """The line (reports/schema/run.schema.json)."""

    data: Mapping[str, Any]

    @property
    def started(self) -> datetime.datetime:
        """When the run began."""
        return datetime.datetime.fromisoformat(self.data["started"])

    @property
    def wanted(self) -> Wanted:
        """What of the suite."""
        one = self.data["wanted"]
        return Wanted(
            tuple(one["cases"]), tuple(one["requirements"]), tuple(one["entries"])
        )

    @property
    def options(self) -> Options:
        """How to run it."""
        return Options(**self.data["options"])

    @property
    def host(self) -> str:
        """The id of the host."""
        return str(self.data["host"])

    @property
    def shard(self) -> Optional[Shard]:
        """Which part of it; None if all."""
        one = self.data["shard"]
        return Shard(one["number"], one["of"]) if one else None

    @property
    def profiles(self) -> list[Path]:
        """The profiles' files on the machine where it ran."""
        return [places.from_reader(one["file"]) for one in self._chosen]

    @property
    def _chosen(self) -> list[Mapping[str, Any]]:
        """The profiles that the user chose, without the bases that came with them."""
        return [one for one in self.data["profiles"] if not one["is_ground"]]

    def selection(self) -> Selection:
        """The same as it was chosen then, from nothing but the record."""
        known = requirements.load()
        cases = {one["id"]: _case(one) for one in self.data["cases"]}
        ids = chosen_cases(cases, known, self.wanted)
        plans = []
        by_name = {one["name"]: one for one in self.data["profiles"]}
        for one in self._chosen:
            profile = _profile(one, by_name)
            jobs = jobs_of(profile, ids, self.wanted)
            plans.append(Plan(profile, _baseline(profile, one), tuple(jobs)))
        all_plans = with_bases(plans, lambda base: _baseline(base, by_name[base.name]))
        chosen = Selection(all_plans, cases, known, self.wanted)
        return chosen.split(self.shard) if self.shard else chosen

    def differences(self, other: Record) -> Iterator[str]:
        """What makes the two no parts of one run."""
        mine, yours = dict(self._hashes()), dict(other._hashes())
        if list(mine) != list(yours):
            yield "other providers"
        for what in mine:
            if what in yours and mine[what] != yours[what]:
                yield f"another {what}"
        if self.host != other.host:
            yield f"another host, {other.host} in place of {self.host}"
        if self.data["wanted"] != other.data["wanted"]:
            yield "another choice of cases or entries"
        if self.data["cases"] != other.data["cases"]:
            yield "other cases"

    def check_files(self, channel: Channel, where: Path) -> None:
        """SetupError if a file on which the run rests has changed since."""
        known = dict(self._hashes())
        found: dict[str, Optional[str]] = {
            "suite (wspcheck.exe)": sha256(places.suite()),
            "set of requirements": requirements_sha256(),
        }
        for one in self.data["profiles"]:
            for file in one["files"]:
                path = channel.local(file["path"])
                local = places.from_reader(str(path)) if path else None
                found[f"{file['role']} of {file['of']}"] = sha256(local)
        for what, hashed in known.items():
            if found[what] != hashed:
                raise SetupError(
                    f"cannot resume the run in {places.for_reader(where)}: the {what} "
                    "is not the one that it began with; start a new run"
                )

    def _hashes(self) -> Iterator[tuple[str, Optional[str]]]:
        yield "suite (wspcheck.exe)", self.data["suite"]
        yield "set of requirements", self.data["requirements"]
        for one in self.data["profiles"]:
            for file in one["files"]:
                yield f"{file['role']} of {file['of']}", file["sha256"]


def of(
    chosen: Selection,
    channel: Channel,
    options: Options,
    started: datetime.datetime,
    command: str,
) -> Record:
    """The record of a run that begins now."""
    shard = chosen.shard
    return Record(
        {
            "type": "run",
            "schema": SCHEMA,
            "started": started.isoformat(timespec="seconds"),
            "command": command,
            "host": hosts.current().id,
            "options": {
                "workers": options.workers,
                "limit_s": options.limit_s,
                "wire": options.wire,
            },
            "wanted": _listed(asdict(chosen.wanted)),
            "shard": asdict(shard) if shard else None,
            "suite": sha256(places.suite()),
            "requirements": requirements_sha256(),
            "profiles": [_profile_data(plan, channel) for plan in chosen.plans],
            "cases": [_listed(asdict(case)) for case in chosen.catalogue.values()],
        }
    )


def requirements_sha256() -> str:
    """One hash over all files of requirements."""
    files = sorted(places.REQUIREMENTS.glob("*.toml"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _listed(data: Mapping[str, Any]) -> dict[str, Any]:
    """With lists in place of tuples, as JSON gives them back."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in data.items()}


def _profile_data(plan: Plan, channel: Channel) -> dict[str, Any]:
    one = plan.profile
    files = [file for below in one.chain() for file in _files(below, channel)]
    if one.baseline:
        files.append(_file("baseline", one, one.baseline))
    return {
        "name": one.name,
        "title": one.title,
        "file": places.for_reader(one.path),
        "dll": _dll(one.dll),
        "base": one.base.name if one.base else None,
        "is_ground": plan.is_ground,
        "entries": [asdict(entry) for entry in one.entries],
        "files": files,
        "baseline": _baseline_data(plan.baseline),
    }


def _files(one: Profile, channel: Channel) -> Iterator[dict[str, Any]]:
    yield _file("profile", one, one.path)
    yield {**_file("provider DLL", one, channel.local(one.dll)), "path": _dll(one.dll)}


def _file(role: str, one: Profile, path: Optional[Path]) -> dict[str, Any]:
    shown = places.for_reader(path) if path else ""
    return {"role": role, "of": one.name, "path": shown, "sha256": sha256(path)}


def _dll(dll: str) -> str:
    return places.for_reader(Path(dll)) if Path(dll).is_absolute() else dll


def _baseline_data(baseline: Optional[Baseline]) -> Optional[dict[str, Any]]:
    if baseline is None:
        return None
    expectations = [
        {
            **_listed(asdict(one)),
            "verdict": one.verdict.value,
            "expires": one.expires.isoformat(),
        }
        for one in baseline.expectations
    ]
    return {"file": places.for_reader(baseline.path), "expectations": expectations}


def _case(data: Mapping[str, Any]) -> Case:
    return Case(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})


def _profile(
    data: Mapping[str, Any], by_name: Mapping[str, Mapping[str, Any]]
) -> Profile:
    baseline = data["baseline"]
    base = data["base"]
    return Profile(
        name=data["name"],
        title=data["title"],
        dll=data["dll"],
        entries=tuple(Entry(**one) for one in data["entries"]),
        baseline=places.from_reader(baseline["file"]) if baseline else None,
        path=places.from_reader(data["file"]),
        base=_profile(by_name[base], by_name) if base else None,
    )


def _baseline(profile: Profile, data: Mapping[str, Any]) -> Optional[Baseline]:
    if profile.baseline is None:
        return None
    return Baseline(
        profile.baseline,
        [_expectation(one) for one in data["baseline"]["expectations"]],
    )


def _expectation(data: Mapping[str, Any]) -> Expectation:
    read = {
        "entries": tuple(data["entries"]),
        "verdict": Verdict(data["verdict"]),
        "expires": datetime.date.fromisoformat(data["expires"]),
    }
    return Expectation(**{**data, **read})
