"""The life of a socket as the documentation has it: for each call, in each state, the
outcomes that conform. Written from the pages and conformance/requirements alone."""
from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Optional

from wspcheck_runner import names
from wspcheck_runner.profile import Entry

from .expected import OK, SIX, Expected, expect, prefixes

SD_RECEIVE, SD_SEND, SD_BOTH = range(3)
HOW = ("SD_RECEIVE", "SD_SEND", "SD_BOTH")
BROKEN = ("WSAECONNRESET", "WSAECONNABORTED", "WSAENOTCONN")
"""What a call may say of a connection that is gone, where no page says which."""


@dataclass(frozen=True)
class Protocol:
    """What of an entry matters."""

    id: str
    connectionless: bool
    disconnect_data: bool
    messages: bool
    """Whether a receive gives a message: not a byte stream, nor read as one."""

    @classmethod
    def of(cls, entry: Entry) -> Protocol:
        """As its catalogue entry says it."""

        def has(flag: str) -> bool:
            return bool(entry.flags & names.SERVICE_FLAGS[flag])

        return cls(
            entry.id,
            has("XP1_CONNECTIONLESS"),
            has("XP1_DISCONNECT_DATA"),
            has("XP1_MESSAGE_ORIENTED") and not has("XP1_PSEUDO_STREAM"),
        )


class Phase(Enum):
    """How far a socket has come."""

    NEW = 1
    BOUND = 2
    LISTENING = 3
    REFUSED = 4
    CONNECTED = 5
    CLOSED = 6


class End(Enum):
    """How the far end has ended its side."""

    OPEN = 1
    GRACEFUL = 2
    RESET = 3
    VAGUE = 4
    """The pages leave open which; or what arrives first is a race."""


@dataclass
class Far:
    """The far end of a connection, and what is under way."""

    number: int
    end: End = End.OPEN
    farewell: bytes = b""
    """Its disconnect data, once it has ended gracefully."""
    is_open: bool = True
    """Whether it can still be asked to do something."""
    coming: list[bytes] = field(default_factory=list)
    """What it has sent and the socket has not received."""
    going: list[bytes] = field(default_factory=list)
    """What the socket has sent and it has not received."""
    said: Optional[bytes] = None
    """The disconnect data by which the socket's side has ended; None: it has not."""
    took: bool = False
    """Whether it has heard that."""


@dataclass
class Socket:
    """One socket of the provider."""

    number: int
    protocol: Protocol
    phase: Phase = Phase.NEW
    nonblocking: bool = False
    linger: Optional[int] = None
    deaf: str = ""
    """What ended reception: "shutdown", "disconnect"."""
    mute: str = ""
    """What ended sending."""
    seen: bool = False
    """Whether a receive has told of the far end's end."""
    stirred: bool = False
    """Whether it has sent to somebody who is not there any more."""
    lost: bool = False
    """It was used again after its end, which no page describes: only to be closed."""
    far: Optional[Far] = None
    waiting: list[int] = field(default_factory=list)
    """Peers that have connected to it and are not accepted yet."""
    port: Optional[int] = None
    pending: bool = False

    # --- what is asked below ---

    @property
    def is_connected(self) -> bool:
        """Whether it has a far end."""
        return self.phase is Phase.CONNECTED

    @property
    def end(self) -> End:
        """How the far end has ended."""
        return self.far.end if self.far else End.OPEN

    @property
    def is_broken(self) -> bool:
        """Whether there may be no connection any more."""
        return self.end in (End.RESET, End.VAGUE)

    @property
    def will_be_readable(self) -> bool:
        """Whether a receive finds something, at the latest after a wait."""
        if self.phase is Phase.LISTENING:
            return bool(self.waiting)
        return bool(self.far and (self.far.coming or self.end is not End.OPEN))

    def unsupported(self, asks: bool) -> tuple[str, ...]:
        """What fits besides when data are named that the protocol does not have."""
        return ("WSAENOPROTOOPT",) if asks and not self.protocol.disconnect_data else ()

    # --- the calls ---

    def bind(self) -> Expected:
        """WSPBind to a free port."""
        if self.phase is Phase.CLOSED:
            return expect("WSPBind", "WSAENOTSOCK")
        if self.phase is Phase.NEW:
            return expect("WSPBind", OK)
        return expect("WSPBind", "WSAEINVAL")

    def listen(self) -> Expected:
        """WSPListen."""
        if self.phase is Phase.CLOSED:
            return expect("WSPListen", "WSAENOTSOCK")
        if self.protocol.connectionless:
            return expect("WSPListen", "WSAEOPNOTSUPP")
        if self.phase is Phase.NEW:
            return expect("WSPListen", "WSAEINVAL")
        if self.phase is Phase.REFUSED:
            return expect("WSPListen", OK, "WSAEINVAL")
        if self.is_connected:
            return self._reused(expect("WSPListen", "WSAEISCONN"), "WSAEINVAL")
        return expect("WSPListen", OK)

    def connect(self) -> Expected:
        """WSPConnect to somebody who takes it."""
        if self.phase is Phase.CLOSED:
            return expect("WSPConnect", "WSAENOTSOCK")
        if self.protocol.connectionless:
            expected = expect("WSPConnect", OK)
            if self.deaf or self.mute:
                return self._reused(expected, "WSAEINVAL", "WSAEISCONN")
            return expected
        if self.phase is Phase.LISTENING:
            return expect("WSPConnect", "WSAEINVAL")
        if self.is_connected:
            return self._reused(expect("WSPConnect", "WSAEISCONN"), "WSAEINVAL")
        if self.nonblocking:
            return expect("WSPConnect", OK, "WSAEWOULDBLOCK")
        return expect("WSPConnect", OK)

    def accept(self) -> Expected:
        """WSPAccept."""
        if self.phase is Phase.CLOSED:
            return expect("WSPAccept", "WSAENOTSOCK")
        if self.protocol.connectionless:
            return expect("WSPAccept", "WSAEOPNOTSUPP", "WSAEINVAL")
        if self.phase is not Phase.LISTENING:
            return expect("WSPAccept", "WSAEINVAL")
        return expect("WSPAccept", OK if self.waiting else "WSAEWOULDBLOCK")

    def send(self) -> Expected:
        """WSPSend of little, so that it fits into any queue."""
        if self.phase is Phase.CLOSED:
            return expect("WSPSend", "WSAENOTSOCK")
        if not self.is_connected:
            expected = expect("WSPSend", "WSAENOTCONN")
            if self.phase is Phase.NEW:
                expected = expected.also("WSAEINVAL")
            return expected.also("WSAESHUTDOWN") if self.mute else expected
        assert self.far
        if self.mute:
            expected = expect("WSPSend", "WSAESHUTDOWN")
            return expected.also(*BROKEN) if self.is_broken else expected
        source = "RD-22" if self.deaf == "disconnect" else "WSPSend"
        expected = expect(source, OK)
        if self.is_broken or not self.far.is_open:
            return expected.also("WSAENETRESET", *BROKEN)
        return expected

    def receive(self, size: int) -> Expected:
        """WSPRecv of up to so many bytes."""
        if self.phase is Phase.CLOSED:
            return expect("WSPRecv", "WSAENOTSOCK")
        if self.deaf:
            return self._receive_deaf()
        if not self.is_connected:
            return self._receive_unconnected()
        assert self.far
        if self.far.coming:
            return self._receive_data(size)
        if self.end is End.OPEN:
            expected = expect("WSPRecv", "WSAEWOULDBLOCK")
            return expected.also("WSAECONNRESET") if self.stirred else expected
        return self._receive_end()

    def receive_from(self, size: int) -> Expected:
        """WSPRecvFrom, which one page reserves for sockets that are not connected."""
        expected = self.receive(size)
        return expected.also("WSAEISCONN") if self.is_connected else expected

    def shutdown(self, how: int) -> Expected:
        """WSPShutdown."""
        if self.phase is Phase.CLOSED:
            return expect("WSPShutdown", "WSAENOTSOCK")
        if not self.protocol.connectionless and not self.is_connected:
            return expect("WSPShutdown", "WSAENOTCONN")
        expected = expect("WSPShutdown", OK)
        again = (how != SD_SEND and self.deaf) or (how != SD_RECEIVE and self.mute)
        if again:
            expected = expected.also("WSAENOTCONN", "WSAEINVAL", "WSAESHUTDOWN")
        if self.is_broken or self.end is End.GRACEFUL:
            expected = expected.also("WSAENOTCONN")
        return expected

    def send_disconnect(self, data: Optional[bytes]) -> Expected:
        """WSPSendDisconnect; None: a null pointer."""
        page = "WSPSendDisconnect"
        wrong = self.unsupported(data is not None)
        if self.phase is Phase.CLOSED:
            return expect(page, "WSAENOTSOCK", *wrong)
        if self.protocol.connectionless:
            return expect(page, *(wrong or (OK, "WSAENOPROTOOPT")))
        if not self.is_connected:
            return expect(page, "WSAENOTCONN", *wrong)
        if wrong:
            expected = expect(page, *wrong)
            return expected.also("WSAENOTCONN") if self.is_broken else expected
        if self.mute:
            return expect(page, OK, "WSAENOTCONN", "WSAESHUTDOWN")
        source = "RD-22" if self.deaf == "disconnect" else page
        expected = expect(source, OK)
        return expected.also("WSAENOTCONN") if self.is_broken else expected

    def recv_disconnect(self, size: Optional[int]) -> Expected:
        """WSPRecvDisconnect with room for so many bytes; None: a null pointer."""
        wrong = self.unsupported(size is not None)
        if self.phase is Phase.CLOSED:
            return expect("RD-12", "WSAENOTSOCK", *wrong)
        if self.protocol.connectionless:
            # RD-7: the API page lets TCP/IP succeed where the code is due.
            source = "RD-11" if size is None else "RD-7"
            return expect(source, OK, "WSAENOPROTOOPT")
        if not self.is_connected:
            return expect("RD-10", "WSAENOTCONN", *wrong)
        if self.deaf == "disconnect":
            return expect("RD-25", OK, *SIX)
        if self.is_broken:
            return self._disconnect_broken(size).also(*wrong)
        if size is None:
            return expect("RD-28", OK)
        if wrong:
            return expect("RD-7", OK, *wrong)
        return self._disconnect_data(size)

    def close(self) -> Expected:
        """WSPCloseSocket."""
        if self.phase is Phase.CLOSED:
            return expect("WSPCloseSocket", "WSAENOTSOCK")
        if self.linger and self.nonblocking:
            return expect("WSPCloseSocket", OK, "WSAEWOULDBLOCK")
        return expect("WSPCloseSocket", OK)

    def local_name(self) -> Expected:
        """WSPGetSockName."""
        if self.phase is Phase.CLOSED:
            return expect("WSPGetSockName", "WSAENOTSOCK")
        if self.phase is Phase.NEW:
            return expect("WSPGetSockName", "WSAEINVAL")
        return expect("RD-18" if self.deaf == "disconnect" else "WSPGetSockName", OK)

    def far_name(self) -> Expected:
        """WSPGetPeerName."""
        if self.phase is Phase.CLOSED:
            return expect("WSPGetPeerName", "WSAENOTSOCK")
        if not self.is_connected:
            return expect("WSPGetPeerName", "WSAENOTCONN")
        source = "RD-18" if self.deaf == "disconnect" else "WSPGetPeerName"
        expected = expect(source, OK)
        if self.end is not End.OPEN or self.mute or self.deaf == "shutdown":
            return expected.also("WSAENOTCONN")
        return expected

    def set_linger(self) -> Expected:
        """WSPSetSockOpt of SO_LINGER."""
        if self.phase is Phase.CLOSED:
            return expect("WSPSetSockOpt", "WSAENOTSOCK")
        source = "RD-18" if self.deaf == "disconnect" else "WSPSetSockOpt"
        expected = expect(source, OK)
        if self.protocol.connectionless:
            return expected.also("WSAENOPROTOOPT", "WSAEINVAL")
        if self.is_broken:
            return expected.also("WSAENOTCONN", "WSAEINVAL")
        return expected

    def set_nonblocking(self) -> Expected:
        """WSPIoctl of FIONBIO."""
        if self.phase is Phase.CLOSED:
            return expect("WSPIoctl", "WSAENOTSOCK")
        return expect("WSPIoctl", OK)

    # --- parts ---

    def _reused(self, expected: Expected, *codes: str) -> Expected:
        """After an end of reception or sending the socket need not be of use again;
        RD-20: nor need it be useless."""
        if not self.deaf and not self.mute and self.end is End.OPEN:
            return expected
        source = "RD-20" if self.deaf == "disconnect" else expected.source
        more = expected.outcomes | frozenset({OK, *codes, "WSAEOPNOTSUPP"})
        if self.nonblocking:
            more |= {"WSAEWOULDBLOCK"}
        return Expected(source, more)

    def _receive_deaf(self) -> Expected:
        source = "RD-13" if self.deaf == "disconnect" else "WSPRecv"
        expected = expect(source, "WSAESHUTDOWN")
        if self.is_broken:
            expected = expected.also("WSAECONNRESET", "WSAECONNABORTED")
        if self.phase is Phase.NEW:
            expected = expected.also("WSAEINVAL", "WSAENOTCONN")
        return expected

    def _receive_unconnected(self) -> Expected:
        if self.phase is Phase.NEW:
            return expect("WSPRecv", "WSAENOTCONN", "WSAEINVAL")
        if self.protocol.connectionless:
            return expect("WSPRecv", "WSAEWOULDBLOCK")
        return expect("WSPRecv", "WSAENOTCONN")

    def _receive_data(self, size: int) -> Expected:
        assert self.far
        first = self.far.coming[0]
        both = frozenset({OK})
        if self.protocol.connectionless:
            if size < len(first):
                return expect("WSPRecv", "WSAEMSGSIZE")
            return Expected("WSPRecv", both, frozenset({first}))
        if self.protocol.messages:
            cut = frozenset({first[:size]})
            expected = Expected("WSPRecv", both, cut, size < len(first))
        else:
            stream = b"".join(self.far.coming)
            expected = Expected("WSPRecv", both, prefixes(stream, size))
        if self.is_broken:
            expected = expected.also("WSAECONNRESET", "WSAECONNABORTED")
        return expected

    def _receive_end(self) -> Expected:
        nothing = frozenset({b""})
        if self.end is End.RESET:
            expected = expect("WSPRecv", "WSAECONNRESET")
            return expected.also(OK, *BROKEN) if self.seen else expected
        if self.protocol.messages:
            expected = expect("WSPRecv", "WSAEDISCON")
            if self.seen:
                expected = expected.also(*BROKEN, "WSAESHUTDOWN")
        else:
            expected = Expected("WSPRecv", frozenset({OK}), nothing)
        if self.end is End.VAGUE:
            return expected.also(*BROKEN)
        return expected

    def _disconnect_broken(self, size: Optional[int]) -> Expected:
        """The data of a graceful end that came before may be there."""
        assert self.far
        expected = expect("RD-27", OK, "WSAENOTCONN")
        is_small = size is not None and size < len(self.far.farewell)
        return expected.also("WSAEFAULT") if is_small else expected

    def _disconnect_data(self, size: int) -> Expected:
        """Of a protocol that has them, on a connection that stands or was ended."""
        assert self.far
        farewell = self.far.farewell
        none = frozenset({b""})
        if self.end is End.OPEN:
            return Expected("RD-23", frozenset({OK, "WSAENOPROTOOPT"}), none)
        if self.far.coming or self.deaf:
            # The client cannot have learned of the end yet.
            outcomes = {OK, "WSAEFAULT"} if size < len(farewell) else {OK}
            may_be = none if size < len(farewell) else frozenset({farewell, b""})
            return Expected("RD-14", frozenset(outcomes), may_be)
        if size < len(farewell):
            return expect("RD-6", "WSAEFAULT")
        return Expected("RD-14", frozenset({OK}), frozenset({farewell}))
