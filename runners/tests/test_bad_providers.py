"""Whatever a provider does to its process, every other case has its verdict."""
from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

from wspcheck_runner import places

CASES = ("recv_disconnect.descriptor.*", "recv_disconnect.connection.*")
FATAL = [
    f"recv_disconnect.descriptor.{claim}.invalid_socket"
    for claim in ("is_no_socket", "is_no_socket_with_buffer", "without_any_socket")
]


@pytest.mark.parametrize(
    "profile, verdict, explanation",
    [
        ("crashing", "crash", "access violation"),
        ("hanging", "timeout", "WSPRecvDisconnect"),
    ],
)
def test_the_case_is_charged_and_the_others_have_their_verdicts(
    run: Run, profile: str, verdict: str, explanation: str
) -> None:
    selection = [option for case in CASES for option in ("--case", case)]
    finished = run("--profile", profile, "--limit", "2", *selection)
    assert finished.process.returncode == 1, finished.process.stderr
    charged = [one for one in finished.results if one["verdict"] == verdict]
    assert [one["case"] for one in charged] == FATAL
    for one in charged:
        assert explanation in one["message"], one
        assert one["trace"], one
    others = {v for v in finished.verdicts.values() if v != verdict}
    assert "pass" in others and not others & {"crash", "timeout", "blocked"}
    summary = finished.read("summary.json")
    assert summary["complete"] and summary["profiles"][0]["not_run"] == 0
    assert summary["profiles"][0]["conforms"] is False


def test_the_profile_says_how_long_a_case_may_take(run: Run, tmp_path: Path) -> None:
    text = (places.PROFILES / "hanging.toml").read_text(encoding="utf-8")
    dll = places.binaries() / "hanging.dll"
    text = text.replace('"hanging.dll"', f"'{dll}'\nlimits.case_s = 0.7")
    profile = tmp_path / "hanging.toml"
    profile.write_text(text, encoding="utf-8")
    finished = run("--profile", str(profile), "--case", FATAL[0])
    (timeout,) = finished.results
    assert timeout["verdict"] == "timeout"
    assert timeout["message"].startswith("not finished within 700 ms: WSPRecvDisc")
