"""Profiles: TOML files that describe a provider to test."""
from __future__ import annotations

import functools
import ipaddress
import operator
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Iterator, Mapping, Optional, Union

from . import names, places
from .errors import SetupError, near
from .toml_source import Document, Table

CASE_S = (0.1, 3600.0)
"""The least and the most that a case may be allowed."""

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]")
_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")


@dataclass(frozen=True)
class Entry:
    """One protocol that a provider offers: what of its WSAPROTOCOL_INFOW matters."""

    id: str
    name: str
    family: int
    type: int
    protocol: int
    flags: int
    message_size: int
    min_address: int
    max_address: int
    catalog_id: Optional[int]
    guid: Optional[str]

    def spec(self) -> str:
        """The entry as wspcheck.exe takes it."""
        parts = [
            f"id={self.id}",
            f"af={self.family}",
            f"type={self.type}",
            f"protocol={self.protocol}",
            f"flags={self.flags:#x}",
            f"message_size={self.message_size}",
            f"min_addr={self.min_address}",
            f"max_addr={self.max_address}",
        ]
        if self.catalog_id is not None:
            parts.append(f"catalog_id={self.catalog_id}")
        if self.guid is not None:
            parts.append(f"guid={self.guid}")
        return ",".join(parts + [f"name={self.name}"])


@dataclass(frozen=True)
class Profile:
    """A provider to test."""

    name: str
    title: str
    dll: str
    """A path of this machine, or a Windows path with a drive."""
    entries: tuple[Entry, ...]
    baseline: Optional[Path]
    path: Path
    dialect: str = "windows"
    """Whose pages it follows: one of names.DIALECTS."""
    platform: str = ""
    """The oldest Windows that it claims to run on: one of names.PLATFORMS, or none."""
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Variables that the process with the provider gets, besides its own."""
    base: Optional[Profile] = None
    """What the provider is layered over."""
    guid: Optional[str] = None
    """The ProviderId by which a layer knows its own hidden entry."""
    address4: Optional[str] = None
    """The local IPv4 address at which its sockets are bound and reached; None: that of
    the worker."""
    address6: Optional[str] = None
    """The same for IPv6."""
    faults: bool = False
    """Whether it is claimed to offer the extension of wspcheck_fault.h. No layer has
    this of its base: it may hand the extension through, or not."""
    case_s: Optional[float] = None
    """Seconds that a case may take which sets no limit itself; None: the run's."""
    most_processes: Optional[int] = None
    """How many processes with it may run at a time; None: any number."""

    @property
    def own_addresses(self) -> list[str]:
        """Those at which it is reached whichever worker runs it."""
        return [one for one in (self.address4, self.address6) if one]

    def chain(self) -> Iterator[Profile]:
        """The provider and what is below it, down to the base."""
        one: Optional[Profile] = self
        while one:
            yield one
            one = one.base

    def entry_ids(self) -> list[str]:
        """The ids of its entries, in the order of the file."""
        return [entry.id for entry in self.entries]


def find(name: str) -> Path:
    """The file that `--profile name` means: a path, or a name of ours."""
    path = Path(name)
    if path.suffix == ".toml" or "/" in name or "\\" in name:
        if not path.is_file():
            raise SetupError(f'there is no profile file "{name}"')
        return path
    ours = {file.stem: file for file in sorted(places.PROFILES.glob("*.toml"))}
    if name not in ours:
        raise SetupError(
            f'there is no profile "{name}"{near(name, ours)} '
            f"(profiles here: {', '.join(ours) or 'none'}; or give a .toml file)"
        )
    return ours[name]


def load(path: Path, above: tuple[Path, ...] = ()) -> Profile:
    """Reads a profile; SetupError names what is wrong with it and where. `above` are
    the profiles of the layers over it."""
    document = Document(path)
    root = document.root()
    root.expect_tables("entry")
    name = root.text("name")
    if not re.fullmatch(r"[\w.\-]+", name):
        root.complain("name", '"name" may hold letters, digits, ".", "-" and "_" only')
    base = _base(root, (*above, path))
    address4, address6 = _addresses(root, base)
    case_s, most_processes = _limits(root, base)
    profile = Profile(
        name=name,
        title=root.text("title", name),
        dll=_dll(root, path),
        entries=_entries(document, root, base),
        baseline=_baseline(root, path),
        path=path,
        dialect=root.choice("dialect", names.DIALECTS, "windows"),
        platform=root.choice("platform", names.PLATFORMS, ""),
        environment={
            **(base.environment if base else {}),
            **root.variables("environment"),
        },
        base=base,
        guid=_guid(root) if base else None,
        address4=address4,
        address6=address6,
        faults=root.has("faults") and root.truth("faults"),
        case_s=case_s,
        most_processes=most_processes,
    )
    root.finish()
    ids = profile.entry_ids()
    if not ids:
        root.complain(None, "the profile has no [[entry]]")
    for index, table in enumerate(document.tables("entry")):
        if ids[index] in ids[:index]:
            table.complain("id", f'the id "{ids[index]}" is taken twice')
    return profile


def _dll(root: Table, path: Path) -> str:
    """Beside the profile; a bare name may also be one of the DLLs built here."""
    written = root.text("dll")
    if _WINDOWS_PATH.match(written):
        return written
    file = path.parent / written.replace("\\", "/")
    built = places.binaries() / written
    if not file.is_file() and file.parent == path.parent and built.is_file():
        file = built
    if not file.is_file():
        root.complain("dll", f'"dll": there is no file {places.for_reader(file)}')
    return str(file.resolve())


def _baseline(root: Table, path: Path) -> Optional[Path]:
    written = root.text("baseline", "")
    if not written:
        return None
    file = path.parent / written
    if not file.is_file():
        root.complain("baseline", f'"baseline": no file {places.for_reader(file)}')
    return file.resolve()


def _base(root: Table, above: tuple[Path, ...]) -> Optional[Profile]:
    """The profile of what is below: a file beside this one, or one of ours."""
    written = root.text("base", "")
    if not written:
        return None
    beside = above[-1].parent / written.replace("\\", "/")
    try:
        path = beside if beside.is_file() else find(written)
    except SetupError as error:
        root.complain("base", f'"base": {error}')
    if path.resolve() in [one.resolve() for one in above]:
        root.complain("base", '"base": a provider cannot be layered over itself')
    return load(path, above)


def _addresses(
    root: Table, base: Optional[Profile]
) -> tuple[Optional[str], Optional[str]]:
    """What is not written is as in the base."""
    table = root.table("addresses")
    address4 = _address(table, "ipv4", ipaddress.IPv4Address)
    address6 = _address(table, "ipv6", ipaddress.IPv6Address)
    table.finish()
    if base is None:
        return address4, address6
    return address4 or base.address4, address6 or base.address6


def _address(table: Table, key: str, kind: type[Address]) -> Optional[str]:
    """One at which a socket can be bound and reached."""
    if not table.has(key):
        return None
    try:
        address = kind(table.text(key))
    except ipaddress.AddressValueError:
        table.complain(key, f'"{key}" is not an IPv{key[-1]} address')
    # The suite gives no scopes, without which a link-local one cannot be bound.
    for what, is_so in (
        ("a wildcard", address.is_unspecified),
        ("a broadcast", str(address) == "255.255.255.255"),
        ("a multicast", address.is_multicast),
        ("a link-local", address.version == 6 and address.is_link_local),
        ("a scoped", "%" in str(address)),
    ):
        if is_so:
            table.complain(key, f'"{key}": {address} is {what} address')
    return str(address)


def _limits(
    root: Table, base: Optional[Profile]
) -> tuple[Optional[float], Optional[int]]:
    """What is not written is as in the base; since a layer's processes are its base's,
    too, it cannot have more of them."""
    table = root.table("limits")
    case_s = table.quantity("case_s", *CASE_S) if table.has("case_s") else None
    jobs = table.number("jobs") if table.has("jobs") else None
    if jobs == 0:
        table.complain("jobs", '"jobs" is 0, with which nothing could run')
    table.finish()
    if base is None:
        return case_s, jobs
    both = [one for one in (jobs, base.most_processes) if one]
    return case_s or base.case_s, min(both, default=None)


def _entries(
    document: Document, root: Table, base: Optional[Profile]
) -> tuple[Entry, ...]:
    """Those that are written; a layer without any has those of its base."""
    written = tuple(_entry(table, base) for table in document.tables("entry"))
    if base is None:
        return written
    entries = written or tuple(over(entry) for entry in base.entries)
    if not root.has("ifs_handles"):
        return entries
    ifs = names.SERVICE_FLAGS["XP1_IFS_HANDLES"]
    added = ifs if root.truth("ifs_handles") else 0
    return tuple(replace(one, flags=one.flags & ~ifs | added) for one in entries)


def over(below: Entry) -> Entry:
    """The entry of a layer over this one: another one of the same protocol."""
    return replace(below, catalog_id=None, guid=None)


def _entry(table: Table, base: Optional[Profile]) -> Entry:
    ident = table.text("id")
    if not re.fullmatch(r"[\w.\-]+", ident):
        table.complain("id", '"id" may hold letters, digits, ".", "-" and "_" only')
    entry = _layered(table, ident, base) if base else _protocol(table, ident)
    entry = replace(
        entry,
        catalog_id=table.number("catalog_id") if table.has("catalog_id") else None,
        guid=_guid(table),
    )
    if "\n" in entry.name:
        table.complain("name", '"name" holds a line break')
    table.finish()
    return entry


def _layered(table: Table, ident: str, base: Profile) -> Entry:
    """What is not written is as in the base's entry of the same id."""
    below = {one.id: one for one in base.entries}
    if ident not in below:
        table.complain("id", f'{base.name} has no entry "{ident}"{near(ident, below)}')
    entry = over(below[ident])
    return replace(
        entry,
        name=table.text("name", entry.name),
        flags=_flags(table) if table.has("flags") else entry.flags,
    )


def _protocol(table: Table, ident: str) -> Entry:
    family = table.constant("family", names.FAMILIES)
    size = _address_size(family)
    return Entry(
        id=ident,
        name=table.text("name", ident),
        family=family,
        type=table.constant("type", names.TYPES),
        protocol=table.constant("protocol", names.PROTOCOLS),
        flags=_flags(table),
        message_size=table.number("message_size", 0),
        min_address=table.number("min_addr", size),
        max_address=table.number("max_addr", size),
        catalog_id=None,
        guid=None,
    )


def _address_size(family: int) -> Optional[int]:
    for name, size in names.ADDRESS_SIZES.items():
        if names.FAMILIES[name] == family:
            return size
    return None


def _flags(table: Table) -> int:
    written = table.texts("flags")
    values = [
        int(one, 16)
        if re.fullmatch("0x[0-9a-f]{1,8}", one)
        else table.resolve("flags", one, names.SERVICE_FLAGS)
        for one in written
    ]
    return functools.reduce(operator.or_, values, 0)


def _guid(table: Table) -> Optional[str]:
    if not table.has("guid"):
        return None
    guid = table.text("guid")
    if not _GUID.fullmatch(guid):
        table.complain("guid", '"guid" is not of the form {01234567-89ab-...}')
    return guid
