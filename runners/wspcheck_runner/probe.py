"""What a DLL shows of itself before any case is run, and the profile that follows from
it."""
from __future__ import annotations

import json
import secrets
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

from . import names, places, system_catalogue
from .candidates import candidates
from .channel import NOTHING, Channel
from .errors import SetupError
from .profile import Entry, Profile, over

LIMIT_S = 60.0
IFS = names.SERVICE_FLAGS["XP1_IFS_HANDLES"]


@dataclass(frozen=True)
class Shown:
    """What the provider showed of one entry."""

    entry: Entry
    """As it was asked for."""
    line: Mapping[str, Any] = field(default_factory=dict)
    """What the suite saw; empty if the provider did not survive."""
    fate: str = ""
    """How it ended then."""

    @property
    def is_offered(self) -> bool:
        """Whether it makes sockets of the entry."""
        return bool(self.line.get("has_socket"))

    @property
    def refusal(self) -> str:
        """Why it is not offered, in words."""
        if self.fate:
            return self.fate
        if self.line["startup_error"]:
            return f"WSPStartup fails with {self.line['startup_error']}"
        return str(self.line["wrong"] or f"WSPSocket: {self._socket_error}")

    @property
    def _socket_error(self) -> str:
        return self.line["socket_error"] or "no code in *lpErrno"

    @property
    def assumed(self) -> Entry:
        """The entry as the system's catalogue holds it, or as one would, as far as it
        can be known: what the socket tells of its protocol goes before what was asked
        for."""
        if self.is_listed:
            return self.entry
        told = self._told if self.is_told else {}
        flags = told.get("flags", self.entry.flags) & ~IFS
        ifs = IFS if self.line["handles"] == "system" else 0
        return replace(
            self.entry,
            name=told.get("name") or self.entry.name,
            flags=flags | ifs,
            message_size=told.get("message_size", self.entry.message_size),
            min_address=told.get("min_addr") or self.entry.min_address,
            max_address=told.get("max_addr") or self.entry.max_address,
        )

    @property
    def is_listed(self) -> bool:
        """Whether the system's catalogue has the entry; no other has an id here."""
        return self.entry.catalog_id is not None

    @property
    def is_told(self) -> bool:
        """Whether the provider says more of the protocol than it was told."""
        told = self._told
        return self._is_of_entry and told["flags"] & ~IFS != self.entry.flags & ~IFS

    @property
    def _told(self) -> Mapping[str, Any]:
        return self.line.get("told") or {}

    @property
    def _is_of_entry(self) -> bool:
        keys = ("family", "type", "protocol")
        return all(self._told.get(key) == getattr(self.entry, key) for key in keys)

    def findings(self) -> Iterator[str]:
        """What does not fit together, in sentences."""
        if self.fate:
            yield self.fate
        elif self.line["wrong"]:
            yield self.line["wrong"]
        elif self.is_offered:
            yield from self._contradictions()

    def _contradictions(self) -> Iterator[str]:
        told, line = self._told, self.line
        if line["cleanup_error"]:
            yield f"WSPCleanup fails with {line['cleanup_error']}"
        if line["handles"] == "unknown":
            yield (
                "WSPSocket calls neither WPUCreateSocketHandle nor WPUModifyIFSHandle: "
                "the host does not know the handle"
            )
        if told and not self._is_of_entry:
            yield (
                "its socket tells of another protocol: family {family}, type {type}, "
                "protocol {protocol}".format(**told)
            )
        if self.is_listed:
            yield from _flag_contradictions(self.entry.flags, line["handles"])
        elif self.is_told:
            yield from _flag_contradictions(told["flags"], line["handles"])


def _flag_contradictions(flags: int, handles: str) -> Iterator[str]:
    bit = names.SERVICE_FLAGS
    if (handles == "system") != bool(flags & IFS):
        claim = "claims" if flags & IFS else "does not claim"
        yield f"it {claim} XP1_IFS_HANDLES, and its handles are of the {handles}"
    if flags & bit["XP1_CONNECTIONLESS"] and flags & bit["XP1_GRACEFUL_CLOSE"]:
        yield "it claims XP1_GRACEFUL_CLOSE, and is connectionless"
    if flags & bit["XP1_PSEUDO_STREAM"] and not flags & bit["XP1_MESSAGE_ORIENTED"]:
        yield "it claims XP1_PSEUDO_STREAM without XP1_MESSAGE_ORIENTED"


@dataclass(frozen=True)
class Probe:
    """What a DLL showed."""

    dll: str
    base: Optional[Profile]
    guid: Optional[str] = None
    shown: tuple[Shown, ...] = ()

    @property
    def offered(self) -> list[Shown]:
        """The entries that it has."""
        return [one for one in self.shown if one.is_offered]

    @property
    def findings(self) -> list[str]:
        """What does not fit together, in sentences, each with its entries."""
        found: dict[str, list[str]] = {}
        for one in self.shown:
            for finding in one.findings():
                found.setdefault(finding, []).append(one.entry.id)
        return [f"{', '.join(entries)}: {what}" for what, entries in found.items()]

    @property
    def title(self) -> str:
        """How it is called in reports. What a layer calls itself is mostly what it has
        from below."""
        name = Path(self.dll).name
        if self.base:
            return f"{name} over {self.base.name}"
        return self.description or name

    @property
    def description(self) -> str:
        """What the provider calls itself."""
        lines = (one.line.get("entry", {}) for one in self.offered)
        return next((one["description"] for one in lines if one["description"]), "")


def probe(
    channel: Channel,
    dll: str,
    base: Optional[Profile] = None,
    guid: Optional[str] = None,
) -> Probe:
    """Asks the DLL for the entries that the system's catalogue has of it, or else for
    every protocol that the suite knows; a layer for those of what it is layered over,
    with `guid` as the ProviderId by which it knows itself. The channel is open.
    SetupError if it is no provider."""
    if base:
        rest = [over(one) for one in base.entries]
    else:
        rest = system_catalogue.entries(channel, dll) or candidates()
    shown: list[Shown] = []
    while rest:
        answers, died = _ask(channel, Probe(dll, base, guid), rest)
        shown += [Shown(e, a) for e, a in zip(rest, answers)]
        rest = rest[len(answers) :]
        if rest:
            shown.append(Shown(rest[0], fate=died))
            rest = rest[1:]
    return Probe(dll, base, guid, tuple(shown))


def resolve(dll: str) -> str:
    """The path that the user gave: a file here, or one of those that are built."""
    path = Path(dll)
    if not path.is_file() and path.name == dll and (places.binaries() / dll).is_file():
        path = places.binaries() / dll
    if not path.is_file():
        raise SetupError(f"there is no file {dll}")
    return str(path.resolve())


def _ask(
    channel: Channel, what: Probe, entries: Sequence[Entry]
) -> tuple[list[Mapping[str, Any]], str]:
    """What the suite says of the first entries, and how it ended at the next one."""
    nonces = [secrets.token_hex(8) for _ in range(len(entries) + 1)]
    with tempfile.TemporaryDirectory(
        prefix="wspcheck-", ignore_cleanup_errors=True
    ) as folder:
        results, output = Path(folder, "results"), Path(folder, "output")
        secret = Path(folder, "nonces")
        written = "".join(f"{nonce}\n" for nonce in nonces)
        secret.write_text(written, newline="\n")
        command = [channel.path(places.suite()), "probe", "--dll"]
        command.append(channel.path(Path(what.dll)))
        command += ["--guid", what.guid] if what.guid else []
        for entry in entries:
            command += ["--entry", entry.spec()]
        for one in what.base.chain() if what.base else ():
            command += ["--below", channel.path(Path(one.dll))]
            command += ["--guid", one.guid] if one.guid else []
            for entry in one.entries:
                command += ["--entry", entry.spec()]
        command += ["--results", channel.path(results)]
        command += ["--nonces", channel.path(secret)]
        variables = what.base.environment if what.base else NOTHING
        with output.open("wb") as stream:
            process = channel.start(command, stream, variables)
            status = _wait(process)
            channel.kill(process)
        lines = _lines(results, nonces)
    fatal = next((one["message"] for one in lines if one["type"] == "fatal"), "")
    answers = [one for one in lines if one["type"] == "probe"]
    if not answers and fatal and status == 2:
        raise SetupError(f"{Path(what.dll).name}: {fatal}")
    return answers, fatal or f"the process ended with exit status {status}"


def _wait(process: subprocess.Popen[bytes]) -> Optional[int]:
    try:
        return process.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        return None


def _lines(path: Path, nonces: Sequence[str]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    for line in text.splitlines():
        try:
            data = json.loads(line)
        except ValueError:
            continue
        if isinstance(data, dict) and data.get("nonce") in nonces:
            found.append(data)
    return found


def profile_text(found: Probe, name: str) -> str:
    """A profile for what was found, with what was assumed as comments."""
    import tomli_w

    data: dict[str, Any] = {
        "name": name,
        "title": found.title,
        "dll": found.dll,
    }
    if found.base:
        data["base"] = str(found.base.path.resolve())
        system = [one.line["handles"] == "system" for one in found.offered]
        data["ifs_handles"] = all(system)
        data.update({"guid": found.guid} if found.guid else {})
    else:
        data["entry"] = [_table(one.assumed) for one in found.offered]
    comments = [f"# {line}" for line in assumptions(found)]
    return "\n".join([*comments, "", tomli_w.dumps(data, multiline_strings=False)])


def assumptions(found: Probe) -> list[str]:
    """What nobody said, and the profile says nevertheless."""
    if any(one.is_listed for one in found.offered):
        lines = ["Made by probing the DLL, with the entries of the system's catalogue:"]
    else:
        lines = ["Made by probing the DLL. A catalogue would know better:"]
    if found.base:
        return [
            *lines,
            f"the entries are those of {found.base.name}, over which it is layered.",
        ]
    for one in found.offered:
        source = _source(one)
        flags = " ".join(names.flag_names(one.assumed.flags)) or "none"
        lines.append(f"{one.entry.id}: flags {source}: {flags}")
    return lines


def _source(one: Shown) -> str:
    """Whose word is taken for the flags."""
    if one.is_listed:
        return "as the catalogue says"
    return "as its socket tells" if one.is_told else "assumed"


def _table(entry: Entry) -> dict[str, Any]:
    listed = {"guid": entry.guid, "catalog_id": entry.catalog_id}
    return {
        "id": entry.id,
        "family": names.name_of(entry.family, names.FAMILIES),
        "type": names.name_of(entry.type, names.TYPES),
        "protocol": entry.protocol,
        "flags": names.flag_names(entry.flags),
        "message_size": entry.message_size,
        "min_addr": entry.min_address,
        "max_addr": entry.max_address,
        "name": entry.name,
        **{key: value for key, value in listed.items() if value is not None},
    }


def file_name(dll: str) -> str:
    """A name for the profile of a DLL."""
    stem = Path(dll).stem
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in stem) or "provider"
