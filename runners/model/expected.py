"""What a call may do: the outcomes that conform, and which sentence says so."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

OK = "success"

SIX = frozenset(
    {
        "WSAENETDOWN",
        "WSAEFAULT",
        "WSAENOPROTOOPT",
        "WSAEINPROGRESS",
        "WSAENOTCONN",
        "WSAENOTSOCK",
    }
)
"""The codes of WSPRecvDisconnect's page."""


@dataclass(frozen=True)
class Expected:
    """Outcomes that conform, and what a success must hand out."""

    source: str
    """A requirement's id, or the page of another function."""
    outcomes: frozenset[str]
    """OK and names of error codes."""
    data: Optional[frozenset[bytes]] = None
    """What the data may be; None: nobody looks."""
    partial: Optional[bool] = None
    """Whether MSG_PARTIAL must be set on return; None: nobody looks."""

    def also(self, *outcomes: str) -> Expected:
        """With further outcomes."""
        more = self.outcomes | frozenset(outcomes)
        return Expected(self.source, more, self.data, self.partial)


def expect(source: str, *outcomes: str) -> Expected:
    """One of these."""
    return Expected(source, frozenset(outcomes))


def prefixes(data: bytes, most: int) -> frozenset[bytes]:
    """What a byte stream may hand out at a time: at least one byte, in order."""
    return frozenset(data[:n] for n in range(1, min(len(data), most) + 1))
