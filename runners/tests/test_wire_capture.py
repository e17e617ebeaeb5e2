"""Where nothing can be captured, or something went wrong with it, a case about packets
is blocked, with the reason; all else runs."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator, Optional

import pytest
from conftest import Finished, Run
from samples import REQUIREMENTS

from wspcheck_runner import places, profile
from wspcheck_runner.network import Network
from wspcheck_runner.protocol import Case
from wspcheck_runner.verdict import Job, Result, Verdict
from wspcheck_runner.wire import capture, pcapng
from wspcheck_runner.wire.tap import Tap

CASE = "f.wire.quiet"
CASES = {CASE: Case(CASE, ("RD-1",), "", "x.c", 1, ("no_packet", "no_icmp"))}
NONCE = "0123456789abcdef"
REFERENCE = profile.load(profile.find("reference"))


@pytest.fixture
def network() -> Iterator[Network]:
    own = Network()
    own.open(workers=1)
    yield own
    own.close()


def tapped(folder: Path, network: Network, send: Optional[str] = None) -> Result:
    """The verdict of a case that passed, while a command sent something."""
    result = Result(Job("reference", "udp4", CASE), Verdict.PASS, ("RD-1",))
    tap = Tap(folder, network, 1, REFERENCE, [result.job])
    if not tap.open(NONCE):
        return tap.without(result, CASES[CASE].wire)
    if send:
        subprocess.run([*network.prefix, sys.executable, "-c", send], check=True)
    tap.hold(result)
    (judged,) = tap.results(CASES, REQUIREMENTS, None)
    assert list(folder.glob("*.pcapng")) == []
    return judged


def sender(*marks: str) -> str:
    """A program that sends marks, and a datagram behind the first of them."""
    said = f'"nonce":"{NONCE}","entry":"udp4","case":"{CASE}"'
    lines = [f'{{"wspcheck":1,{said},"mark":"{mark}"}}' for mark in marks]
    return (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
        "r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
        "r.bind(('127.0.1.1', 0))\n"
        f"for n, line in enumerate({lines!r}):\n"
        "    s.sendto(line.encode(), r.getsockname())\n"
        "    n or s.sendto(b'news', r.getsockname())\n"
    )


def fake_dumpcap(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in its place."""
    fake = folder / "bin" / "dumpcap"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/bash\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")


def test_what_is_claimed_and_seen_passes(tmp_path: Path, network: Network) -> None:
    whole = sender("begin", "before", "settled", "closing", "end")
    judged = tapped(tmp_path, network, whole)
    assert judged.verdict is Verdict.PASS and judged.wire
    assert {one.verdict for one in judged.wire.claims} == {Verdict.PASS}


def test_an_empty_capture_is_blocked(
    tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "PATIENCE_S", 1.0)
    judged = tapped(tmp_path, network)
    assert judged.verdict is Verdict.BLOCKED
    assert "the capture is empty" in judged.message


def test_missing_marks_are_blocked(
    tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "PATIENCE_S", 1.0)
    judged = tapped(tmp_path, network, sender("begin", "before"))
    assert judged.verdict is Verdict.BLOCKED
    assert "the marks of this case are not in the capture" in judged.message


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo You have no permission >&2; exit 1", "You have no permission"),
        (
            "trap 'echo Packets received/dropped on interface lo: 5/3 \\(x\\); exit' "
            "TERM\necho File: x; while :; do sleep 0.05; done",
            "dropped 3 packets",
        ),
        ("echo File: x; exec sleep 60", "did not count its packets"),
    ],
)
def test_a_capture_that_fails_is_blocked(
    tmp_path: Path,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    reason: str,
) -> None:
    monkeypatch.setattr(capture, "PATIENCE_S", 0.5)
    fake_dumpcap(tmp_path, script, monkeypatch)
    judged = tapped(tmp_path, network)
    assert judged.verdict is Verdict.BLOCKED and reason in judged.message


def test_without_a_network_of_its_own_nothing_is_captured(tmp_path: Path) -> None:
    judged = tapped(tmp_path, Network())
    assert "the run has no network of its own" in judged.message


def test_without_the_programs_nothing_is_captured(
    tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    judged = tapped(tmp_path, network)
    assert "dumpcap is not installed (package tshark)" in judged.message


def test_on_windows_nothing_is_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert capture.obstacle(Network()) == "packets are not captured on Windows"


def test_no_wire_blocks_those_cases_and_no_others(run: Run) -> None:
    cases = ["recv_disconnect.wire.peer_ended.*", "recv_disconnect.slot.is_code"]
    wanted = [part for case in cases for part in ("--case", case)]
    finished = run("--profile", "reference", "--entry", "tcp4", "--no-wire", *wanted)
    assert finished.process.returncode == 0, finished.process.stderr
    for one in finished.results:
        if ".wire." not in one["case"]:
            assert one["verdict"] == "pass"
            continue
        assert one["verdict"] == "blocked"
        reason = "nothing was captured: the run was started with --no-wire"
        assert reason in one["message"]
        assert {claim["observed"] for claim in one["wire"]["claims"]} == {reason}
    assert not (finished.folder / "wire").exists()
    assert "--no-wire" in (finished.folder / "summary.md").read_text(encoding="utf-8")


def test_each_verdict_keeps_its_packets_and_only_those(default_run: Finished) -> None:
    judged = [
        one
        for one in default_run.results
        if one["wire"] and one["verdict"] != "not-applicable"
    ]
    assert judged
    for one in judged:
        octets = (default_run.folder / one["wire"]["capture"]).read_bytes()
        marks = list(pcapng.marks(octets))
        assert {(mark.entry, mark.case) for mark in marks} == {
            (one["entry"], one["case"])
        }
        assert (marks[0].name, marks[-1].name) == ("begin", "end")


def test_a_capture_does_not_outlive_its_runner(
    tmp_path: Path, network: Network
) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from wspcheck_runner.wire.capture import Capture\n"
        "one = Capture(pathlib.Path(sys.argv[1]), sys.argv[2:], [])\n"
        "one.start()\none.await_ready()\nprint(one.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "x.pcapng")]
    environment = {**os.environ, "PYTHONPATH": str(places.REPOSITORY / "runners")}
    killed = subprocess.run(
        [*command, *network.prefix], env=environment, capture_output=True, check=False
    )
    assert killed.returncode == -9, killed.stderr
    pid = Path("/proc") / killed.stdout.decode().strip()
    deadline = time.monotonic() + 20
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(process: Path) -> bool:
    """Whether it is there, and no zombie that nobody has buried yet."""
    try:
        return ") Z " not in (process / "stat").read_text()
    except OSError:
        return False


def test_nobody_else_s_addresses_are_captured(tmp_path: Path, network: Network) -> None:
    file = tmp_path / "one.pcapng"
    one = capture.Capture(file, network.prefix, ["127.0.1.1"])
    one.start()
    one.await_ready()
    send = "import socket; socket.socket(2, 2).sendto(b'{}', ('127.0.{}.1', 9))"
    for text, worker in (("foreign", 2), ("own", 1)):
        command = [sys.executable, "-c", send.format(text, worker)]
        subprocess.run([*network.prefix, *command], check=True)
    one.await_packet(lambda octets: b"own" in octets)
    one.stop()
    assert b"foreign" not in file.read_bytes()
