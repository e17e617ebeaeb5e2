"""Usage errors are one clear line; list, show and --help explain themselves."""
from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from conftest import Finished, Run, wspcheck

from wspcheck_runner import places


def complaint(process: subprocess.CompletedProcess[str]) -> str:
    """The one line of a usage or set-up error."""
    assert process.returncode == 2, process.stdout + process.stderr
    assert re.fullmatch(r"wspcheck: [^\n]+\n", process.stderr), process.stderr
    return process.stderr


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["--case", "recv_disconnect.nothing.such"], 'no case matches "recv_disco'),
        (["--case", "recv_disconect.*"], 'no case matches "recv_disconect.*"'),
        (["--requirement", "RD-77"], 'no requirement "RD-77"; did you mean RD-7'),
        (["--entry", "tcp5"], 'no entry matches "tcp5"; did you mean tcp'),
        (["--profile", "refrence"], 'no profile "refrence"; did you mean reference'),
        (["--profile", "no/such.toml"], 'no profile file "no/such.toml"'),
        (["--jobs", "0"], "jobs"),
        (["--jobs", "many"], "jobs"),
        (["--profil", "reference"], "--profil"),
    ],
)
def test_a_wish_that_cannot_be_met_is_named(
    run: Run, arguments: list[str], expected: str
) -> None:
    finished = run(*arguments)
    assert expected in complaint(finished.process)
    assert not finished.folder.exists()


def test_an_unknown_command_is_named() -> None:
    assert "rnu" in complaint(wspcheck("rnu"))


def test_results_of_another_run_are_not_overwritten(
    default_run: Finished,
) -> None:
    before = (default_run.folder / "results.jsonl").read_bytes()
    process = wspcheck("run", "--out", str(default_run.folder))
    assert "holds the results of another run already" in complaint(process)
    assert (default_run.folder / "results.jsonl").read_bytes() == before


def test_a_missing_build_and_a_missing_prefix_are_named(
    tmp_path: Path, run: Run
) -> None:
    where = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    no_suite = run(
        "--profile", "reference", env={**where, "WSPCHECK_BIN": str(tmp_path)}
    )
    assert "start runners/run" in complaint(no_suite.process)
    no_prefix = run(env={**where, "WSPCHECK_PREFIX": str(tmp_path / "x")})
    assert "no Wine prefix" in complaint(no_prefix.process)


def test_help_names_commands_options_and_exit_codes() -> None:
    process = wspcheck("--help")
    assert process.returncode == 0
    for word in ("run", "list", "show", "0 everything", "3 the run is incomplete"):
        assert word in " ".join(process.stdout.split())
    options = wspcheck("run", "--help").stdout
    for option in ("profile", "case", "requirement", "entry", "jobs", "out", "limit"):
        assert f"--{option}" in options


def test_list_names_cases_requirements_and_profiles() -> None:
    cases = wspcheck("list", "--requirement", "RD-12").stdout.splitlines()
    assert cases and all("RD-12" in line for line in cases)
    assert "RD-31" in wspcheck("list", "requirements").stdout
    profiles = wspcheck("list", "profiles").stdout
    assert "reference" in profiles and "wine-winsock" in profiles


def test_show_explains_a_requirement_and_its_cases() -> None:
    text = wspcheck("show", "RD-12").stdout
    assert "WSAENOTSOCK" in text and "must: said by the page" in text
    case = text[text.index("cases:") :].split()[1]
    shown = wspcheck("show", case).stdout
    assert f"runners/run --case {case}" in shown and "RD-12" in shown
    found = re.search(r"source: +(\S+):(\d+)", shown)
    assert found and (places.REPOSITORY / found[1]).is_file()


def test_show_proposes_what_may_be_meant() -> None:
    assert "did you mean" in complaint(wspcheck("show", "RD-122"))
