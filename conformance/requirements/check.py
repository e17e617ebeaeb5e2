#!/usr/bin/python3
"""Check the requirements files against the cases that refer to them.

Usage: check.py [--list FILE] [--mutants FILE] [CONFORMANCE_FOLDER]

--list takes what `wspcheck.exe list` printed, which holds the rows that macros make
too; --mutants takes what `wspmutants.exe` printed.
Prints one line a problem and exits with 1 if there is any. What is checked is said in
README.md beside this file.
"""

import argparse
import json
import re
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROVED_LEVELS = {"must", "derived"}
LEVELS = {"must", "derived", "open", "may", "info", "dialect"}
REQUIRED_KEYS: dict[str, type] = {
    "id": str,
    "level": str,
    "source": list,
    "text": str,
    "conforming": list,
}
OPTIONAL_KEYS: dict[str, type] = {
    "tolerated": list,
    "open": str,
    "note": str,
    "limits": str,
    "without_case": str,
    "without_mutant": str,
}
WIRE_CLAIMS = {
    "no_packet",
    "no_window_update",
    "no_reset",
    "no_icmp",
    "window_as_control",
    "window_closes",
    "datagrams",
    "tpdus",
}
CASE_HEADERS = {"spi_case.h", "wire_case.h"}
ID = re.compile(r"[A-Z]{1,4}-[1-9][0-9]*")
# A case may be spelt like a row: the rows of a claim need not share one body.
CASE_ID = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+(\.[a-z0-9_]+)?")
ROW_ID = re.compile(r"\w+(\.\w+)*", re.ASCII)
BANNED = re.compile(
    r"\b(Sleep|SleepEx|usleep|nanosleep|gets|strcpy|strcat|strncpy|strncat|sprintf"
    r"|vsprintf|wsprintf[AW]?|lstrcpy[AW]?|lstrcat[AW]?|wcscpy|wcscat|swprintf)\s*\("
)
DECLARATION = re.compile(r"^SPI_(CASE|TABLE)\(\s*(\w+)\s*,", re.MULTILINE)
SUITE = re.compile(r"^SPI_SUITE\(\s*(\w+)\s*,", re.MULTILINE)
LISTED_SUITE = re.compile(r"^SUITE\((\w+)\)$", re.MULTILINE)
STRINGS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
INCLUDE = re.compile(r'^#include\s+["<]([^">]+)[">]', re.MULTILINE)


@dataclass
class Case:
    """One declared case; for a table also the ids of the rows that it spells out."""

    place: str
    case_id: str
    checks: list[str]
    rows: list[str] = field(default_factory=list)

    def ids(self) -> list[str]:
        """Ids as `wspcheck list` shows them."""
        return [f"{self.case_id}.{row}" for row in self.rows] or [self.case_id]


def without_comments(source: str) -> str:
    """Blank out comments and keep strings and line numbers."""
    token = re.compile(r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|//[^\n]*', re.DOTALL)

    def blank(match: re.Match[str]) -> str:
        text = match.group()
        return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)

    return token.sub(blank, source)


def joined(literals: str) -> str:
    """Join adjacent C string literals."""
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))


def member(declaration: str, name: str) -> str | None:
    """Give the string that a designated member of a declaration is set to."""
    match = re.search(rf"\.{name}\s*=\s*{STRINGS}", declaration)
    return joined(match.group(1)) if match else None


def balanced(source: str, start: int, pair: str) -> str:
    """Give the text between the bracket at `start` and the one that closes it."""
    inside = start + 1
    depth = 0
    for match in re.compile(r'"(?:[^"\\\n]|\\.)*"|[(){}]').finditer(source, start):
        if match.group() == pair[0]:
            depth += 1
        elif match.group() == pair[1]:
            depth -= 1
            if depth == 0:
                end = match.start()
                return source[inside:end]
    return source[inside:]


def table_rows(source: str, table: str) -> list[str] | None:
    """Give the first string of every row that an array spells out; None: no array."""
    match = re.search(rf"\b{re.escape(table)}\[\]\s*=\s*\{{", source)
    if not match:
        return None
    body = balanced(source, match.end() - 1, "{}")
    rows: list[str] = []
    at = body.find("{")
    while at >= 0:
        row = balanced(body, at, "{}")
        name = re.match(rf"\s*(?:\.\w+\s*=\s*)?{STRINGS}", row)
        rows.append(joined(name.group(1)) if name else "")
        at = body.find("{", at + len(row) + 2)
    return rows


def bases_of(name: str) -> list[str]:
    """Give what the id of a listed case may be declared as, the longest first."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 2, -1)]


class Checker:
    """Collects problems of one conformance folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[str] = []
        self.requirements: dict[str, dict[str, Any]] = {}
        self.cases: list[Case] = []
        self.suites: dict[str, str] = {}

    def report(self, place: str, text: str) -> None:
        """Note one problem."""
        self.problems.append(f"{place}: {text}")

    def read_requirements(self) -> None:
        """Read and check every requirements file."""
        paths = sorted((self.root / "requirements").glob("*.toml"))
        if not paths:
            self.report("requirements", "no requirements file")
        for path in paths:
            place = f"requirements/{path.name}"
            try:
                document = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                self.report(place, f"not valid TOML: {error}")
                continue
            if not isinstance(document.get("function"), str):
                self.report(place, "the key 'function' is missing")
            entries = document.get("requirement")
            if not isinstance(entries, list) or not entries:
                self.report(place, "no [[requirement]]")
                continue
            for entry in entries:
                self.read_requirement(place, entry)

    def read_requirement(self, file: str, entry: dict[str, Any]) -> None:
        """Check one requirement and remember it."""
        name = entry.get("id")
        if not isinstance(name, str) or not ID.fullmatch(name):
            self.report(file, f"id {name!r} is not of the form RD-1")
            return
        place = f"{file}: {name}"
        if name in self.requirements:
            self.report(place, "this id is there twice")
        self.requirements[name] = entry
        for key in REQUIRED_KEYS:
            if not entry.get(key):
                self.report(place, f"the key '{key}' is missing or empty")
        for key, value in entry.items():
            kind = REQUIRED_KEYS.get(key) or OPTIONAL_KEYS.get(key)
            if kind is None:
                self.report(place, f"unknown key '{key}'")
            elif not isinstance(value, kind) or not value:
                self.report(place, f"'{key}' is not a {kind.__name__} with content")
        if entry.get("level") not in LEVELS:
            self.report(place, f"unknown level {entry.get('level')!r}")
        if entry.get("level") == "open" and "open" not in entry:
            self.report(place, "level open, but no key 'open' with the question")
        self.check_lists(place, entry)

    def check_lists(self, place: str, entry: dict[str, Any]) -> None:
        """Check the members of a requirement's lists."""
        for key in ("source", "conforming"):
            for item in entry.get(key, []):
                if not isinstance(item, str) or not item:
                    self.report(place, f"'{key}' holds something that is no text")
        for item in entry.get("tolerated", []):
            if not isinstance(item, dict) or set(item) != {"outcome", "page"}:
                self.report(place, "'tolerated' needs an outcome and a page each")

    def read_cases(self) -> None:
        """Read every case file."""
        for path in sorted((self.root / "cases").rglob("*.[ch]")):
            self.read_source(path)

    def read_source(self, path: Path) -> None:
        """Read the declarations of one file and check its text."""
        file = path.relative_to(self.root).as_posix()
        source = without_comments(path.read_text(encoding="utf-8"))
        for match in BANNED.finditer(source):
            line = source.count("\n", 0, match.start()) + 1
            self.report(f"{file}:{line}", f"{match.group(1)} is banned in cases")
        for match in INCLUDE.finditer(source):
            name = match.group(1)
            if name not in CASE_HEADERS and not (path.parent / name).is_file():
                line = source.count("\n", 0, match.start()) + 1
                self.report(f"{file}:{line}", f"cases do not include {name}")
        for match in SUITE.finditer(source):
            if match.group(1) in self.suites:
                self.report(file, f"suite {match.group(1)} is there twice")
            self.suites[match.group(1)] = file
        for match in DECLARATION.finditer(source):
            self.read_case(file, source, match)

    def read_case(self, file: str, source: str, match: re.Match[str]) -> None:
        """Check one SPI_CASE or SPI_TABLE and remember it."""
        line = source.count("\n", 0, match.start()) + 1
        place = f"{file}:{line}"
        start = source.index("(", match.start())
        declaration = balanced(source, start, "()")
        case_id = member(declaration, "id")
        checks = (member(declaration, "checks") or "").split()
        if case_id is None or not CASE_ID.fullmatch(case_id):
            self.report(place, f"case id {case_id!r} is not function.topic.claim")
            return
        if not checks:
            self.report(place, f"{case_id} does not say which requirement it checks")
        self.check_wire(place, case_id, declaration)
        case = Case(place, case_id, checks)
        if match.group(1) == "TABLE":
            table = declaration.split(",")[2].strip()
            case.rows = self.rows_of(place, source, table)
        self.cases.append(case)

    def check_wire(self, place: str, case_id: str, declaration: str) -> None:
        """Check what a case claims about packets."""
        claims = (member(declaration, "wire") or "").split()
        for claim in set(claims) - WIRE_CLAIMS:
            self.report(place, f"{case_id} makes the unknown claim {claim}")
        if ("tpdus" in claims) != (member(declaration, "tpdus") is not None):
            self.report(place, f"{case_id}: the claim tpdus and .tpdus need each other")

    def rows_of(self, place: str, source: str, table: str) -> list[str]:
        """Give the row ids of a table and check them."""
        rows = table_rows(source, table)
        if rows is None:
            self.report(place, f"table {table} is not in this file")
            return []
        for row in rows:
            if not ROW_ID.fullmatch(row):
                self.report(place, f"row {row!r} of {table} is not a name")
        return rows

    def check_ids(self) -> None:
        """Check that ids are unique, known and used."""
        seen: dict[str, str] = {}
        for case in self.cases:
            for name in {case.case_id, *case.ids()}:
                if name in seen:
                    text = f"{name} is declared at {seen[name]} too"
                    self.report(case.place, text)
                seen[name] = case.place
            for row in {row for row in case.rows if case.rows.count(row) > 1}:
                self.report(case.place, f"row {row} is there twice")
            for requirement in case.checks:
                if requirement not in self.requirements:
                    self.report(case.place, f"unknown requirement {requirement}")
        used = {name for case in self.cases for name in case.checks}
        for name, entry in self.requirements.items():
            if name not in used and "without_case" not in entry:
                self.report(name, "no case checks it and it has no 'without_case'")
            if name in used and "without_case" in entry:
                self.report(name, "has cases, yet a reason for having none")

    def check_suites(self) -> None:
        """Compare the suites of the sources with suites.def."""
        path = self.root / "cases" / "suites.def"
        if not path.is_file():
            self.report("cases/suites.def", "missing")
            return
        text = without_comments(path.read_text(encoding="utf-8"))
        listed = LISTED_SUITE.findall(text)
        for name in sorted(set(listed)):
            if listed.count(name) > 1:
                self.report("cases/suites.def", f"{name} is listed twice")
            if name not in self.suites:
                self.report("cases/suites.def", f"{name} is in no source")
        for name, file in self.suites.items():
            if name not in listed:
                self.report(file, f"suite {name} is not listed in cases/suites.def")

    def check_list(self, path: Path) -> None:
        """Check the ids that `wspcheck.exe list` printed against the declarations."""
        declared = {case.case_id for case in self.cases}
        listed: set[str] = set()
        found: set[str | None] = set()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            place = f"{path.name}:{number}"
            try:
                name = str(json.loads(line)["case"])
            except (ValueError, KeyError, TypeError):
                self.report(place, "not a line of `wspcheck.exe list`")
                continue
            if name in listed:
                self.report(place, f"{name} is there twice")
            listed.add(name)
            base = next((base for base in bases_of(name) if base in declared), None)
            if base is None:
                self.report(place, f"{name} is declared nowhere")
            elif name != base and not ROW_ID.fullmatch(name[len(base) + 1 :]):
                self.report(place, f"the row of {name} is not a name")
            found.add(base)
        for case in self.cases:
            if case.case_id not in found:
                self.report(case.place, f"{case.case_id} is not in {path.name}")

    def check_mutants(self, path: Path) -> None:
        """Check that what `wspmutants.exe` printed breaks every sentence that binds."""
        broken: set[str] = set()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            place = f"{path.name}:{number}"
            try:
                mutant = json.loads(line)
                name, breaks = str(mutant["id"]), list(mutant["breaks"])
            except (ValueError, KeyError, TypeError):
                self.report(place, "not a line of `wspmutants.exe`")
                continue
            for requirement in breaks:
                if requirement not in self.requirements:
                    self.report(place, f"{name} breaks {requirement}, which is unknown")
            broken.update(breaks)
        for name, entry in self.requirements.items():
            binds = entry.get("level") in PROVED_LEVELS
            if binds and name not in broken and "without_mutant" not in entry:
                self.report(name, "no mutant breaks it and it has no 'without_mutant'")
            if name in broken and "without_mutant" in entry:
                self.report(name, "has mutants, yet a reason for having none")

    def run(self, listing: Path | None, mutants: Path | None) -> list[str]:
        """Do all checks and give the problems."""
        self.read_requirements()
        self.read_cases()
        self.check_ids()
        self.check_suites()
        if listing:
            self.check_list(listing)
        if mutants:
            self.check_mutants(mutants)
        return self.problems


def main() -> int:
    """Check the folder that is given, or the one that this file lies in."""
    parser = argparse.ArgumentParser(description="Check requirements against cases.")
    parser.add_argument("--list", type=Path, metavar="FILE", dest="listing")
    parser.add_argument("--mutants", type=Path, metavar="FILE")
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=Path(__file__).resolve().parent.parent,
    )
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is no folder")
    checker = Checker(arguments.folder)
    problems = checker.run(arguments.listing, arguments.mutants)
    for line in problems:
        print(line)
    if not problems:
        print(f"{len(checker.requirements)} requirements, no problem")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
