"""What the system's own Winsock catalogue says of a DLL."""
from __future__ import annotations

import json
import re
from pathlib import Path, PureWindowsPath
from typing import Any, Iterator, Mapping, Sequence

from . import catalogue, names, places
from .candidates import candidates
from .channel import Channel
from .errors import SetupError
from .profile import Entry

Line = Mapping[str, Any]

UNTESTED_TYPES = (names.TYPES["SOCK_RAW"],)
"""Of these the suite has no case; and only administrators may make such sockets."""


def entries(channel: Channel, dll: str) -> list[Entry]:
    """The entries under which the system has this DLL as a base provider; none where
    the catalogue does not say whose they are, as on Wine. The channel is open."""
    text = catalogue.ask(channel, places.suite(), "catalogue")
    return of_dll(parse(text), channel.path(Path(dll)))


def parse(text: str) -> list[Line]:
    """What `wspcheck.exe catalogue` prints."""
    try:
        return [dict(json.loads(line)) for line in text.splitlines()]
    except (ValueError, TypeError) as error:
        raise SetupError(f"wspcheck.exe lists no catalogue: {error}") from None


def of_dll(lines: Sequence[Line], dll: str) -> list[Entry]:
    """Those of the DLL with this path on Windows, named as the suite's own profiles
    name such a protocol."""
    wanted = PureWindowsPath(dll)
    found = [one for one in lines if _is_base(one) and _path(one) == wanted]
    taken: set[str] = set()
    made = []
    for line in found:
        told = line["entry"]
        ident = next(one for one in _ids(told) if one not in taken)
        taken.add(ident)
        made.append(_entry(ident, told))
    return made


def _is_base(line: Line) -> bool:
    return line["chain_length"] == 1 and line["entry"]["type"] not in UNTESTED_TYPES


def _path(line: Line) -> PureWindowsPath:
    return PureWindowsPath(line["path"])


def _ids(told: Line) -> Iterator[str]:
    """Names for an entry, best first."""
    protocol = told["family"], told["type"], told["protocol"]
    known = {(one.family, one.type, one.protocol): one.id for one in candidates()}
    spelt = re.sub(r"[^\w.]+", "-", told["name"].lower(), flags=re.ASCII).strip("-")
    name = known.get(protocol) or spelt or "entry"
    yield name
    yield f"{name}-{told['catalog_id']}"


def _entry(ident: str, told: Line) -> Entry:
    return Entry(
        id=ident,
        name=told["name"],
        family=told["family"],
        type=told["type"],
        protocol=told["protocol"],
        flags=told["flags"],
        message_size=told["message_size"],
        min_address=told["min_addr"],
        max_address=told["max_addr"],
        catalog_id=told["catalog_id"],
        guid=told["guid"],
    )
