"""Where things are: the repository, the build, the Wine prefix."""
from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROFILES = REPOSITORY / "fixtures" / "profiles"
REQUIREMENTS = REPOSITORY / "conformance" / "requirements"
REPORTS = REPOSITORY / "reports"
TEMPLATES = REPORTS / "templates"
SCHEMAS = REPORTS / "schema"
LOCAL_REPORTS = REPORTS / "local"
BUILD = REPOSITORY / "build"


def binaries() -> Path:
    """The folder with wspcheck.exe and the provider DLLs that the build makes."""
    chosen = os.environ.get("WSPCHECK_BIN")
    return Path(chosen).resolve() if chosen else BUILD / "windows-x86_64" / "bin"


def suite() -> Path:
    """The suite's executable."""
    return binaries() / "wspcheck.exe"


def wine_prefix() -> Path:
    """The Wine prefix of our own; never the user's."""
    chosen = os.environ.get("WSPCHECK_PREFIX")
    return Path(chosen).resolve() if chosen else BUILD / "wine-prefix"


def for_reader(path: Path) -> str:
    """The path as a reader of the report knows it: relative inside the repository."""
    try:
        return path.resolve().relative_to(REPOSITORY).as_posix()
    except ValueError:
        return path.as_posix()
