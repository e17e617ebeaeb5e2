"""A DLL of which there is no profile."""
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import Finished, wspcheck

from wspcheck_runner import places, profile

ROWS = ("--case", "recv_disconnect.slot.*", "--case", "recv_disconnect.connection.*")


def probed(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `wspcheck probe` says."""
    return wspcheck("probe", *arguments)


def test_a_base_provider_is_described_as_its_profile_has_it(tmp_path: Path) -> None:
    made = tmp_path / "made.toml"
    done = probed("wspref.dll", "--write-profile", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wspcheck reference provider" in done.stdout
    assert "all 30 slots" in done.stdout
    found = profile.load(made)
    known = profile.load(places.PROFILES / "reference.toml")
    for one, other in zip(found.entries, known.entries, strict=True):
        keys = ("id", "family", "type", "protocol", "min_address", "max_address")
        assert [getattr(one, k) for k in keys] == [getattr(other, k) for k in keys]
    claimed = {one.id: one.flags for one in found.entries}
    assert claimed["tcp4"] == known.entries[0].flags
    assert "tcp4: flags assumed: XP1_GUARANTEED_DELIVERY" in done.stdout
    assert "not offered: unix, " in done.stdout and "WSAEPROTONOSUPPORT" in done.stdout


def test_handles_of_the_system_are_seen(tmp_path: Path) -> None:
    made = tmp_path / "made.toml"
    done = probed("wsbridge.dll", "--write-profile", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the system's" in done.stdout
    entries = profile.load(made).entries
    assert [one.id for one in entries] == ["tcp4", "tcp6", "udp4", "udp6"]
    assert all(one.flags & 0x20000 for one in entries)


def test_what_does_not_fit_is_said() -> None:
    done = probed("null.dll")
    assert done.returncode == 1
    assert "does not fit: tcp4, tcp6, udp4" in done.stdout
    assert "the host does not know the handle" in done.stdout
    assert "its socket tells of another protocol: family 0" in done.stdout


def test_a_broken_convention_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSPCHECK_HOSTILE", "wrong_startup_convention")
    done = probed("wsphostile.dll")
    assert done.returncode == 1
    assert "does not fit: tcp4: WSPStartup does not keep to the calling" in done.stdout


@pytest.mark.parametrize(
    "dll, complaint",
    [
        ("nostartup.dll", "exports no WSPStartup"),
        ("nowhere.dll", "there is no file nowhere.dll"),
        (str(places.REPOSITORY / "README.md"), "cannot be loaded"),
    ],
)
def test_what_is_no_provider_is_refused(dll: str, complaint: str) -> None:
    for command in (("probe",), ("run", "--dll")):
        done = wspcheck(*command, dll)
        assert done.returncode == 2
        assert complaint in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_dll_is_run_like_its_profile(tmp_path: Path) -> None:
    by_dll, by_profile = tmp_path / "dll", tmp_path / "profile"
    made = tmp_path / "made.toml"
    options = ("--dll", "wspref.dll", "--write-profile", str(made), "--entry", "tcp?")
    done = wspcheck("run", *options, *ROWS, "--out", str(by_dll))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"profile {made}\n" in done.stdout
    assert "Made by probing the DLL" in done.stdout
    again = ("--profile", "reference", "--entry", "tcp?", "--out", str(by_profile))
    other = wspcheck("run", *again, *ROWS)
    verdicts = [
        {job.partition("/")[2]: v for job, v in Finished(p, f).verdicts.items()}
        for p, f in ((done, by_dll), (other, by_profile))
    ]
    assert verdicts[0] == verdicts[1] and "pass" in verdicts[0].values()


@pytest.mark.parametrize(
    "base, is_system", [("reference", False), ("wine-winsock", True)]
)
def test_a_layer_has_the_entries_of_its_base(
    tmp_path: Path, base: str, is_system: bool
) -> None:
    """And its handles, where it leaves these to the base."""
    made = tmp_path / "made.toml"
    known = profile.load(places.PROFILES / "ifs-over-reference.toml")
    assert known.guid
    layer = ("wspifs.dll", "--base", base, "--guid", known.guid)
    done = probed(*layer, "--write-profile", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    found = profile.load(made)
    assert found.base and found.base.name == base
    assert found.entry_ids() == found.base.entry_ids()
    assert {bool(one.flags & 0x20000) for one in found.entries} == {is_system}


@pytest.mark.parametrize("base", ["reference", "wine-winsock"])
def test_a_layer_with_handles_of_its_own_is_told_from_one_without(
    tmp_path: Path, base: str
) -> None:
    made = tmp_path / "made.toml"
    done = probed("wsplayer.dll", "--base", base, "--write-profile", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    found = profile.load(made)
    assert not any(one.flags & 0x20000 for one in found.entries)
    assert found.base
    assert found.title == f"wsplayer.dll over {base}"


def test_a_layer_that_finds_nothing_below_is_helped() -> None:
    for options, hint in (((), "--base"), (("--base", "reference"), "--guid")):
        done = wspcheck("run", "--dll", "wspifs.dll", *options)
        assert done.returncode == 2
        assert done.stderr.rstrip().endswith(hint), done.stderr


def test_options_of_a_dll_need_one() -> None:
    done = wspcheck("run", "--base", "reference")
    assert done.returncode == 2 and "belong to --dll" in done.stderr
