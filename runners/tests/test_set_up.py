"""The set-up scripts, with a stand-in for the machine's package tools."""
from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from lib import source_list

from wspcheck_runner import places


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The scripts in a folder where nothing has been set up; no package is installed,
    and apt-get leaves a mark when it is called."""
    clone = tmp_path / "clone"
    shutil.copytree(places.REPOSITORY / "runners" / "lib", clone / "runners" / "lib")
    for name in ("run", "test"):
        shutil.copy(places.REPOSITORY / "runners" / name, clone / "runners" / name)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in {
        "dpkg-query": "exit 1",
        "apt-get": f"touch {tmp_path}/apt-get-was-called; echo no network; exit 100",
        "sudo": 'exec "$@"',
    }.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    return clone


def start(clone: Path, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs one of the scripts."""
    tools = clone.parent / "tools"
    return subprocess.run(
        [str(clone / "runners" / name)],
        env={"PATH": f"{tools}:{os.environ['PATH']}", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name, package", [("run", "wine64"), ("test", "chromium")])
def test_offline_names_what_is_missing_and_installs_nothing(
    clone: Path, name: str, package: str
) -> None:
    done = start(clone, name, WSPCHECK_OFFLINE="1")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "missing" in line and package in line and "CUnit" in line
    assert not (clone.parent / "apt-get-was-called").exists()


def test_a_failure_shows_the_log_and_where_it_is(clone: Path) -> None:
    done = start(clone, "run")
    assert done.returncode == 2
    assert "no network\n" in done.stderr
    assert f"{clone}/build/log/apt-update.log" in done.stderr


def entries(folder: Path, file: str, text: str) -> list[str]:
    """Source entries of an APT configuration that consists of this file."""
    (folder / "sources.list.d").mkdir()
    (folder / file).write_text(text)
    return source_list.source_entries(folder, "bookworm")


def test_one_line_entries_become_source_entries(tmp_path: Path) -> None:
    assert (
        entries(
            tmp_path,
            "sources.list",
            """\
# deb http://commented.example/debian bookworm main
deb http://one.example/debian bookworm main contrib # a remark
deb [arch=amd64 signed-by=/a/key.gpg] http://two.example/debian bookworm-updates main
deb cdrom:[Debian]/ bookworm main
deb http://other.example/tool bookworm stable
deb http://other.example/debian trixie main
""",
        )
        == [
            "deb-src http://one.example/debian bookworm main contrib",
            "deb-src [signed-by=/a/key.gpg] http://two.example/debian "
            "bookworm-updates main",
        ]
    )


def test_deb822_entries_become_source_entries(tmp_path: Path) -> None:
    assert (
        entries(
            tmp_path,
            "sources.list.d/debian.sources",
            """\
Types: deb
# a remark
URIs: http://one.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /a/key.gpg

Enabled: no
Types: deb
URIs: http://two.example/debian
Suites: bookworm
Components: main
""",
        )
        == [
            "deb-src [signed-by=/a/key.gpg] http://one.example/debian bookworm main",
            "deb-src [signed-by=/a/key.gpg] http://one.example/debian "
            "bookworm-updates main",
        ]
    )


def test_another_release_comes_from_the_archive_of_this_one(tmp_path: Path) -> None:
    text = """\
deb http://other.example/debian trixie main
deb [signed-by=/a/key.gpg] http://one.example/debian-security bookworm-security main
deb [signed-by=/a/key.gpg] http://two.example/debian bookworm main
"""
    entries(tmp_path, "sources.list", text)
    found = source_list.archives(tmp_path, "bookworm")
    assert found == ["http://two.example/debian"]
