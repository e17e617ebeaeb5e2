"""A provider that cannot be tested is refused in one clear line."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Run
from test_command_line import complaint

ENTRY = """
[[entry]]
id = "tcp4"
family = "AF_INET"
type = "SOCK_STREAM"
protocol = "IPPROTO_TCP"
flags = ["XP1_GUARANTEED_DELIVERY"]
"""


@pytest.mark.parametrize(
    "dll, expected",
    [
        ("./missing.dll", r"bad.toml:2: .*no file .*missing.dll"),
        ("./text.dll", r"bad: .*text.dll"),
        ("nostartup.dll", r"bad: .*WSPStartup"),
    ],
)
def test_a_dll_that_is_no_provider(
    run: Run, tmp_path: Path, dll: str, expected: str
) -> None:
    (tmp_path / "text.dll").write_text("This is not a DLL.\n")
    profile = tmp_path / "bad.toml"
    profile.write_text(f'name = "bad"\ndll = "{dll}"\n{ENTRY}')
    finished = run("--profile", str(profile))
    line = complaint(finished.process)
    assert re.search(expected, line), line
    assert not finished.folder.exists()


def test_a_provider_whose_start_faults_is_blocked(run: Run, tmp_path: Path) -> None:
    profile = tmp_path / "bad.toml"
    dll = r"C:\\windows\\system32\\mswsock.dll"
    profile.write_text(f'name = "bad"\ndll = "{dll}"\n{ENTRY}')
    finished = run("--profile", str(profile), "--case", "recv_disconnect.slot.*")
    assert finished.process.returncode == 3, finished.process.stderr
    assert "The run is incomplete" in finished.process.stdout
    assert {one["verdict"] for one in finished.results} == {"blocked"}
    for one in finished.results:
        assert "mswsock.dll.WSPStartup is a stub" in one["message"], one


def test_a_good_provider_beside_it_changes_nothing(run: Run, tmp_path: Path) -> None:
    profile = tmp_path / "bad.toml"
    profile.write_text(f'name = "bad"\ndll = "nostartup.dll"\n{ENTRY}')
    finished = run("--profile", "reference", "--profile", str(profile))
    assert "bad: " in complaint(finished.process)
    assert not finished.folder.exists()


def test_a_broken_profile(run: Run, tmp_path: Path) -> None:
    profile = tmp_path / "bad.toml"
    profile.write_text('name = "bad"\ndll = nothing\n')
    finished = run("--profile", str(profile))
    assert "bad.toml: not valid TOML: " in complaint(finished.process)
    assert "line 2" in finished.process.stderr
