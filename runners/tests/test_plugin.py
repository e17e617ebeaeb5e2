"""The pytest plugin on its own."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from wspcheck_runner import places

RUNNERS = str(places.REPOSITORY / "runners")


def pytest_run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Pytest with the plugin, as a person starts it."""
    command = [sys.executable, "-m", "pytest", "-p", "wspcheck_runner.plugin"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "-v", "-rx", *arguments],
        env={**os.environ, "PYTHONPATH": RUNNERS},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_verdicts_are_pytest_outcomes(tmp_path: Path) -> None:
    process = pytest_run(
        "--wspcheck-profile=wine-winsock",
        "-k",
        "slot.is_code or refused_by_1_1.accept or buffer.refused_on_streams",
        cwd=tmp_path,
    )
    text = process.stdout
    assert process.returncode == 0, text + process.stderr
    assert "wine-winsock/tcp4/recv_disconnect.slot.is_code PASSED" in text
    assert "recv_disconnect.callback.refused_by_1_1.accept XFAIL" in text
    assert "known: Wine takes calls" in text


def test_a_deviation_shows_its_evidence(tmp_path: Path) -> None:
    process = pytest_run(
        str(places.PROFILES / "crashing.toml"),
        "-k",
        "is_no_socket.invalid_socket",
        cwd=tmp_path,
    )
    text = process.stdout
    assert process.returncode == 1, text + process.stderr
    assert "crash: " in text and "requirements: RD-12" in text
    assert "trace:\n    WSP" in text
    assert "1 failed" in text


def test_cases_are_items_named_profile_entry_case(tmp_path: Path) -> None:
    process = pytest_run(
        "--wspcheck-profile=reference", "--collect-only", "-q", cwd=tmp_path
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert "reference/udp6/recv_disconnect.slot.is_code" in process.stdout


def test_a_profile_that_cannot_be_used_is_a_usage_error(tmp_path: Path) -> None:
    process = pytest_run("--wspcheck-profile=refrence", cwd=tmp_path)
    assert process.returncode == 4
    assert 'no profile "refrence"; did you mean reference' in process.stderr
