"""A provider may be reached at an address of its own."""
from __future__ import annotations

import os
from pathlib import Path

from conftest import Run
from test_command_line import complaint

from wspcheck_runner import places

OWN = '[addresses]\nipv4 = "10.8.0.2"\nipv6 = "fd00:8::2"\n'
CASES = (
    "recv_disconnect.netdown.reported.connected",
    "recv_disconnect.wire.window.nothing_queued",
    "recv_disconnect.wire.datagrams.connected",
    "recv_disconnect.wire.tpdus.connected",
)


def reference(folder: Path, tables: str) -> Path:
    """The reference with more in its profile."""
    text = (places.PROFILES / "reference.toml").read_text(encoding="utf-8")
    dll = places.binaries() / "wspref.dll"
    text = text.replace('"wspref.dll"', f"'{dll}'")
    path = folder / "own.toml"
    head, entries = text.split("\n[[entry]]", 1)
    path.write_text(f"{head}\n{tables}\n[[entry]]{entries}", encoding="utf-8")
    return path


def rows(profile: Path) -> list[str]:
    """What is run of it."""
    globs = (word for case in CASES for word in ("--case", case))
    return ["--profile", str(profile), *globs]


def test_its_sockets_are_bound_and_its_packets_judged_there(
    run: Run, tmp_path: Path
) -> None:
    finished = run(*rows(reference(tmp_path, OWN)), "--jobs", "1")
    assert finished.process.returncode == 0, finished.process.stdout
    passed = [one for one in finished.results if one["verdict"] == "pass"]
    assert {(one["entry"], one["case"].split(".")[1]) for one in passed} == {
        *((entry, "wire") for entry in ("tcp4", "tcp6", "udp4", "udp6", "isotp")),
        *((entry, "netdown") for entry in ("tcp4", "tcp6", "isotp", "isotp-stream")),
        ("isotp-stream", "wire"),
    }
    traces = {one["entry"]: "\n".join(one["trace"]) for one in passed}
    for entry, trace in traces.items():
        assert "127.0." not in trace and "fd77:" not in trace, (entry, trace)
    assert "=10.8.0.2:" in traces["tcp4"] and "=[fd00:8::2]:" in traces["udp6"]


def test_packets_are_not_judged_where_several_processes_share_it(
    run: Run, tmp_path: Path
) -> None:
    finished = run(*rows(reference(tmp_path, 'addresses.ipv6 = "fd00:8::2"')))
    assert finished.process.returncode == 0, finished.process.stdout
    found = [one for one in finished.results if one["verdict"] != "not-applicable"]
    for one in found:
        is_about_packets = ".wire." in one["case"]
        assert (one["verdict"] == "blocked") == is_about_packets, one
        assert ("--jobs 1" in one["message"]) == is_about_packets
    assert len(found) > len(CASES)


def test_the_packets_of_ipv6_are_seen_beside_marks_at_the_workers_address(
    run: Run, tmp_path: Path
) -> None:
    own = 'addresses.ipv6 = "fd00:8::2"\nlimits.jobs = 1'
    chosen = ("--entry", "tcp6", "--entry", "udp6")
    finished = run(*rows(reference(tmp_path, own)), *chosen)
    assert finished.process.returncode == 0, finished.process.stdout
    wired = {one["entry"]: one for one in finished.results if one["wire"]}
    assert {entry: one["verdict"] for entry, one in wired.items()} == {
        "tcp6": "pass",
        "udp6": "pass",
    }


def test_without_a_network_of_its_own_a_run_needs_the_machine_to_have_it(
    run: Run, tmp_path: Path
) -> None:
    unshare = tmp_path / "bin" / "unshare"
    unshare.parent.mkdir()
    unshare.write_text("#!/bin/false\n")
    unshare.chmod(0o755)
    path = f"{unshare.parent}:{os.environ['PATH']}"
    profile = reference(tmp_path, 'addresses.ipv4 = "192.0.2.1"')
    finished = run(*rows(profile), env={**os.environ, "PATH": path})
    assert complaint(finished.process).rstrip() == (
        "wspcheck: reference: no socket can be bound to its address 192.0.2.1: "
        "Cannot assign requested address"
    )
    assert not finished.folder.exists()
