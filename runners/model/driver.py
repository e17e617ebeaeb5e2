"""`wspcheck drive`: one call of a provider after the other, as Python asks for them."""
from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
from pathlib import Path
from typing import Any, Optional

from wspcheck_runner import places
from wspcheck_runner.channel import Channel
from wspcheck_runner.profile import Profile

LIMIT_MS = 8000
"""For one command; the suite's own waits are shorter."""
ANSWER_S = 60.0
"""The first answer may have to wait for Wine."""

Answer = dict[str, Any]


class Died(Exception):
    """The process with the provider has ended: what it said."""


class Driver:
    """A process that loads the provider and obeys. After it has died, the next sequence
    gets a new one."""

    def __init__(self, channel: Channel, profile: Profile, worker: int = 1) -> None:
        self.entries = {entry.id: entry for entry in profile.entries}
        self.starts = 0
        """How often a process was started."""
        self._channel = channel
        self._profile = profile
        self._worker = worker
        self._nonce = ""
        self._process: Optional[Any] = None
        self._commands: Optional[Any] = None
        self._answers = -1
        self._unread = b""
        self._noise: list[str] = []

    def begin(self, entry: str) -> Answer:
        """A new sequence on this entry; the answer holds what was wrong at the end of
        the sequence before."""
        self.start()
        return self.command("begin", entry)

    def start(self) -> None:
        """The process, if there is none."""
        if self._process is None:
            self._start()

    def command(self, *words: object) -> Answer:
        """Has it obeyed; Died if the process ends instead."""
        line = " ".join(str(word) for word in words)
        assert self._commands
        try:
            self._commands.write(line.encode() + b"\n")
            self._commands.flush()
        except OSError:
            raise self._died() from None
        return self._answer()

    def close(self) -> None:
        """Lets the process end by itself, and ends it if it does not."""
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            self._commands.close() if self._commands else None
        with contextlib.suppress(Exception):
            self._process.wait(10)
        self._release()

    def _start(self) -> None:
        self._nonce = secrets.token_hex(8)
        self._noise = []
        self._unread = b""
        source, commands = os.pipe()
        answers, output = os.pipe()
        with os.fdopen(source, "rb") as stdin, os.fdopen(output, "wb") as stdout:
            self._process = self._channel.start(
                self._command_line(), stdout, self._profile.environment, stdin
            )
        self._commands = os.fdopen(commands, "wb")
        self._answers = answers
        self.starts += 1

    def _command_line(self) -> list[str]:
        path = self._channel.path
        network = self._channel.network
        command = [path(places.suite()), "drive"]
        command += ["--dll", path(Path(self._profile.dll))]
        for entry in self._profile.entries:
            command += ["--entry", entry.spec()]
        command += ["--nonce", self._nonce, "--limit-ms", str(LIMIT_MS)]
        command += ["--address4", network.address4(self._worker)]
        return command + ["--address6", network.address6(self._worker)]

    def _line(self) -> Optional[str]:
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], ANSWER_S)
            read = os.read(self._answers, 65536) if ready else b""
            if not read:
                return None
            self._unread += read
        line, self._unread = self._unread.split(b"\n", 1)
        return line.decode("utf-8", "replace").strip()

    def _answer(self) -> Answer:
        """What the provider itself prints lacks the nonce."""
        while (line := self._line()) is not None:
            with contextlib.suppress(ValueError):
                answer = json.loads(line)
                if isinstance(answer, dict) and answer.get("nonce") == self._nonce:
                    return answer
            self._noise.append(line)
        raise self._died()

    def _died(self) -> Died:
        self._release()
        return Died(" / ".join(self._noise[:3]) or "it ended without a word")

    def _release(self) -> None:
        if self._process is not None:
            self._channel.kill(self._process)
            os.close(self._answers)
            with contextlib.suppress(OSError):
                self._commands.close() if self._commands else None
        self._process = self._commands = None
