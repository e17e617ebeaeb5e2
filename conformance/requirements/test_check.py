"""Tests of check.py: each kind of problem is found, in a folder that is right else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).with_name("check.py")

REQUIREMENTS = """
function = "WSPRecvDisconnect"

[[requirement]]
id = "RD-1"
level = "must"
source = ["WSPRecvDisconnect"]
text = "It is there."
conforming = ["a pointer"]

[[requirement]]
id = "RD-2"
level = "open"
source = ["WSPRecvDisconnect"]
text = "Nobody knows."
conforming = ["anything"]
tolerated = [{ outcome = "nothing", page = "WSARecvDisconnect" }]
open = "What happens?"
without_case = "Nothing to try."
"""

CASES = """
#include "spi_case.h"

static const struct row {
    const char *name;
    int n;
} rows[] = {
    {"one", 1},
    {"two", {2}}, /* {"in a comment", 3} */
};

SPI_TABLE(table, struct row, rows, .id = "f.slot.table", .checks = "RD-1") {}

SPI_CASE(single,
         .id = "f.slot."
               "single",
         .checks = "RD-1",
         .wire = "no_icmp tpdus",
         .tpdus = "CALL") {}

SPI_SUITE(f_slot, &table, &single);
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a conformance folder without a problem."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "cases" / "f").mkdir(parents=True)
    (tmp_path / "requirements" / "f.toml").write_text(REQUIREMENTS)
    (tmp_path / "cases" / "f" / "slot.c").write_text(CASES)
    (tmp_path / "cases" / "suites.def").write_text("/* All. */\nSUITE(f_slot)\n")
    return tmp_path


def check(*arguments: str | Path) -> tuple[int, str]:
    """Run check.py; give its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, CHECK, *arguments], capture_output=True, text=True
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_a_right_folder_has_no_problem(folder: Path) -> None:
    assert check(folder) == (0, "2 requirements, no problem\n")


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("requirements/f.toml", "function =", "fun =", "'function' is missing"),
        ("requirements/f.toml", 'level = "must"', "", "'level' is missing"),
        ("requirements/f.toml", '"must"', '"shall"', "unknown level 'shall'"),
        ("requirements/f.toml", '"RD-2"', '"RD2"', "not of the form RD-1"),
        ("requirements/f.toml", '"RD-2"', '"RD-1"', "this id is there twice"),
        ("requirements/f.toml", "open = ", "asked = ", "unknown key 'asked'"),
        ("requirements/f.toml", "open = ", "note = ", "no key 'open'"),
        ("requirements/f.toml", "page", "pages", "an outcome and a page"),
        ("requirements/f.toml", "[[", "[", "not valid TOML"),
        ("requirements/f.toml", "without_case", "limits", "no case checks it"),
        ("cases/f/slot.c", '"RD-1") {}\n\nSPI_C', '"RD-9") {}\n\nSPI_C', "RD-9"),
        ("cases/f/slot.c", '"RD-1"', '"RD-2"', "yet a reason for having none"),
        ("cases/f/slot.c", '"f.slot.table"', '"f.slot"', "not function.topic.claim"),
        ("cases/f/slot.c", '"single"', '"table"', "f.slot.table is declared at"),
        ("cases/f/slot.c", '"two"', '"one"', "row one is there twice"),
        ("cases/f/slot.c", '"two"', '"two words"', "'two words' of rows is not a name"),
        ("cases/f/slot.c", "row, rows", "row, others", "others is not in this file"),
        ("cases/f/slot.c", "SPI_CASE(", "/* a */ Sleep(1);\nSPI_CASE(", "Sleep is"),
        ("cases/f/slot.c", "spi_case.h", "stdio.h", "do not include stdio.h"),
        ("cases/f/slot.c", "no_icmp", "no_ping", "the unknown claim no_ping"),
        ("cases/f/slot.c", "no_icmp tpdus", "no_icmp", "need each other"),
        ("cases/suites.def", "f_slot", "f_slots", "suite f_slot is not listed"),
        ("cases/suites.def", "f_slot", "f_slots", "f_slots is in no source"),
        ("cases/suites.def", "/* All. */", "SUITE(f_slot)", "is listed twice"),
    ],
)
def test_a_problem_is_named(
    folder: Path, file: str, old: str, new: str, problem: str
) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    code, output = check(folder)
    assert code == 1
    assert problem in output


def test_the_programs_list_is_compared(folder: Path) -> None:
    names = ["f.slot.table.one", "f.slot.table.one", "f.slot.other"]
    path = folder / "list.jsonl"
    path.write_text("".join(json.dumps({"case": name}) + "\n" for name in names))
    code, output = check("--list", path, folder)
    assert code == 1
    assert "f.slot.table.one is there twice" in output
    assert "f.slot.other is declared nowhere" in output
    assert "f.slot.single is not in list.jsonl" in output


def mutants(folder: Path, *declared: dict[str, object]) -> Path:
    """Write declarations down as the program prints them."""
    path = folder / "mutants.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in declared))
    return path


def test_what_binds_needs_a_mutant(folder: Path) -> None:
    right = mutants(folder, {"id": "a", "breaks": ["RD-1"]})
    assert check("--mutants", right, folder) == (0, "2 requirements, no problem\n")
    wrong = mutants(folder, {"id": "a", "breaks": ["RD-9"]}, {"name": "b"})
    code, output = check("--mutants", wrong, folder)
    assert code == 1
    assert "a breaks RD-9, which is unknown" in output
    assert "mutants.jsonl:2: not a line of `wspmutants.exe`" in output
    assert "RD-1: no mutant breaks it" in output
    assert "RD-2" not in output


def test_a_reason_stands_for_a_mutant(folder: Path) -> None:
    path = folder / "requirements" / "f.toml"
    reason = 'conforming = ["a pointer"]\nwithout_mutant = "No way."'
    text = path.read_text()
    path.write_text(text.replace('conforming = ["a pointer"]', reason))
    assert check("--mutants", mutants(folder), folder)[0] == 0
    both = mutants(folder, {"id": "a", "breaks": ["RD-1"]})
    code, output = check("--mutants", both, folder)
    assert code == 1
    assert "RD-1: has mutants, yet a reason for having none" in output


def test_the_projects_own_files_have_no_problem() -> None:
    assert check()[0] == 0
