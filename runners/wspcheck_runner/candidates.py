"""Protocols that a provider may offer: what a DLL of which nothing is known is asked
for, and what is assumed of an entry that it turns out to have."""
from __future__ import annotations

from typing import NamedTuple

from . import names
from .profile import Entry

_STREAM = (
    "XP1_GUARANTEED_DELIVERY",
    "XP1_GUARANTEED_ORDER",
    "XP1_GRACEFUL_CLOSE",
)
_INET_STREAM = (*_STREAM, "XP1_EXPEDITED_DATA")
_INET_DATAGRAM = (
    "XP1_CONNECTIONLESS",
    "XP1_MESSAGE_ORIENTED",
    "XP1_SUPPORT_BROADCAST",
    "XP1_SUPPORT_MULTIPOINT",
)
_MESSAGES = (*_STREAM, "XP1_MESSAGE_ORIENTED")
_PSEUDO_STREAM = (*_MESSAGES, "XP1_PSEUDO_STREAM")


class _Protocol(NamedTuple):
    id: str
    family: str
    type: str
    protocol: int
    flags: tuple[str, ...]
    max_address: int
    message_size: int = 0


_PROTOCOLS = (
    _Protocol("tcp4", "AF_INET", "SOCK_STREAM", 6, _INET_STREAM, 16),
    _Protocol("tcp6", "AF_INET6", "SOCK_STREAM", 6, _INET_STREAM, 28),
    _Protocol("udp4", "AF_INET", "SOCK_DGRAM", 17, _INET_DATAGRAM, 16, 65507),
    _Protocol("udp6", "AF_INET6", "SOCK_DGRAM", 17, _INET_DATAGRAM, 28, 65507),
    _Protocol("isotp", "AF_ISO", "SOCK_SEQPACKET", 27, _MESSAGES, 72, 0xFFFFFFFF),
    _Protocol("isotp-stream", "AF_ISO", "SOCK_STREAM", 27, _PSEUDO_STREAM, 72),
    _Protocol("unix", "AF_UNIX", "SOCK_STREAM", 0, _STREAM, 110),
    _Protocol("spx", "AF_IPX", "SOCK_STREAM", 1256, _STREAM, 14),
    _Protocol("irda", "AF_IRDA", "SOCK_STREAM", 1, _STREAM, 30),
    _Protocol("rfcomm", "AF_BTH", "SOCK_STREAM", 3, _STREAM, 30),
    _Protocol("hyperv", "AF_HYPERV", "SOCK_STREAM", 1, _STREAM, 36),
    _Protocol("vsock", "AF_VSOCK", "SOCK_STREAM", 0, _STREAM, 16),
)


def candidates() -> list[Entry]:
    """Entries as a catalogue might hold them, without handles of the system."""
    return [
        Entry(
            id=one.id,
            name=f"{one.id} (assumed)",
            family=names.FAMILIES[one.family],
            type=names.TYPES[one.type],
            protocol=one.protocol,
            flags=sum(names.SERVICE_FLAGS[flag] for flag in one.flags),
            message_size=one.message_size,
            min_address=one.max_address,
            max_address=one.max_address,
            catalog_id=None,
            guid=None,
        )
        for one in _PROTOCOLS
    ]
