"""Packets and marks as dissected."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple, Optional

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
_FLAGS = {SYN: "SYN", FIN: "FIN", RST: "RST", PSH: "PSH", ACK: "ACK"}

_ICMP_ERRORS = {3: "destination unreachable", 4: "source quench", 5: "redirect"}
_ICMP_ERRORS |= {11: "time exceeded", 12: "parameter problem"}
_ICMPV6_ERRORS = {1: "destination unreachable", 2: "packet too big"}
_ICMPV6_ERRORS |= {3: "time exceeded", 4: "parameter problem"}
_PORT_UNREACHABLE = {"ICMP": (3, 3), "ICMPv6": (1, 4)}


class Endpoint(NamedTuple):
    """An address in tshark's spelling, and a port (0 where there is none)."""

    address: str
    port: int

    def __str__(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}"


@dataclass(frozen=True)
class Tpdu:
    """A TPDU of the ISO transport; None for what it lacks."""

    type: str
    """CR, CC, DR, DC or DT, or the number of another type."""
    data: bytes
    to: Optional[int]
    """The reference of the end that is to get it (DST-REF)."""
    by: Optional[int]
    """The reference of the end that sent it (SRC-REF)."""
    cause: Optional[int]
    class_: Optional[int]
    ends_message: Optional[int]
    """EOT."""


@dataclass(frozen=True)
class Segment:
    """What TCP says in a packet."""

    stream: int
    """Number of the connection in the capture."""
    flags: int
    seq: int
    """Relative to the beginning of the connection, as is `ack`."""
    ack: int
    length: int
    """Bytes of data."""
    window: Optional[int]
    """As advertised, in bytes; None if the beginning of the connection was not
    captured, so that nobody knows its scale."""

    @property
    def edge(self) -> int:
        """The right edge of the window: up to here the other side may send."""
        assert self.window is not None
        return self.ack + self.window

    @property
    def words(self) -> str:
        """The flags by name."""
        return " ".join(name for bit, name in _FLAGS.items() if self.flags & bit)

    @property
    def is_plain(self) -> bool:
        """Whether it only acknowledges and advertises: no data, no SYN, FIN or RST."""
        return not self.length and not self.flags & (SYN | FIN | RST)


@dataclass(frozen=True)
class Icmp:
    """What ICMP or ICMPv6 says in a packet."""

    protocol: str
    type: int
    code: int
    about: Optional[Endpoint]
    """Where the packet was to go that an error complains about."""

    @property
    def is_error(self) -> bool:
        """Whether it reports that a packet could not be delivered or processed."""
        return self.type in self._errors

    @property
    def _errors(self) -> Mapping[int, str]:
        return _ICMP_ERRORS if self.protocol == "ICMP" else _ICMPV6_ERRORS

    @property
    def words(self) -> str:
        """The type by name."""
        if (self.type, self.code) == _PORT_UNREACHABLE[self.protocol]:
            return "port unreachable"
        return self._errors.get(self.type, f"type {self.type} code {self.code}")


@dataclass(frozen=True)
class Mark:
    """What the harness says in a packet of its own."""

    nonce: str
    entry: str
    case: str
    name: str
    text: str
    more: Mapping[str, Any]


@dataclass(frozen=True)
class Packet:
    """A packet."""

    number: int
    """In the file that it is kept in, from 1."""
    time: float
    """In seconds, since the epoch."""
    source: Endpoint
    destination: Endpoint
    protocol: str
    """TCP, UDP, ICMP, ICMPv6, or what tshark takes it for."""
    length: int
    """Bytes of data of a datagram."""
    segment: Optional[Segment] = None
    icmp: Optional[Icmp] = None
    tpdus: tuple[Tpdu, ...] = ()
    understood: int = 0
    """How many bytes of its data, and of data before it, tshark found to be TPDUs that
    end here, with their headers."""
    mark: Optional[Mark] = None
    is_malformed: bool = False
    unclear: str = ""
    """Why not all of its TPDUs are known."""

    @property
    def what(self) -> str:
        """What it is, in a few words."""
        if self.icmp:
            about = f" about {self.icmp.about}" if self.icmp.about else ""
            return f"{self.protocol} {self.icmp.words}{about}"
        if self.tpdus:
            return f"TCP, {' '.join(one.type for one in self.tpdus)}"
        if self.segment:
            return f"TCP {self.segment.words}, {_bytes(self.segment.length)}"
        return f"{self.protocol}, {_bytes(self.length)}"


def _bytes(count: int) -> str:
    if not count:
        return "no data"
    return f"{count} byte{'s' * (count != 1)} of data"
