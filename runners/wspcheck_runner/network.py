"""A network of the run's own: noise from elsewhere stays out, and each worker has an
address by which its packets and queues are told apart."""
from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Optional, Sequence

from . import places
from .errors import SetupError
from .profile import Profile

SHARED4 = "127.0.0.1"
SHARED6 = "::1"

_PREFIX6 = "fd77:7370:6368:6b00::"
"""A unique local prefix (RFC 4193)."""

_KINDS: tuple[tuple[list[str], list[str]], ...] = (
    (["unshare", "--net"], []),
    (["unshare", "--map-root-user", "--net"], ["--user", "--preserve-credentials"]),
)
"""How to make a network namespace and how to enter it: as root, and as anybody."""

_INSIDE = """
for one in tcp_child_ehash_entries udp_child_hash_entries; do
    echo 1024 >/proc/sys/net/ipv4/$one
done
exec unshare --net "$@"
"""
"""Reading /proc/net/tcp takes as long as the kernel's table is large: milliseconds with
the system's own. A namespace inside of another may have a small one of its own; where
it may not, all is only slower."""

_HOLD = """
printf "%s" "$1" | ip -batch - >&2 &&
    if [ -n "$2" ]; then
        mount --bind "$2/usr" /usr &&
            mount --bind "$2/etc/ld.so.cache" /etc/ld.so.cache
    fi && echo ready && while read -r line; do :; done || exit
for again in 1 2 3; do
    for one in /proc/[0-9]*; do
        [ "$one/ns/net" -ef "/proc/$$/ns/net" ] && [ "${one#/proc/}" != $$ ] &&
            kill -9 "${one#/proc/}"
    done
done
"""
"""Waits until nobody holds the other end of its stdin. `close` ends it before; if the
runner was killed, it ends whatever the runner has left in the network.

Programs of another Debian find the machine's files, but that Debian's libraries:
all that a program is made of lies in /usr, and its loader's list in /etc."""


class Network:
    """A namespace with a loopback device, held by a process until `close`; where the
    system does not allow one, its loopback device is shared.

    A worker's address is added to the device although Linux takes all of 127/8 for
    local: Wine 8.0 binds a datagram socket to the wildcard address whatever it is asked
    for, so what the peer sees as sender is what the kernel's routes prefer, which is
    127.0.0.1 for an address that is not on the device (seen with strace)."""

    def __init__(self, system: Optional[Path] = None) -> None:
        self.prefix: list[str] = []
        """What a command is to be preceded by to run in it."""
        self.program_prefix: list[str] = []
        """The same for the programs under test and what runs them, which are of the
        Debian in the folder `system`, if one was named."""
        self._system = system
        self._holder: Optional[subprocess.Popen[bytes]] = None
        self._count = 0

    def open(self, workers: int) -> None:
        """Makes it, with addresses for so many workers."""
        if sys.platform == "win32":
            return
        setup = ["link set lo up"]
        for n in range(1, workers + 1):
            setup.append(f"addr add 127.0.{n}.1/32 dev lo")
            setup.append(f"addr add {_PREFIX6}{n:x}/128 dev lo nodad")
        for make, enter in _KINDS:
            if self._hold(make, "\n".join(setup) + "\n"):
                assert self._holder
                target = ["nsenter", "--target", str(self._holder.pid), "--net", *enter]
                self.prefix = [*target, "--"]
                self.program_prefix = [*target, *self._mount, "--"]
                self._count = workers
                return
        if self._system:
            raise SetupError(
                f"the programs of {places.for_reader(self._system)} need a mount "
                "namespace of their own, which this system allows neither root nor "
                "others"
            )

    def close(self) -> None:
        """Lets go of it; it ends with the last process in it."""
        if self._holder is not None:
            with contextlib.suppress(ProcessLookupError):
                self._holder.kill()
            self._holder.communicate()
        self._holder = None
        self.prefix = []
        self.program_prefix = []

    @property
    def is_own(self) -> bool:
        """Whether nobody else uses it."""
        return self._holder is not None

    def address4(self, worker: int) -> str:
        """The IPv4 address of a worker, counted from 1."""
        is_on_device = worker <= self._count or sys.platform == "win32"
        return f"127.0.{worker}.1" if is_on_device else SHARED4

    def address6(self, worker: int) -> str:
        """The IPv6 address of a worker, counted from 1."""
        return f"{_PREFIX6}{worker:x}" if worker <= self._count else SHARED6

    def hosts(self, worker: int, profile: Profile) -> tuple[str, str]:
        """The IPv4 and the IPv6 address at which a worker runs a provider."""
        return (
            profile.address4 or self.address4(worker),
            profile.address6 or self.address6(worker),
        )

    def add(self, address: str) -> None:
        """Sees to it that sockets can be bound to an address: a network of the run's
        own gets it, elsewhere it has to be there. SetupError if they cannot."""
        why = self._put_on_device(address) if self.is_own else _obstacle(address)
        if why:
            raise SetupError(f"no socket can be bound to its address {address}: {why}")

    def _put_on_device(self, address: str) -> str:
        """Empty, or why that fails."""
        options = ["nodad"] if ":" in address else []
        done = subprocess.run(
            [*self.prefix, "ip", "addr", "replace", address, "dev", "lo", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            text=True,
            check=False,
        )
        return done.stderr.strip() or "ip fails" if done.returncode else ""

    @property
    def _mount(self) -> list[str]:
        return ["--mount"] if self._system else []

    def _hold(self, make: Sequence[str], setup: str) -> bool:
        system = str(self._system or "")
        inside = ["sh", "-c", _INSIDE, "sh"]
        try:
            holder = subprocess.Popen(
                [*make, *inside, *self._mount, "sh", "-c", _HOLD, "sh", setup, system],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        except OSError:
            return False
        assert holder.stdout
        if holder.stdout.readline() == b"ready\n":
            self._holder = holder
            return True
        holder.communicate()
        return False


def _environment() -> dict[str, str]:
    """Of a user whose PATH lacks the system's tools, too."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}


def _obstacle(address: str) -> str:
    """Why this machine lets no socket be bound to it; empty if it does."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as one:
            one.bind((address, 0))
    except OSError as error:
        return str(error.strerror)
    return ""
