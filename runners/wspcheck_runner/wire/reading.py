"""A whole capture: the part of each case, or why there is none."""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Collection

from . import dissection, pcapng
from .episode import Episode, episodes


@dataclass(frozen=True)
class Reading:
    """What a process's capture holds."""

    octets: bytes = b""
    """The file."""
    episodes: dict[tuple[str, str], Episode] = field(default_factory=dict)
    """By entry and case."""
    missing: str = ""
    """Why a case is not among them."""


def read(file: Path, nonce: str, iso_entries: Collection[str]) -> Reading:
    """Reads a file: tshark is started once, whatever the number of cases. The marks
    name the ports of connections that carry the ISO transport, which is what the
    connections of these entries do."""
    octets = pcapng.read(file)
    ports = set()
    for mark in pcapng.marks(octets):
        if mark.name == "pair" and mark.entry in iso_entries:
            ends = mark.more.get("local"), mark.more.get("remote")
            ports |= {int(end[1]) for end in ends if end}
    packets = dissection.packets(file, ports)
    missing = "the marks of this case are not in the capture"
    if not packets:
        missing = (
            "the capture is empty: what the suite sent did not pass the network of the "
            "run"
        )
    return Reading(octets, episodes(packets, nonce), missing)
