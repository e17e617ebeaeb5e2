"""What a profile claims decides what the provider is measured by."""
from __future__ import annotations

import tomllib
from pathlib import Path

import tomli_w
from conftest import Run

from wspcheck_runner import places

NETDOWN = "recv_disconnect.netdown.*"
DIALECT = "recv_disconnect.dialect.windows_ce"
PLATFORM = "recv_disconnect.platform"


def test_windows_ce_has_pages_of_its_own(run: Run) -> None:
    rows = ("--case", f"{DIALECT}.*", "--case", "recv_disconnect.slot.*")
    finished = run("--profile", "ce", "--profile", "wine-winsock", *rows)
    verdicts = {job: one for job, one in finished.verdicts.items() if "/tcp4/" in job}
    for job, verdict in verdicts.items():
        is_asked = job.startswith("ce/") == (DIALECT in job)
        assert (verdict != "not-applicable") == is_asked, (job, verdict)
    asked = [one for job, one in verdicts.items() if f"ce/tcp4/{DIALECT}" in job]
    assert asked == ["pass"] * 4


def test_the_reference_runs_on_windows_2000(run: Run) -> None:
    finished = run("--profile", "reference", "--case", f"{PLATFORM}.*")
    assert finished.process.returncode == 0, finished.process.stdout
    assert set(finished.verdicts.values()) == {"pass"}


def test_claims_that_are_not_kept_are_found(run: Run, tmp_path: Path) -> None:
    """The code of Windows CE elsewhere; a DLL for a newer Windows than is claimed."""
    known = (places.PROFILES / "ce.toml").read_text(encoding="utf-8")
    claim = known.replace('dialect = "ce"', 'platform = "windows2000"')
    profile = tmp_path / "claim.toml"
    dll = str(places.binaries() / "ce.dll")
    profile.write_text(claim.replace('"ce.dll"', repr(dll)), encoding="utf-8")
    rows = ("--case", f"{PLATFORM}.*", "--case", "recv_disconnect.codes.*")
    finished = run("--profile", str(profile), *rows)
    assert finished.process.returncode == 1
    found = {one["case"]: one for one in finished.results}
    version, imports = (
        found[f"{PLATFORM}.{n}"] for n in ("subsystem_version", "imports")
    )
    assert version["verdict"] == imports["verdict"] == "fail"
    assert version["observed"] == "6.0"
    assert imports["observed"] == "also GetTickCount64"
    assert any("WSASYSCALLFAILURE" in one["observed"] for one in finished.results)


def test_flags_that_the_provider_does_not_live_up_to_are_found(
    run: Run, tmp_path: Path
) -> None:
    """The reference, with entries that claim too much."""
    tables = tomllib.loads((places.PROFILES / "reference.toml").read_text("utf-8"))
    entries = {one["id"]: one for one in tables["entry"]}
    entries["tcp4"]["flags"] += ["XP1_IFS_HANDLES"]
    entries["tcp6"]["flags"] += ["XP1_DISCONNECT_DATA"]
    entries["udp4"]["flags"] += ["XP1_GRACEFUL_CLOSE"]
    entries["isotp-stream"]["flags"].remove("XP1_MESSAGE_ORIENTED")
    tables["entry"] = [entries[n] for n in ("tcp4", "tcp6", "udp4", "isotp-stream")]
    profile = tmp_path / "claims.toml"
    profile.write_text(
        tomli_w.dumps({**tables, "dll": str(places.binaries() / "wspref.dll")}),
        encoding="utf-8",
    )
    rows = ("--case", "startup.claims.*", "--case", "recv_disconnect.data.*")
    finished = run("--profile", str(profile), *rows)
    assert finished.process.returncode == 1
    failed = {
        (one["entry"], requirement): one["message"]
        for one in finished.results
        if one["verdict"] == "fail"
        for requirement in one["requirements"]
    }
    assert "refuses it with error" in failed["tcp4", "PI-1"]
    assert "WPUModifyIFSHandle 0 times" in failed["tcp4", "PI-2"]
    assert "next to XP1_CONNECTIONLESS" in failed["udp4", "PI-3"]
    assert "without XP1_MESSAGE_ORIENTED" in failed["isotp-stream", "PI-4"]
    assert ("tcp6", "RD-14") in failed
    assert {entry for entry, _ in failed} == {"tcp4", "tcp6", "udp4", "isotp-stream"}


def test_a_fault_extension_that_is_claimed_and_missing_is_the_profiles_mistake(
    run: Run, tmp_path: Path
) -> None:
    """Wine's Winsock has none: that makes no run red unless the profile claims it."""
    tables = tomllib.loads((places.PROFILES / "wine-winsock.toml").read_text("utf-8"))
    del tables["baseline"]
    tables["dll"] = str(places.binaries() / "wsbridge.dll")
    profile = tmp_path / "claims.toml"
    profile.write_text(tomli_w.dumps({**tables, "faults": True}), encoding="utf-8")
    chosen = ("--case", NETDOWN, "--entry", "tcp4", "--entry", "udp4")
    finished = run("--profile", str(profile), *chosen)
    assert finished.process.returncode == 1
    (surprise,) = finished.read("summary.json")["surprises"]
    assert "the profile claims `faults = true`, but the provider does not" in surprise
    assert "on tcp4, udp4, about RD-4, RD-5, RD-21)" in surprise
    assert f"not as expected: {surprise}" in finished.process.stdout
    assert "does not conform: none" in finished.process.stdout
    blocked = [one for one in finished.results if one["verdict"] != "not-applicable"]
    for one in blocked:
        assert one["verdict"] == "blocked" and "RD-5" in one["requirements"]
        assert one["contradicts_profile"] and "profile claims" in one["expected"]
        assert "gives no table" in one["observed"]
        assert "correct the profile" in one["message"]
    assert f"(needed for {len(blocked)} verdicts on" in surprise


def test_without_the_claim_a_missing_fault_extension_is_nobodys_mistake(
    run: Run,
) -> None:
    chosen = ("--case", NETDOWN, "--entry", "tcp4", "--profile", "wine-winsock")
    finished = run(*chosen)
    assert finished.process.returncode == 0, finished.process.stdout
    found = [one for one in finished.results if one["verdict"] != "not-applicable"]
    assert found and not any(one["contradicts_profile"] for one in found)


def test_the_reference_keeps_its_claim_to_offer_the_fault_extension(run: Run) -> None:
    finished = run("--profile", "reference", "--case", NETDOWN)
    assert finished.process.returncode == 0, finished.process.stdout
    assert set(finished.verdicts.values()) == {"pass", "not-applicable"}
