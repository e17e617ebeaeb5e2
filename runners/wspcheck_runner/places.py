"""Where things are: the repository, the build, the Wine prefix."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

from . import hosts

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
    return Path(chosen).resolve() if chosen else _built()


def _built() -> Path:
    return BUILD / f"windows-{hosts.current().architecture}" / "bin"


def suite() -> Path:
    """The suite's executable."""
    return binaries() / "wspcheck.exe"


def wine_prefix() -> Path:
    """The Wine prefix of our own; never the user's."""
    chosen = os.environ.get("WSPCHECK_PREFIX")
    return Path(chosen).resolve() if chosen else BUILD / hosts.current().prefix


def system() -> Optional[Path]:
    """The root of the Debian from which the programs are run; None: this machine's."""
    chosen = hosts.current().system
    return BUILD / chosen if chosen else None


def for_reader(path: Path) -> str:
    """The path as a reader of the report knows it: relative inside the repository."""
    try:
        return path.resolve().relative_to(REPOSITORY).as_posix()
    except ValueError:
        return path.as_posix()


def from_reader(path: str) -> Path:
    """The path that `for_reader` made readable."""
    return REPOSITORY / path
