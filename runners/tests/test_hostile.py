"""Whatever a hostile provider does to its host, its case has the one verdict that says
what happened, and every other case has its true one."""
from __future__ import annotations

import re
import secrets
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path
from typing import Any, Iterator

import hostile
import pytest
from conftest import Finished, wspcheck
from hostile import Hostile
from schemas import validate
from test_hosts import needs

from wspcheck_runner import clients, hosts, places

ALL = hostile.all_of_them()
HARMLESS = [one for one in ALL if one.is_harmless]
HARMFUL = [one for one in ALL if not one.is_harmless]
LIMIT_S = "4"
WORKERS = "8"
CONVENTION = re.compile(r"\w+_(convention|backwards|direction|x87)")
"""Behaviours that the architecture makes different, or the suite's assembly."""


def _run(folder: Path, behaviours: list[Hostile], *options: str) -> Finished:
    arguments = [*options, "--no-wire", "--limit", LIMIT_S, "--jobs", WORKERS]
    profiles = [hostile.plain(folder), *(one.profile(folder) for one in behaviours)]
    for profile in profiles:
        arguments += ["--profile", str(profile)]
    for case in (*hostile.CASES.values(), *hostile.OTHERS):
        arguments += ["--case", case]
    out = folder / "out"
    return Finished(wspcheck("run", "--out", str(out), *arguments), out)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Finished]:
    """Those after which nothing is red, and the others: one run each."""
    return {
        harmless: _run(tmp_path_factory.mktemp("hostile"), behaviours)
        for harmless, behaviours in ((True, HARMLESS), (False, HARMFUL))
    }


@pytest.fixture(scope="module", autouse=True)
def shown(request: pytest.FixtureRequest) -> Iterator[set[str]]:
    """Behaviours that were found to be contained; the table of all is shown."""
    contained: set[str] = set()
    yield contained
    table = hostile.table([(one, one.id in contained) for one in ALL])
    request.config.stash[hostile.TABLE] = table


def _of(finished: Finished, profile: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (one["entry"], one["case"]): one
        for one in finished.results
        if one["profile"] == profile
    }


def _incidents(finished: Finished, profile: str) -> list[str]:
    surprises = finished.read("summary.json")["surprises"]
    return [one for one in surprises if one.startswith(f"{profile}: ")]


def test_each_behaviour_has_an_expectation_and_a_sentence() -> None:
    assert [one.id for one in ALL if not one.sentence] == []
    assert {one.id for one in ALL} == hostile.sentences().keys()
    assert len(ALL) >= 27


@pytest.mark.parametrize("one", ALL, ids=[one.id for one in ALL])
def test_it_is_contained(
    runs: dict[bool, Finished], shown: set[str], one: Hostile
) -> None:
    _expect_contained(runs[one.is_harmless], one)
    shown.add(one.id)


def test_a_broken_convention_of_i386_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("wine10-32")
    monkeypatch.delenv(hosts.VARIABLE, raising=False)
    found = [one.on_i386() for one in ALL if CONVENTION.fullmatch(one.id)]
    assert "wrong_convention" in [one.id for one in found] and len(found) >= 8
    finished = _run(tmp_path, found, "--host", "wine10-32")
    (facts,) = finished.read("environment.json")["hosts"]
    assert facts["suite"]["arch"] == "i386"
    for one in found:
        _expect_contained(finished, one)


def _expect_contained(finished: Finished, one: Hostile) -> None:
    assert finished.process.returncode in (0, 3), finished.process.stderr
    true, seen = _of(finished, "plain"), _of(finished, one.id)
    assert seen.keys() == true.keys()
    incidents = _incidents(finished, one.id)
    if one.incident:
        assert any(re.search(one.incident, text) for text in incidents), incidents
    else:
        assert not incidents
    if one.moment == "start":
        _expect_blocked(one, seen)
    else:
        _expect_true(one, true, seen)


def _expect_blocked(one: Hostile, seen: dict[tuple[str, str], dict[str, Any]]) -> None:
    for result in seen.values():
        assert result["verdict"] == "blocked", result
        assert re.search(one.incident, result["message"]), result


def _expect_true(
    one: Hostile,
    true: dict[tuple[str, str], dict[str, Any]],
    seen: dict[tuple[str, str], dict[str, Any]],
) -> None:
    place = (hostile.ENTRY, one.case)
    for at, result in seen.items():
        if at != place:
            assert result["verdict"] == true[at]["verdict"], result
    if one.case:
        result = seen[hostile.ENTRY, one.case]
        assert result["verdict"] == one.verdict, result
        assert re.search(one.says, result["message"]), result
        trace = "\n".join(result["trace"])
        assert re.search(one.trace, trace), trace


def test_the_reference_itself_is_not_touched(runs: dict[bool, Finished]) -> None:
    for finished in runs.values():
        verdicts = {one["verdict"] for one in _of(finished, "plain").values()}
        assert verdicts == {"pass", "not-applicable"}


def test_exit_codes(runs: dict[bool, Finished]) -> None:
    """3, since those that go wrong before any case leave the run incomplete."""
    assert runs[True].process.returncode == 0, runs[True].process.stdout
    assert runs[False].process.returncode == 3, runs[False].process.stdout
    assert runs[True].read("summary.json")["surprises"] == []


def test_reports_are_whole(runs: dict[bool, Finished]) -> None:
    for finished in runs.values():
        for line in finished.results:
            validate("result", line)
        validate("summary", finished.read("summary.json"))
        validate("environment", finished.read("environment.json"))
        junit = xml.etree.ElementTree.parse(finished.folder / "junit.xml")
        cases = list(junit.iter("testcase"))
        assert len(cases) == len(finished.results)
        page = (finished.folder / "index.html").read_text(encoding="utf-8")
        assert page.rstrip().endswith("</html>")


def test_no_process_is_left(runs: dict[bool, Finished]) -> None:
    assert runs
    assert clients.with_variable(f"WINEPREFIX={places.wine_prefix()}") == []


@pytest.mark.skipif(sys.platform == "win32", reason="looks into /proc")
def test_what_a_program_leaves_behind_is_found(tmp_path: Path) -> None:
    program = tmp_path / "winesleep"
    shutil.copy(shutil.which("sleep") or "", program)
    mark = {"WSPCHECK_PROCESS": secrets.token_hex(8)}
    variable = "=".join(*mark.items())
    nothing: dict[str, str] = {}
    left, service, other = [
        subprocess.Popen([name, "600"], executable=str(program), env=variables)
        for name, variables in (
            ("left.exe", mark),
            ("C:\\windows\\system32\\explorer.exe", mark),
            ("other.exe", nothing),
        )
    ]
    try:
        assert clients.with_variable(variable, services=False) == [left.pid]
        clients.kill(variable, services=False)
        assert left.wait() == -signal.SIGKILL
        assert clients.with_variable(variable) == [service.pid]
        assert other.poll() is None
    finally:
        for process in (left, service, other):
            process.kill()
            process.wait()
