"""Other systems than the machine's own Wine."""
from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import Finished, Run, wspcheck

from wspcheck_runner import channel, hosts, network, places
from wspcheck_runner.errors import SetupError
from wspcheck_runner.network import Network


@pytest.fixture(autouse=True)
def undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test selects ends with it."""
    monkeypatch.setenv(hosts.VARIABLE, "")


def needs(name: str) -> None:
    """Skips where the set-up has not made the host."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(hosts.VARIABLE, name)
        parts = (places.system(), places.wine_prefix(), places.suite())
    for part in parts:
        if part and not part.exists():
            where = places.for_reader(part)
            pytest.skip(f"{where} is not there: runners/run --host {name} makes it")


def test_an_unknown_host_is_refused() -> None:
    done = wspcheck("run", "--host", "wine9")
    assert done.returncode == 2
    assert re.search('no host "wine9"; did you mean.*wine8, wine10, ', done.stderr)


def test_a_host_that_was_not_set_up_names_the_command_that_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "BUILD", tmp_path)
    hosts.select("wine10-32")
    assert places.suite() == tmp_path / "windows-i686" / "bin" / "wspcheck.exe"
    with pytest.raises(SetupError, match="start runners/run --host wine10-32, "):
        channel.here().open()


@pytest.mark.parametrize("command", [("prove",), ("probe", "wspref.dll")])
def test_only_a_run_takes_all_hosts(command: tuple[str, ...]) -> None:
    done = wspcheck(*command, "--host", "all")
    assert done.returncode == 2
    assert "only `run` takes --host all: name one of wine8, wine10, " in done.stderr


@pytest.mark.parametrize(
    "name, registers",
    [
        ("wine10", ["rbx", "rbp", "xmm15"]),
        ("wine10-32", ["ebx", "esi", "edi", "ebp"]),
    ],
)
def test_mutants_are_killed_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, registers: list[str]
) -> None:
    needs(name)
    monkeypatch.delenv(hosts.VARIABLE)
    wanted = [f"loses_{register}" for register in registers]
    if name == "wine10-32":
        wanted += ["leaves_arguments", "removes_too_much"]
    chosen = [word for one in wanted for word in ("--mutant", one)]
    done = wspcheck("prove", "--host", name, *chosen, "--output", str(tmp_path / "p"))
    assert done.returncode == 0, done.stdout + done.stderr
    proof = json.loads((tmp_path / "p" / "prove.json").read_text(encoding="utf-8"))
    assert proof["suite"]["arch"] == ("i386" if name == "wine10-32" else "x86_64")
    assert {one["id"] for one in proof["mutants"]} == {*wanted}


def test_a_mutant_that_cannot_be_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needs("wine10")
    monkeypatch.delenv(hosts.VARIABLE)
    rows = ("--host", "wine10", "--output", str(tmp_path / "p"))
    done = wspcheck("prove", *rows, "--mutant", "shrinks_the_window")
    assert done.returncode == 2
    assert "shrinks_the_window cannot be on wine10" in done.stderr


def test_programs_of_another_system_need_a_namespace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(network, "_KINDS", ((["/nonexistent/unshare"], []),))
    with pytest.raises(SetupError, match="mount namespace"):
        Network(tmp_path).open(1)


@pytest.mark.parametrize("name", ["wine10", "wine10-32"])
def test_the_suite_runs_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run, name: str
) -> None:
    needs(name)
    monkeypatch.delenv(hosts.VARIABLE)
    rows = ("--case", "recv_disconnect.slot.*", "--case", "recv_disconnect.data.*")
    there = run("--host", name, "--profile", "reference", *rows)
    assert there.process.returncode == 0, there.process.stdout + there.process.stderr
    (facts,) = there.read("environment.json")["hosts"]
    assert facts["platform"].startswith("wine-10.")
    assert facts["suite"]["arch"] == ("i386" if name == "wine10-32" else "x86_64")
    folder = tmp_path / "here"
    done = wspcheck("run", "--out", str(folder), "--profile", "reference", *rows)
    here = Finished(done, folder)
    (facts,) = here.read("environment.json")["hosts"]
    assert facts["platform"].startswith("wine-8.")
    assert there.verdicts == here.verdicts
    assert "pass" in here.verdicts.values()
