"""A run that is interrupted writes what there is, and leaves nothing behind."""
from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from conftest import WSPCHECK, Finished

from wspcheck_runner import places


def processes_of_the_prefix() -> list[str]:
    """Whatever runs in our Wine prefix."""
    mark = f"WINEPREFIX={places.wine_prefix()}\0".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes() + b"\0":
                found.append((process / "cmdline").read_text())
        except OSError:
            continue  # It has ended, or is not ours to look at.
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_keeps_what_there_is(tmp_path: Path, how: signal.Signals) -> None:
    out = tmp_path / "out"
    # A shell has the background jobs of its scripts ignore SIGINT, and so do we then.
    heeding = ["env", "--default-signal=INT"]
    run = [str(WSPCHECK), "run", "--profile", "reference", "--out", str(out)]
    command = [*heeding, *run]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        assert "verdicts to come" in first
        process.send_signal(how)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 3, stdout + stderr
    assert stderr == "wspcheck: interrupted; writing what there is\n"
    completed = subprocess.CompletedProcess(command, 3, first + stdout, stderr)
    finished = Finished(completed, out)
    summary = finished.read("summary.json")
    assert summary["exit_code"] == 3 and summary["complete"] is False
    (provider,) = summary["profiles"]
    assert provider["not_run"] > 0 and provider["conforms"] is not True
    counted = sum(provider["counts"].values())
    assert len(finished.results) == counted
    assert "The run is incomplete." in stdout
    assert "incomplete" in (out / "index.html").read_text(encoding="utf-8")
    assert processes_of_the_prefix() == []


def test_a_finished_run_leaves_nothing_behind(default_run: Finished) -> None:
    assert default_run.process.returncode in (0, 1)
    assert processes_of_the_prefix() == []
