"""Hosts: the systems on which a provider can be run here."""
from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Optional

from .errors import SetupError, near

VARIABLE = "WSPCHECK_HOST"
"""Names the host of this process and of those that it starts."""


@dataclass(frozen=True)
class Host:
    """A Wine or a Windows: which one, and which programs it runs."""

    id: str
    title: str
    architecture: str
    """Of the programs: that of the build whose files are run."""
    loaders: tuple[str, ...] = ()
    """Names under which Wine's loader may be installed."""
    prefix: str = ""
    """The folder of its Wine prefix in the build folder."""
    system: Optional[str] = None
    """The folder of the Debian that it comes from in the build folder, if that is not
    the machine's own."""


_WINDOWS = (
    Host("windows", "Windows", "x86_64"),
    Host("windows-32", "Windows, 32-bit programs", "i686"),
)
_WINE = (
    Host("wine8", "Wine 8.0", "x86_64", ("wine64", "wine"), "wine-prefix"),
    Host("wine10", "Wine 10.0", "x86_64", ("wine64",), "wine10-prefix", "debian13"),
    Host(
        "wine10-32", "Wine 10.0, 32 bit", "i686", ("wine",), "wine10-prefix", "debian13"
    ),
)
_ALL = _WINDOWS if sys.platform == "win32" else _WINE
HOSTS = {host.id: host for host in _ALL}
ALL = "all"
"""Each of them, one after the other, in one report."""


def select(name: str) -> None:
    """Makes it the host of this process and of those that it starts."""
    if name == ALL:
        raise SetupError(
            f"only `run` takes --host {ALL}: name one of {', '.join(HOSTS)}"
        )
    if name not in HOSTS:
        raise SetupError(
            f'there is no host "{name}"{near(name, HOSTS)} '
            f"(hosts: {', '.join(HOSTS)}, {ALL})"
        )
    os.environ[VARIABLE] = name


def current() -> Host:
    """The host that was selected; the machine's own if none was."""
    return HOSTS[os.environ.get(VARIABLE) or _ALL[0].id]
