"""Random sequences: what may be done next, as a state machine of Hypothesis."""
from __future__ import annotations

from typing import Optional

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from .case_text import c_string
from .driver import Answer, Driver
from .expected import OK, Expected, expect
from .script import Difference, Script, Step
from .socket_model import (
    HOW,
    SD_BOTH,
    SD_RECEIVE,
    SD_SEND,
    End,
    Far,
    Phase,
    Protocol,
    Socket,
)

SOCKETS = 4
"""As many at a time."""
LETTERS = b"abcdefghijklmnopqrstuvwxyz"

WAYS = ("pair", "socket", "bind", "listen", "connect", "call", "accept")
QUESTIONS = (
    *("local", "far", "nonblocking", "nonblocking", "blocking"),
    *("linger off", "linger 0", "linger 1"),
)

which = st.integers(0, SOCKETS - 1)
sizes = st.integers(1, 9)
farewells = st.sampled_from([0, 1, 2, 5, 63, 64])
rooms = st.sampled_from([None, 0, 1, 4, 5, 62, 63, 64, 65])


SHRINKING = 80
"""Sequences that a difference is shrunk by: each attempt takes as long as its calls."""


class Enough(BaseException):
    """The difference is short enough. No Exception, which Hypothesis would keep."""


class SocketMachine(RuleBasedStateMachine):
    """Makes calls and lets peers act, and compares with the model."""

    driver: Driver
    protocols: tuple[Protocol, ...]
    found: list[Difference]
    attempts: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.script: Script
        self.protocol: Protocol
        self.sockets: list[Socket] = []
        self.made = 0
        self.peers = 0
        self.buffers = 0
        self.letters = 0

    # --- the ways to begin ---

    @initialize(entry=st.integers(0, 5), start=st.integers(0, 3))
    def begin(self, entry: int, start: int) -> None:
        """On one of the entries, mostly with a connection."""
        if self.found:
            self.attempts.append(entry)
            if len(self.attempts) > SHRINKING:
                raise Enough
        self.protocol = self.protocols[entry % len(self.protocols)]
        self.driver.begin(self.protocol.id)
        self.script = Script(self.driver, self.protocol.id, found=self.found)
        if start == 0:
            self._new_socket()
        elif start == 1 and not self.protocol.connectionless:
            self._accepted_pair()
        elif start == 2 and not self.protocol.connectionless:
            self._refused()
        else:
            self._connected_pair()

    def teardown(self) -> None:
        """All is closed now; who leaves something behind is found here, too."""
        if hasattr(self, "script") and not self.script.differs:
            step = Step((), call="the end of the sequence")
            self.script.call_end(step)

    # --- sockets ---

    @rule(n=which, what=st.sampled_from(WAYS))
    def establish(self, n: int, what: str) -> None:
        """One step on the way to a connection, sensible or not."""
        s = self._socket(n)
        if not s.lost:
            getattr(self, f"_do_{what}")(s)

    def _do_socket(self, s: Socket) -> None:
        if len(self.sockets) < SOCKETS:
            self._new_socket()

    def _do_pair(self, s: Socket) -> None:
        if len(self.sockets) < SOCKETS:
            self._connected_pair()

    def _do_bind(self, s: Socket) -> None:
        self._bind(s, s.bind())

    def _do_listen(self, s: Socket) -> None:
        answer = self._call(s, s.listen(), f"spi_listen(t, s{s.number}, 5)", "listen")
        if not answer["failed"]:
            s.lost = s.phase in (Phase.CONNECTED, Phase.REFUSED)
            s.phase = s.phase if s.lost else Phase.LISTENING

    def _do_connect(self, s: Socket) -> None:
        """To a peer that takes it."""
        usable = s.phase is not Phase.CONNECTED or s.end is End.OPEN or s.deaf
        if usable:
            far = self._peer("listening_peer(t, 1)", "peer_listens")
            self._connect(s, far, s.connect())

    def _do_call(self, s: Socket) -> None:
        """A peer calls a listening socket."""
        if s.phase is Phase.LISTENING and len(s.waiting) < 2:
            make = f"peer_connects(t, s{s.number})"
            s.waiting.append(self._peer(make, "peer_connects", s.number))

    def _do_accept(self, s: Socket) -> None:
        """Where it would wait for ever it is not called."""
        blocks = s.phase is Phase.LISTENING and not s.waiting and not s.nonblocking
        if not blocks and len(self.sockets) < SOCKETS:
            self._await(s)
            self._accept(s, s.accept())

    @rule(n=which)
    def close(self, n: int) -> None:
        """WSPCloseSocket."""
        s = self._socket(n)
        answer = self._call(s, s.close(), f"spi_close(t, s{s.number})", "close")
        if not answer["failed"]:
            s.phase, s.lost, s.pending = Phase.CLOSED, False, False
            s.deaf = s.mute = ""

    # --- transfer ---

    @rule(n=which, size=sizes)
    def send(self, n: int, size: int) -> None:
        """WSPSend."""
        s = self._socket(n)
        if s.lost or (s.far and len(s.far.going) > 8):
            return
        data = self._payload(size)
        call = f"spi_send(t, s{s.number}, {c_string(data)}, {size}, 0)"
        answer = self._call(s, s.send(), call, "send", data.hex())
        if answer["failed"]:
            return
        self.script.demand(
            answer["bytes"] == size, "WSPSend", f"{size} bytes", answer["bytes"]
        )
        if s.far:
            s.far.going.append(data)
            if not s.far.is_open:
                s.stirred = True
                if not self.protocol.connectionless and s.far.end is not End.RESET:
                    s.far.end = End.VAGUE

    @rule(n=which, size=st.integers(1, 12), source=st.booleans())
    def receive(self, n: int, size: int, source: bool) -> None:
        """WSPRecv or WSPRecvFrom; where it would wait for ever it is not called."""
        s = self._socket(n)
        expected = s.receive_from(size) if source else s.receive(size)
        if s.lost or ("WSAEWOULDBLOCK" in expected.outcomes and not s.nonblocking):
            return
        self._await(s)
        name = "recv_from" if source else "recv"
        b = self._buffer()
        call = f"spi_{name}(t, s{s.number}, {b}.buf, {b}.len, 0)"
        lines = (f"{b} = guarded_buffer(t, {size});", "{call};")
        step = Step(lines, call, expected, f"{b}.buf")
        answer = self.script.call(step, name, s.number, size, 0)
        self._received(s, answer)

    @rule(n=which, how=st.sampled_from([SD_RECEIVE, SD_SEND, SD_BOTH]))
    def shutdown(self, n: int, how: int) -> None:
        """WSPShutdown."""
        s = self._socket(n)
        if s.lost:
            return
        call = f"spi_shutdown(t, s{s.number}, {HOW[how]})"
        answer = self._call(s, s.shutdown(how), call, "shutdown", how)
        if answer["failed"]:
            return
        if how != SD_SEND:
            s.deaf = s.deaf or "shutdown"
            if s.far and s.far.coming and not self.protocol.connectionless:
                s.far.end = End.VAGUE
        if how != SD_RECEIVE:
            self._falls_silent(s, "shutdown", b"")

    @rule(n=which, size=st.one_of(st.none(), farewells))
    def send_disconnect(self, n: int, size: Optional[int]) -> None:
        """WSPSendDisconnect."""
        s = self._socket(n)
        if s.lost:
            return
        data = None if size is None else self._payload(size)
        expected = s.send_disconnect(data)
        if data is None:
            call = f"spi_send_disconnect(t, s{s.number}, NULL)"
            answer = self._call(s, expected, call, "send_disconnect", "null")
        else:
            b = self._buffer()
            call = f"spi_send_disconnect(t, s{s.number}, &{b})"
            text = f"(char[]){{{c_string(data)}}}"
            lines = (f"{b} = (WSABUF){{.len = {size}, .buf = {text}}};", "{call};")
            answer = self.script.call(
                Step(lines, call, expected),
                "send_disconnect",
                s.number,
                data.hex() or "-",
            )
        if not answer["failed"]:
            self._falls_silent(s, "disconnect", data or b"")

    @rule(n=which, room=rooms)
    def recv_disconnect(self, n: int, room: Optional[int]) -> None:
        """WSPRecvDisconnect."""
        self._recv_disconnect(n, room)

    @precondition(lambda self: bool(self.is_worth_while))
    @rule(n=which, room=rooms)
    def recv_disconnect_now(self, n: int, room: Optional[int]) -> None:
        """The same, where there is something to it: this is what it is all about."""
        self._recv_disconnect(n, room)

    @property
    def is_worth_while(self) -> bool:
        """Whether somebody has ended something."""
        return any(bool(s.mute) or s.end is not End.OPEN for s in self.sockets)

    def _recv_disconnect(self, n: int, room: Optional[int]) -> None:
        s = self._socket(n)
        if s.lost:
            return
        if not s.deaf:
            self._await(s)
        expected = s.recv_disconnect(room)
        if room is None:
            call = f"spi_recv_disconnect(t, s{s.number}, NULL)"
            answer = self._call(s, expected, call, "recv_disconnect", "null")
        else:
            b = self._buffer()
            call = f"spi_recv_disconnect(t, s{s.number}, &{b})"
            lines = (f"{b} = guarded_buffer(t, {room});", "{call};")
            step = Step(lines, call, expected, f"{b}.buf")
            answer = self.script.call(step, "recv_disconnect", s.number, room)
        if answer["failed"]:
            return
        if room is not None:
            told = int(answer["len"])
            size = len(str(answer["data"])) // 2
            self.script.demand(
                told in (room, size), "RD-24", f"a length of {room} or {size}", told
            )
        s.deaf = "disconnect"

    # --- what a socket says of itself ---

    @rule(n=which, what=st.sampled_from(QUESTIONS))
    def ask(self, n: int, what: str) -> None:
        """A name, or a property that is set."""
        s = self._socket(n)
        if s.lost:
            return
        if what == "local":
            self._local_name(s)
        elif what == "far":
            self._name(s, s.far_name(), "get_peer_name", "getpeername")
        elif what.startswith("linger"):
            self._linger(s, {"off": None, "0": 0, "1": 1}[what.split()[1]])
        else:
            self._nonblocking(s, what == "nonblocking")

    def _local_name(self, s: Socket) -> None:
        answer = self._name(s, s.local_name(), "get_sock_name", "getsockname")
        if not answer["failed"]:
            port = int(answer["port"])
            self.script.demand(
                port > 0 and s.port in (None, port),
                "RD-18" if s.deaf == "disconnect" else "WSPGetSockName",
                f"port {s.port or 'of its own'}",
                port,
            )
            s.port = port

    def _linger(self, s: Socket, seconds: Optional[int]) -> None:
        """One second at most: so long may a close take."""
        on = int(seconds is not None)
        call = (
            f"spi_set_option(t, s{s.number}, SOL_SOCKET, SO_LINGER, &linger, "
            "sizeof linger)"
        )
        setting = f"{{.l_onoff = {on}, .l_linger = {seconds or 0}}}"
        lines = (f"linger = (struct linger){setting};", "{call};")
        step = Step(lines, call, s.set_linger())
        answer = self.script.call(step, "linger", s.number, on, seconds or 0)
        if not answer["failed"]:
            s.linger = seconds

    # --- peers ---

    @rule(n=which, size=sizes)
    def peer_sends(self, n: int, size: int) -> None:
        """Data, or a datagram."""
        s = self._socket(n)
        far = self._talking(s)
        if not far or len(far.coming) > 8:
            return
        data = self._payload(size)
        text = f"{c_string(data)}, {size}"
        if s.deaf and not self.protocol.connectionless:
            self._peer_tries(s, far, data, text)
            return
        self.script.deed(
            [f"peer_sends(t, p{far.number}, {text});"],
            "peer_sends",
            far.number,
            data.hex(),
        )
        far.coming.append(data)

    @precondition(lambda self: not self.protocol.connectionless)
    @rule(n=which, size=farewells)
    def peer_ends(self, n: int, size: int) -> None:
        """A graceful end, with disconnect data where there are such."""
        s = self._socket(n)
        far = self._talking(s)
        if not far:
            return
        p = far.number
        if self.protocol.disconnect_data:
            data = self._payload(size)
            text = f"peer_says_farewell(t, p{p}, {c_string(data)}, {size});"
            self.script.deed([text], "peer_disconnects", p, data.hex() or "-")
            far.farewell = data
        else:
            lines = [
                f"t->s = s{s.number};",
                f"t->peer = p{p};",
                "peer_disconnects(t, NULL, 0);",
            ]
            self.script.deed(lines, "peer_ends_sending", p)
        far.end = End.GRACEFUL

    @rule(n=which)
    def peer_resets(self, n: int) -> None:
        """A sudden end."""
        s = self._socket(n)
        if not (s.far and s.far.is_open and s.is_connected) or s.lost:
            return
        self.script.deed(
            [f"peer_resets(t, p{s.far.number});"], "peer_resets", s.far.number
        )
        s.far.is_open = False
        if not self.protocol.connectionless:
            s.far.end = End.VAGUE if s.end is not End.OPEN or s.mute else End.RESET

    @rule(n=which)
    def peer_reads(self, n: int) -> None:
        """What has been sent reaches the peer, in order."""
        s = self._socket(n)
        if not (s.far and s.far.going and s.far.is_open) or s.lost or s.is_broken:
            return
        if self.protocol.disconnect_data and s.end is not End.OPEN:
            return
        if s.phase is Phase.CLOSED and s.linger == 0:
            return
        far, first = s.far, s.far.going[0]
        answer = self.script.deed(
            [
                "{",
                "    char got[16];",
                "    int error;",
                "",
                f"    peer_receives(t, p{far.number}, got, {len(first)}, &error);",
                "}",
            ],
            "peer_receives",
            far.number,
            len(first),
        )
        if s.phase is Phase.CLOSED and far.coming and "error" in answer:
            return
        data = bytes.fromhex(str(answer["data"]))
        source = "RD-22" if s.deaf == "disconnect" else "WSPSend"
        fits = first.startswith(data) and data != b""
        self.script.demand(fits, source, f"the peer gets {first!r}", repr(data))
        far.going[0] = first[len(data) :]
        if not far.going[0]:
            far.going.pop(0)

    @precondition(lambda self: bool(self.protocol.disconnect_data))
    @rule(n=which)
    def peer_hears(self, n: int) -> None:
        """The disconnect data of the socket's side reach the peer."""
        s = self._socket(n)
        if not s.far or s.far.said is None or s.far.took or not s.far.is_open:
            return
        far = s.far
        if s.is_broken or (far.going and s.end is End.OPEN):
            return
        answer = self.script.deed(
            [f"peer_takes_farewell(t, p{far.number});"],
            "peer_takes_farewell",
            far.number,
        )
        data = bytes.fromhex(str(answer["data"]))
        said = (answer["farewell"], data)
        wanted = [("disconnect", far.said)]
        if not far.said:
            wanted.append(("confirmation", b""))
        source = "RD-22" if s.deaf == "disconnect" else "WSPSendDisconnect"
        self.script.demand(said in wanted, source, f"{wanted[0]}", f"{said}")
        far.took = True

    # --- how it is done ---

    def _socket(self, n: int) -> Socket:
        return self.sockets[n % len(self.sockets)]

    def _talking(self, s: Socket) -> Optional[Far]:
        """A far end that may still say something, and is listened to."""
        far = s.far
        fits = far and far.is_open and far.end is End.OPEN and s.is_connected
        return far if fits and not s.lost else None

    def _payload(self, size: int) -> bytes:
        start = self.letters % len(LETTERS)
        self.letters += size
        return (LETTERS * 4)[start : start + size]

    def _buffer(self) -> str:
        self.buffers += 1
        return f"b{self.buffers}"

    def _peer(self, make: str, *words: object) -> int:
        self.peers += 1
        self.script.deed([f"p{self.peers} = {make};"], *words)
        return self.peers

    def _call(
        self, s: Socket, expected: Expected, call: str, name: str, *words: object
    ) -> Answer:
        step = Step(("{call};",), call, expected)
        return self.script.call(step, name, s.number, *words)

    def _await(self, s: Socket) -> None:
        """What is under way has arrived, as WSPSelect says it."""
        if (
            s.will_be_readable
            and not s.deaf
            and not s.lost
            and s.phase is not Phase.CLOSED
        ):
            self.script.deed(
                [f"await_readable(t, s{s.number});"], "await", s.number, "readable"
            )

    def _add_socket(self, phase: Phase) -> Socket:
        self.made += 1
        s = Socket(self.made, self.protocol, phase)
        self.sockets.append(s)
        return s

    def _new_socket(self) -> Socket:
        number = self.made + 1
        lines = (f"s{number} = {{call}}.socket;",)
        call = "spi_socket(t, WSA_FLAG_OVERLAPPED)"
        self.script.call(Step(lines, call, expect("WSPSocket", OK)), "socket")
        return self._add_socket(Phase.NEW)

    def _bind(self, s: Socket, expected: Expected) -> None:
        call = f"spi_bind(t, s{s.number}, (struct sockaddr *)&address, length)"
        lines = ("worker_address(t, 0, &address, &length);", "{call};")
        answer = self.script.call(Step(lines, call, expected), "bind", s.number)
        if not answer["failed"]:
            s.phase = Phase.BOUND

    def _connect(self, s: Socket, peer: int, expected: Expected) -> None:
        call = f"spi_connect(t, s{s.number}, to, length)"
        lines = (f"to = peer_address(p{peer}, &length);", "{call};")
        step = Step(lines, call, expected)
        answer = self.script.call(step, "connect", s.number, peer)
        if answer["failed"] and answer["error"] != "WSAEWOULDBLOCK":
            return
        if s.is_connected and not self.protocol.connectionless or s.deaf or s.mute:
            s.lost = True
            return
        self._connected(s, peer, bool(answer["failed"]))

    def _connected(self, s: Socket, peer: int, pending: bool) -> None:
        far = peer
        if self.protocol.connectionless:
            s.phase = Phase.CONNECTED
            s.far = Far(far)
            s.stirred = False
            here, name = f"s{s.number}", "(struct sockaddr *)&address"
            self.script.deed(
                [
                    f"worker_address(t, local_port(t, {here}), &address, &length);",
                    f"peer_connects_to(t, p{far}, {name}, length);",
                ],
                "peer_turns_to",
                far,
                s.number,
            )
            return
        far = self._peer(f"peer_accepted(t, p{peer})", "peer_accepts", peer)
        if pending:
            self.script.deed(
                [f"await_writable(t, s{s.number});"], "await", s.number, "writable"
            )
        s.phase = Phase.CONNECTED
        s.far = Far(far)

    def _accept(self, s: Socket, expected: Expected) -> None:
        number = self.made + 1
        call = f"spi_accept(t, s{s.number}, NULL, NULL, NULL, NULL)"
        lines = (f"s{number} = {{call}}.socket;",)
        if OK not in expected.outcomes:
            lines = ("{call};",)
        answer = self.script.call(Step(lines, call, expected), "accept", s.number)
        if answer["failed"]:
            return
        peer = s.waiting.pop(0)
        accepted = self._add_socket(Phase.CONNECTED)
        accepted.far = Far(peer)
        # Whether it has inherited the mode no page says.
        self._nonblocking(accepted, s.nonblocking)
        self.script.deed([], "peer_is_connected", peer)

    def _nonblocking(self, s: Socket, on: bool) -> None:
        text = "true" if on else "false"
        call = f"spi_set_nonblocking(t, s{s.number}, {text})"
        answer = self._call(s, s.set_nonblocking(), call, "nonblocking", int(on))
        if not answer["failed"]:
            s.nonblocking = on

    def _name(self, s: Socket, expected: Expected, call: str, name: str) -> Answer:
        text = f"spi_{call}(t, s{s.number}, (struct sockaddr *)&address, &length)"
        lines = ("length = sizeof address;", "{call};")
        return self.script.call(Step(lines, text, expected), name, s.number)

    def _connected_pair(self) -> None:
        s = self._new_socket()
        self._bind(s, s.bind())
        peer = self._peer("listening_peer(t, 1)", "peer_listens")
        self._connect(s, peer, s.connect())

    def _accepted_pair(self) -> None:
        s = self._new_socket()
        self._bind(s, s.bind())
        self._call(s, s.listen(), f"spi_listen(t, s{s.number}, 5)", "listen")
        s.phase = Phase.LISTENING
        make = f"peer_connects(t, s{s.number})"
        s.waiting.append(self._peer(make, "peer_connects", s.number))
        self._await(s)
        self._accept(s, s.accept())

    def _refused(self) -> None:
        s = self._new_socket()
        self._bind(s, s.bind())
        silent = self._peer("peer_new(t, -1)", "peer_is_silent")
        call = f"spi_connect(t, s{s.number}, to, length)"
        lines = (f"to = peer_address(p{silent}, &length);", "{call};")
        step = Step(lines, call, expect("WSPConnect", "WSAECONNREFUSED"))
        self.script.call(step, "connect", s.number, silent)
        s.phase = Phase.REFUSED

    def _peer_tries(self, s: Socket, far: Far, data: bytes, text: str) -> None:
        """To a side that has ended reception: RD-15 has the data accepted, other pages
        let the connection be reset."""
        lines = [
            "{",
            "    int error;",
            "",
            f"    peer_tries_to_send(p{far.number}, {text}, &error);",
            "}",
        ]
        answer = self.script.deed(lines, "peer_tries_to_send", far.number, data.hex())
        if s.deaf == "disconnect":
            got = answer.get("error", answer["bytes"])
            self.script.demand(
                got in (len(data), "WSAECONNRESET", "WSAECONNABORTED"),
                "RD-15",
                f"the peer can send {len(data)} bytes",
                got,
            )
        far.coming.append(data)
        if s.deaf == "shutdown" or "error" in answer:
            far.end = End.VAGUE

    def _falls_silent(self, s: Socket, how: str, said: bytes) -> None:
        if not s.mute and s.far and self.protocol.disconnect_data:
            s.far.said = said
        s.mute = s.mute or how
        if s.far and s.end is End.RESET and not s.seen:
            # Whether the own end or the reset was first is a race.
            s.far.end = End.VAGUE

    def _received(self, s: Socket, answer: Answer) -> None:
        far = s.far
        error = answer.get("error")
        if not far:
            return
        if error == "WSAEMSGSIZE":
            far.coming.pop(0)
        elif not error and answer["bytes"]:
            self._take(far, int(answer["bytes"]))
        elif error in ("WSAECONNRESET", "WSAECONNABORTED"):
            s.seen, s.stirred = True, False
            far.coming.clear()
        elif error != "WSAEWOULDBLOCK" and not s.deaf:
            s.seen = True

    def _take(self, far: Far, size: int) -> None:
        while size:
            first = far.coming[0]
            taken = min(size, len(first))
            far.coming[0] = first[taken:]
            size -= taken
            if not far.coming[0]:
                far.coming.pop(0)
