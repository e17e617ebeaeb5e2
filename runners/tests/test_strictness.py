"""A baseline that is not exactly right turns the run red, and a sentence says why."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Finished, Run

from wspcheck_runner import places

CASE = "recv_disconnect.callback.refused_by_1_1.accept"
WRONG = """
[[deviation]]
case = "recv_disconnect.slot.is_code"
entry = "tcp4"
verdict = "fail"
reason = "it is not true"
expires = 2100-01-01
"""


def profile_with(folder: Path, baseline: str) -> Path:
    """Wine's Winsock with another baseline."""
    ours = (places.PROFILES / "wine-winsock.toml").read_text()
    (folder / "baseline.toml").write_text(baseline)
    path = folder / "wine.toml"
    path.write_text(re.sub(r"(?m)^baseline = .*$", 'baseline = "baseline.toml"', ours))
    return path


@pytest.fixture
def known() -> str:
    path = places.REPOSITORY / "fixtures" / "baselines" / "wine-winsock.toml"
    return path.read_text()


def surprises(finished: Finished) -> list[str]:
    found: list[str] = finished.read("summary.json")["surprises"]
    for sentence in found:
        assert f"not as expected: {sentence}" in finished.process.stdout
    return found


def test_it_is_green_as_it_is(run: Run, tmp_path: Path, known: str) -> None:
    path = profile_with(tmp_path, known)
    finished = run("--profile", str(path), "--case", CASE)
    assert finished.process.returncode == 0, finished.process.stdout
    assert "fail" in finished.verdicts.values()


def test_a_removed_entry_turns_it_red(run: Run, tmp_path: Path, known: str) -> None:
    assert f'    "{CASE}",\n' in known
    path = profile_with(tmp_path, known.replace(f'    "{CASE}",\n', ""))
    finished = run("--profile", str(path), "--case", CASE)
    assert finished.process.returncode == 1
    assert surprises(finished) == [
        f"wine-winsock/{entry}/{CASE}: fail, which no baseline expects"
        for entry in ("tcp4", "tcp6")
    ]


def test_a_wrong_entry_turns_it_red(run: Run, tmp_path: Path, known: str) -> None:
    path = profile_with(tmp_path, known + WRONG)
    finished = run("--profile", str(path), "--case", "recv_disconnect.slot.is_code")
    assert finished.process.returncode == 1
    (sentence,) = surprises(finished)
    assert "/tcp4/recv_disconnect.slot.is_code: pass, but" in sentence
    assert "baseline.toml:" in sentence


def test_an_entry_for_an_unknown_case_turns_it_red(
    run: Run, tmp_path: Path, known: str
) -> None:
    wrong = WRONG.replace("is_code", "is_data")
    path = profile_with(tmp_path, known + wrong)
    finished = run("--profile", str(path), "--case", "recv_disconnect.slot.is_code")
    assert finished.process.returncode == 1
    (sentence,) = surprises(finished)
    assert '"recv_disconnect.slot.is_data" matches no case of the suite' in sentence


def test_an_expired_entry_turns_it_red(run: Run, tmp_path: Path, known: str) -> None:
    path = profile_with(
        tmp_path, re.sub(r"(?m)^expires = .*$", "expires = 2020-01-01", known)
    )
    finished = run("--profile", str(path), "--case", CASE)
    assert finished.process.returncode == 1
    assert all("expired on 2020-01-01" in one for one in surprises(finished))
