"""Check who includes whom: an area of C code may use its own headers and few others.

Prints each include that crosses a border and exits 1 if there is one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

# Area and the areas whose headers it may include besides its own.
ALLOWED = {
    "reference": ("fixtures/include",),
    "conformance": ("fixtures/include",),
    "fixtures/bridge": (),
    "fixtures/layers": (),
    "fixtures/providers": (),
    "fixtures/include": (),
    "fixtures/host": (),
    "fixtures/talk": ("fixtures/host",),
    "runners/bench": ("fixtures/host",),
}
SUFFIXES = {".c", ".h", ".def"}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def area_of(path: Path) -> str:
    """The area to which a path relative to the root belongs."""
    for area in ALLOWED:
        if path.is_relative_to(area):
            return area
    return ""


def sources(root: Path) -> Iterator[Path]:
    """All C files of the areas, relative to the root."""
    for area in ALLOWED:
        for path in sorted((root / area).rglob("*")):
            if path.suffix in SUFFIXES:
                yield path.relative_to(root)


def violations(root: Path) -> Iterator[str]:
    """One line for each include of a header that the area must not know."""
    files = list(sources(root))
    for path in files:
        area = area_of(path)
        for number, line in enumerate((root / path).read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            name = Path(match[1]).name
            owners = {area_of(file) for file in files if file.name == name}
            if area not in owners and not owners & set(ALLOWED[area]):
                owner = ", ".join(sorted(owners)) or "nobody"
                yield f"{path}:{number}: {area} includes {match[1]} of {owner}"


def build_crossings(root: Path) -> Iterator[str]:
    """One line for each build file of the suite that names the reference."""
    for path in sorted((root / "conformance").rglob("CMakeLists.txt")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\bwspref\b|/reference\b", line.split("#")[0]):
                where = path.relative_to(root)
                yield f"{where}:{number}: the suite is built with the reference"


if __name__ == "__main__":
    project = Path(__file__).resolve().parents[2]
    found = [*violations(project), *build_crossings(project)]
    print("\n".join(found) or "every include stays within its borders")
    sys.exit(1 if found else 0)
