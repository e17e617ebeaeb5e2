"""A case's part of a capture: its packets and marks, and who is who in them."""
from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from typing import Iterator, Optional, Sequence

from .packet import FIN, RST, SYN, Endpoint, Mark, Packet, Segment

SUBJECT, CONTROL = "subject", "control"


class Unjudgeable(Exception):
    """Nothing can be said, and why."""


@dataclass(frozen=True)
class Pair:
    """Two sockets that communicate, as the system below the provider sees them."""

    role: str
    local: Endpoint
    """The provider's side."""
    remote: Optional[Endpoint]
    """The peer's; None for a datagram socket that anybody may send to."""

    def is_providers(self, packet: Packet) -> bool:
        """Whether the provider's side sent it."""
        return packet.source == self.local and self._is(packet.destination)

    def is_peers(self, packet: Packet) -> bool:
        """Whether the peer's side sent it."""
        return packet.destination == self.local and self._is(packet.source)

    def has(self, packet: Packet) -> bool:
        """Whether it belongs to the connection."""
        return self.is_providers(packet) or self.is_peers(packet)

    def _is(self, far: Endpoint) -> bool:
        return self.remote is None or self.remote == far


@dataclass(frozen=True)
class Episode:
    """What passed from a case's first to its last mark. Packets are numbered as in the
    file that is kept of it: marks count."""

    packets: Sequence[Packet]
    """With the marks."""
    frames: Sequence[int] = ()
    """The packets' numbers in the batch's capture."""
    pairs: dict[str, Pair] = field(default_factory=dict)
    """By role."""

    def find(self, name: str) -> Optional[Packet]:
        """The first mark of this name."""
        marks = (packet for packet in self.packets if packet.mark)
        return next((one for one in marks if _name(one) == name), None)

    def mark(self, name: str) -> Packet:
        """The first mark of this name, which has to be there."""
        found = self.find(name)
        if found is None:
            raise Unjudgeable(f'the mark "{name}" is not in the capture')
        return found

    def marks(self) -> Iterator[Mark]:
        """All marks."""
        return (packet.mark for packet in self.packets if packet.mark)

    def pair(self, role: str = SUBJECT) -> Pair:
        """The connection in this role, which has to be named by a mark."""
        if role not in self.pairs:
            raise Unjudgeable(f"no mark names the {role} connection")
        return self.pairs[role]

    def between(self, first: str, last: str) -> list[Packet]:
        """The packets between two marks, without marks."""
        begin, end = self.mark(first).number, self.mark(last).number
        if end < begin:
            raise Unjudgeable(f'the mark "{last}" comes before the mark "{first}"')
        return [p for p in self.packets[begin : end - 1] if not p.mark]

    def until(self, last: str) -> list[Packet]:
        """The packets before a mark, without marks."""
        end = self.mark(last).number
        return [packet for packet in self.packets[: end - 1] if not packet.mark]

    def when(self, packet: Packet) -> str:
        """When a packet was seen, for a reader."""
        before = self.find("before")
        start = before or self.packets[0]
        since = "the call began" if before else "the case began"
        ms = (packet.time - start.time) * 1000
        if ms < 0:
            return f"{-ms:.1f} ms before {since}"
        return f"{ms:.1f} ms after {since}"

    def who(self, end: Endpoint) -> str:
        """An end of a connection, for a reader."""
        for role, pair in self.pairs.items():
            prefix = "" if role == SUBJECT else f"{role}'s "
            if end == pair.local:
                return f"{prefix}provider"
            if end == pair.remote:
                return f"{prefix}peer"
        return end.address if not end.port else str(end)

    def tell(self, packet: Packet) -> str:
        """A packet, for a reader."""
        way = f"{self.who(packet.source)} to {self.who(packet.destination)}"
        return f"#{packet.number} ({self.when(packet)}): {way}, {packet.what}"

    def tell_all(self, packets: Sequence[Packet], most: int = 3) -> str:
        """Some packets, for a reader; of many the first ones."""
        told = "; ".join(self.tell(one) for one in packets[:most])
        rest = len(packets) - most
        return f"{told}; and {rest} more" if rest > 0 else told


def _name(packet: Packet) -> str:
    assert packet.mark
    return packet.mark.name


def episodes(packets: Sequence[Packet], nonce: str) -> dict[tuple[str, str], Episode]:
    """By entry and case, what passed between the marks "begin" and "end" of a process.
    A TCP connection that was there before is a leftover of another case, unless a mark
    names it."""
    found: dict[tuple[str, str], Episode] = {}
    own: list[Packet] = []
    key: Optional[tuple[str, str]] = None
    old: set[int] = set()
    known: set[int] = set()
    for packet in packets:
        mark = packet.mark if packet.mark and packet.mark.nonce == nonce else None
        if mark and mark.name == "begin":
            key, own, old = (mark.entry, mark.case), [], set(known)
        if packet.segment:
            known.add(packet.segment.stream)
        if key is None:
            continue
        own.append(packet)
        if mark and mark.name == "end" and (mark.entry, mark.case) == key:
            found[key] = _episode(own, old)
            key = None
    return found


def _episode(own: Sequence[Packet], old: set[int]) -> Episode:
    named = (_pair(one.mark) for one in own if one.mark and one.mark.name == "pair")
    pairs = {pair.role: pair for pair in named if pair}
    kept = [
        packet
        for packet in own
        if not packet.segment
        or packet.segment.stream not in old
        or any(pair.has(packet) for pair in pairs.values())
    ]
    numbered = [replace(one, number=n) for n, one in enumerate(kept, start=1)]
    return Episode(numbered, [one.number for one in kept], pairs)


def _pair(mark: Mark) -> Optional[Pair]:
    """None if the mark makes no sense: then nobody names the connection."""
    remote = mark.more.get("remote")
    try:
        local = _endpoint(mark.more["local"])
        role = str(mark.more["role"])
        return Pair(role, local, _endpoint(remote) if remote else None)
    except (KeyError, TypeError, ValueError):
        return None


def _endpoint(written: Sequence[object]) -> Endpoint:
    address, port = written
    return Endpoint(str(ipaddress.ip_address(str(address))), int(str(port)))


def segments(
    packets: Sequence[Packet],
) -> Iterator[tuple[Packet, Segment]]:
    """Those of TCP."""
    return ((one, one.segment) for one in packets if one.segment)


def is_closing(segment: Segment) -> bool:
    """Whether it begins or ends something: SYN, FIN, RST."""
    return bool(segment.flags & (SYN | FIN | RST))
