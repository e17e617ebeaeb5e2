"""The ISO transport with foreign code: the npm package iso-on-tcp, class 0.

What the package cannot do is in fixtures/foreign/README.md, and is tested here too."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest
from talk import Talk, channel_to_the_system, listener, wait_for
from wspcheck_runner import places
from wspcheck_runner.channel import Channel

FIXTURE = places.REPOSITORY / "fixtures" / "foreign"
INSTALLED = places.BUILD / "foreign"

CR, CC, DR, DT = 0xE, 0xD, 0x8, 0xF
CALLER, CALLEE = 0x0102, 0x5356
CONNECT_DATA = bytes(range(0x80, 0xA0))
FAREWELL = bytes(range(0xC0, 0x100))
ANSWER = bytes(range(64))

Event = dict[str, Any]


@pytest.fixture(scope="module")
def package() -> None:
    """The package, installed in the build folder."""
    if (INSTALLED / "node_modules" / "iso-on-tcp").is_dir():
        return
    offline = os.environ.get("WSPCHECK_OFFLINE") == "1"
    if offline:
        pytest.skip("WSPCHECK_OFFLINE=1, and iso-on-tcp is not in build/foreign")
    assert shutil.which("npm"), "npm is not installed (apt-get install npm)"
    INSTALLED.mkdir(parents=True, exist_ok=True)
    shutil.copy(FIXTURE / "package.json", INSTALLED)
    options = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(
        ["npm", "install", *options],
        cwd=INSTALLED,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (
        "npm could not install iso-on-tcp; without a network set WSPCHECK_OFFLINE=1 to "
        f"skip this test. npm says:\n{done.stderr}"
    )


@pytest.fixture(scope="module", name="channel")
def _channel(package: None) -> Iterator[Channel]:
    channel = channel_to_the_system()
    channel.open()
    yield channel
    channel.close()


class Driver:
    """driver.js; to be used in a `with`, which leaves none behind."""

    def __init__(self, output: Path, *arguments: str) -> None:
        self._output = output
        modules = {"NODE_PATH": str(INSTALLED / "node_modules")}
        with output.open("wb") as file:
            self._process = subprocess.Popen(
                ["node", str(FIXTURE / "driver.js"), *arguments],
                env={**os.environ, **modules},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def events(self) -> list[Event]:
        """What it has reported until now."""
        return [json.loads(line) for line in self._output.read_text().splitlines()]

    @property
    def port(self) -> str:
        """Where it listens."""
        wait_for("the port of driver.js", lambda: bool(self._output.read_text()))
        return str(self.events[0]["port"])

    def finish(self) -> list[Event]:
        """All that it reported, when it has ended by itself."""
        assert self._process.wait(30) == 0, self._output.read_text()
        return self.events


def tpdus(events: list[Event]) -> list[tuple[int, bytes]]:
    """Types and user data of the TPDUs that the package's parser understood."""
    return [
        (one["type"], bytes.fromhex(one["payload"]))
        for one in events
        if one["event"] == "tpdu"
    ]


def errors(events: list[Event]) -> list[str]:
    """What the package complained about."""
    return [one["text"] for one in events if one["event"] == "error"]


def call(data: bytes) -> Event:
    """A CR for the package's serializer."""
    return {
        "type": CR,
        "source": 0x1001,
        "tpdu_size": 1024,
        "srcTSAP": CALLER,
        "dstTSAP": CALLEE,
        "payload": data.hex(),
    }


def message(data: bytes, last: bool = True) -> Event:
    """A DT for the package's serializer."""
    return {"type": DT, "last_data_unit": last, "payload": data.hex()}


def exchange(folder: Path, talk: Talk, *list_of: Event) -> list[Event]:
    """Sends these TPDUs to the provider; what came."""
    arguments = ("exchange", str(talk.port), json.dumps(list_of))
    with Driver(folder / "driver.txt", *arguments) as driver:
        return driver.finish()


def test_its_client_connects_and_talks(channel: Channel, tmp_path: Path) -> None:
    with listener(channel, tmp_path, "--echo") as talk:
        with Driver(tmp_path / "client.txt", "client", str(talk.port), "abcdef") as own:
            events = own.finish()
        assert not errors(events)
        assert {"event": "message", "payload": "abcdef"} in events
        assert tpdus(events)[0] == (CC, b"")
        (confirm,) = [one for one in events if one.get("type") == CC]
        assert confirm["class"] == 0 and confirm["tpdu_size"] == 1024
        assert (confirm["srcTSAP"], confirm["dstTSAP"]) == (CALLER, CALLEE)
        talk.line("1", "connected", "from", "0102", "to", "5356", "data", "-")
        talk.line("1", "message", "abcdef")
        # Its close() can neither carry data nor name the connection.
        talk.line("1", "disconnected", "-")
        assert talk.end() == 0


def test_connect_data_and_its_disconnect_data_arrive(
    channel: Channel, tmp_path: Path
) -> None:
    leave = {"type": DR, "source": 0x1001, "reason": 128, "payload": FAREWELL.hex()}
    own = ("--data", CONNECT_DATA[::-1].hex(), "--farewell", ANSWER.hex(), "--echo")
    with listener(channel, tmp_path, *own) as talk:
        events = exchange(
            tmp_path, talk, call(CONNECT_DATA), message(b"to and fro"), leave
        )
        assert not errors(events)
        assert tpdus(events) == [
            (CC, CONNECT_DATA[::-1]),
            (DT, b"to and fro"),
            (DR, ANSWER),
        ]
        talk.line("1", "connected", "data", CONNECT_DATA.hex())
        talk.line("1", "disconnected", FAREWELL.hex())
        assert talk.end() == 0


def test_the_provider_leaves_first_with_64_octets(
    channel: Channel, tmp_path: Path
) -> None:
    leave = {"type": DR, "source": 0x1001, "reason": 128, "payload": ANSWER.hex()}
    with listener(channel, tmp_path, "--leave", FAREWELL.hex()) as talk:
        events = exchange(tmp_path, talk, call(b""), message(b"go"), leave)
        assert not errors(events)
        assert tpdus(events) == [(CC, b""), (DR, FAREWELL)]
        talk.line("1", "disconnected", ANSWER.hex())
        assert talk.end() == 0


def test_a_selector_that_is_not_listened_to_is_refused(
    channel: Channel, tmp_path: Path
) -> None:
    with listener(channel, tmp_path) as talk:
        events = exchange(tmp_path, talk, {**call(b""), "dstTSAP": 0x5357})
        (refusal,) = [one for one in events if one["event"] == "tpdu"]
        assert (refusal["type"], refusal["reason"], refusal["source"]) == (DR, 3, 0)


def test_the_provider_calls_and_the_package_gives_up_at_the_offer(
    channel: Channel, tmp_path: Path
) -> None:
    with Driver(tmp_path / "driver.txt", "server") as driver:
        output = tmp_path / "caller.txt"
        with Talk(channel, output, "connect", "127.0.0.1", driver.port) as talk:
            assert talk.wait() == 1
            talk.line("WSPConnect", "failed:", "10061")
        (text,) = errors(driver.finish())
        assert text.startswith("Unknown or not implemented variable parameter code")


def test_the_provider_calls_and_takes_class_0_for_an_answer(
    channel: Channel, tmp_path: Path
) -> None:
    with Driver(tmp_path / "driver.txt", "filtered") as driver:
        arguments = ["--own", "0102", "--called", "5356", "--data", CONNECT_DATA.hex()]
        arguments += ["--message", b"from the caller".hex(), "--leave", FAREWELL.hex()]
        output = tmp_path / "caller.txt"
        with Talk(
            channel, output, "connect", "127.0.0.1", driver.port, *arguments
        ) as talk:
            assert talk.wait() == 0, talk.lines
            talk.line("1", "connected", "data", "-")
            talk.line("1", "message", b"from the caller".hex())
            # The package answers a DR with one that has no data.
            talk.line("1", "disconnected", "-")
        events = driver.finish()
        assert not errors(events)
        assert tpdus(events) == [
            (CR, CONNECT_DATA),
            (DT, b"from the caller"),
            (DR, FAREWELL),
        ]
