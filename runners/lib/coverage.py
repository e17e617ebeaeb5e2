"""How much of the reference the conformance run reaches, and whether that is what
reference/coverage.toml says.

    coverage.py [--list]

Runs the suite on all entries of the reference, built so that it counts (the CMake
preset windows-coverage), and prints lines, branches and functions. What is not run
must stand in the list with a reason: anything else is printed, and the exit code is 1.
Whether some lines are run depends on the course of things, so where something is
missing the suite is run again, RUNS times at most, and counts add up. What stands in
the list and is run nevertheless is printed, too. --list prints what is not run, as the
list has it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "windows-coverage"
COUNTERS = BUILD / "counters"
WORK = BUILD / "coverage"
LIST = ROOT / "reference" / "coverage.toml"
TOOLS = "x86_64-w64-mingw32-"
RUNS = 3


class Unlike(Exception):
    """The list cannot be used as it is."""


@dataclass(frozen=True)
class Figures:
    """What gcovr adds up."""

    text: str
    files: list[dict[str, Any]]


def clear() -> None:
    """Removes what an earlier measurement has left."""
    shutil.rmtree(COUNTERS, ignore_errors=True)
    shutil.rmtree(WORK, ignore_errors=True)


def run_suite() -> None:
    """On the reference that counts: the profile is the reference's, but for the DLL.
    Counters of earlier runs stay; all else that they left goes."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    text = (ROOT / "fixtures" / "profiles" / "reference.toml").read_text("utf-8")
    dll = BUILD / "bin" / "wspref.dll"
    changed, count = re.subn(r"(?m)^dll = .*$", f'dll = "{dll}"', text)
    if count != 1:
        raise Unlike("the reference's profile names no DLL")
    profile = WORK / "reference.toml"
    profile.write_text(changed, "utf-8")
    command = [str(ROOT / "runners" / "wspcheck"), "run", "--profile", str(profile)]
    done = subprocess.run(
        [*command, "--out", str(WORK / "out")], capture_output=True, text=True
    )
    if done.returncode:
        raise Unlike(f"the run ended with exit code {done.returncode}\n{done.stdout}")


def merge() -> Path:
    """One folder of counters, laid out as the objects are, from those that each process
    has left."""
    folders = sorted(one for one in COUNTERS.iterdir() if one.is_dir())
    if not folders:
        raise Unlike("no process has left counters")
    sum_of = folders[0]
    (WORK / "merged").mkdir()
    for number, folder in enumerate(folders[1:]):
        target = WORK / "merged" / str(number)
        subprocess.run(
            [f"{TOOLS}gcov-tool", "merge", sum_of, folder, "-o", target],
            check=True,
            capture_output=True,
        )
        sum_of = target
    tree = WORK / "tree"
    for file in sum_of.iterdir():
        place = Path(file.name.replace("#", "/")).relative_to(BUILD)
        target = tree / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
        shutil.copy((BUILD / place).with_suffix(".gcno"), target.with_suffix(".gcno"))
    return tree


def measure(tree: Path) -> Figures:
    """By gcovr."""
    report = WORK / "coverage.json"
    done = subprocess.run(
        [
            *("gcovr", "--root", str(ROOT), "--print-summary"),
            *("--gcov-executable", f"{TOOLS}gcov", "--json", str(report)),
            *("--filter", f"{ROOT}/reference/[^/]*\\.c"),
            *("--filter", f"{ROOT}/reference/isotp/[^/]*\\.c", str(tree)),
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=tree,
    )
    kept = [line for line in done.stdout.splitlines() if ":" in line]
    return Figures("; ".join(kept), json.loads(report.read_text())["files"])


def not_run(files: list[dict[str, Any]]) -> Iterator[str]:
    """What the list holds: a function that is never called, and the first line of each
    stretch that is not run in one that is."""
    for file in files:
        name = str(file["file"]).removeprefix("reference/")
        source = (ROOT / file["file"]).read_text("utf-8").splitlines()
        functions = sorted(
            (one["lineno"], one["name"], one["execution_count"])
            for one in file["functions"]
        )
        for _, function, count in functions:
            if not count:
                yield f"{name} {function}"
        yield from _stretches(name, source, functions, file["lines"])


def _stretches(
    name: str,
    source: list[str],
    functions: list[tuple[int, str, int]],
    lines: list[dict[str, Any]],
) -> Iterator[str]:
    inside = False
    for line in lines:
        number = line["line_number"]
        before = [one for one in functions if one[0] <= number]
        if line["gcovr/noncode"] or not before:
            continue
        _, function, count = before[-1]
        if line["count"] or not count:
            inside = False
            continue
        if not inside:
            yield f"{name} {function}: {source[number - 1].strip()}"
        inside = True


def listed(path: Path = LIST) -> tuple[Counter[str], set[str]]:
    """What is listed as never run, and what may be run or not."""
    never: Counter[str] = Counter()
    sometimes: set[str] = set()
    for group in tomllib.loads(path.read_text("utf-8"))["uncovered"]:
        if not str(group.get("reason", "")).strip():
            raise Unlike("a group without reason")
        if group.get("sometimes"):
            sometimes.update(group["code"])
        else:
            never.update(group["code"])
    return never, sometimes


def compare(found: Counter[str]) -> tuple[list[str], list[str]]:
    """What is not run without being listed, and what is listed without need."""
    never, sometimes = listed()
    missing = (found - never).elements()
    idle = (never - found).elements()
    return sorted(one for one in missing if one not in sometimes), sorted(idle)


def main() -> int:
    """Everything."""
    clear()
    for run in range(1, RUNS + 1):
        try:
            run_suite()
            figures = measure(merge())
            found = Counter(not_run(figures.files))
            if "--list" in sys.argv:
                print("\n".join(found.elements()))
                return 0
            missing, idle = compare(found)
        except Unlike as problem:
            print(f"coverage: {problem}")
            return 1
        if not missing:
            break
        print(f"run {run} left out: {', '.join(missing)}")
    print(f"reference by the conformance run: {figures.text}")
    print(f"not run, each with its reason in reference/coverage.toml: {len(found)}")
    for one in idle:
        print(f"is listed, and run: {one}")
    for one in missing:
        print(f"is not run, and not listed: {one}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
