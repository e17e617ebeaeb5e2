"""environment.json: what exactly was tested, with what, on what."""
from __future__ import annotations

import hashlib
import platform
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

from . import places
from .channel import Channel
from .protocol import Hello
from .selection import Plan, Selection

SCHEMA = 2
COMPILERS = {"x86_64": "x86_64-w64-mingw32-gcc", "i386": "i686-w64-mingw32-gcc"}


def collect(
    selection: Selection, channel: Channel, hellos: Mapping[str, Hello]
) -> dict[str, Any]:
    """The object (reports/schema/environment.schema.json) of a run on this host."""
    tested = suite(next(iter(hellos.values()), None))
    here = {
        "suite": tested,
        "platform": channel.version(),
        "network": "of the run's own" if channel.network.is_own else "the system's",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "compiler": _first_line(
            [COMPILERS.get(tested["arch"] or "x86_64", "gcc"), "--version"]
        ),
        "providers": [
            _provider(plan, channel, hellos.get(plan.profile.name))
            for plan in selection.plans
        ],
    }
    return of_hosts([here])


def of_hosts(hosts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The object of what ran on these hosts."""
    return {"schema": SCHEMA, "command": command(), "hosts": list(hosts)}


def suite(hello: Optional[Hello]) -> dict[str, Any]:
    """What tested, as far as a process of it has said hello."""
    return {
        "version": hello.suite if hello else None,
        "arch": hello.arch if hello else None,
        "commit": _commit(),
        "sha256": sha256(places.suite()),
    }


def _provider(plan: Plan, channel: Channel, hello: Optional[Hello]) -> dict[str, Any]:
    profile = plan.profile
    dll = channel.local(profile.dll)
    return {
        "profile": profile.name,
        "title": profile.title,
        "profile_file": places.for_reader(profile.path),
        "dll": places.for_reader(dll) if dll and dll.is_file() else profile.dll,
        "sha256": sha256(dll),
        "baseline": places.for_reader(profile.baseline) if profile.baseline else None,
        "entries": list(hello.provider.get("entries", ())) if hello else [],
    }


def sha256(path: Optional[Path]) -> Optional[str]:
    """The file's hash; None if there is no such file."""
    if path is None or not path.is_file():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _commit() -> Optional[str]:
    """The repository's commit, with a plus sign if files differ from it."""
    git = ["git", "-C", str(places.REPOSITORY)]
    commit = _first_line([*git, "rev-parse", "--short=12", "HEAD"])
    if commit is None:
        return None
    return commit + (
        "+" if _first_line([*git, "status", "--porcelain", "-uno"]) else ""
    )


def _first_line(command: Sequence[str]) -> Optional[str]:
    try:
        output = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(output.splitlines()), None)


def command() -> str:
    """What the user typed."""
    return shlex.join(["wspcheck", *sys.argv[1:]])
