"""Runs of the command line with the stand-in in place of Wine and suite."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Mapping

import schemas
from conftest import Finished

PROGRAM = Path(__file__).with_name("cli_stand_in.py")
PROFILE = """\
name = "{name}"
dll = "{name}.dll"
baseline = "{name}-known.toml"
"""
ENTRY = """
[[entry]]
id = "{id}"
family = "AF_INET"
type = "SOCK_STREAM"
protocol = "IPPROTO_TCP"
flags = ["XP1_GUARANTEED_DELIVERY"]
"""
KNOWN = """
[[deviation]]
case = "{case}"
entry = "*"
verdict = "{verdict}"
reason = "It is known."
expires = 2999-12-31
"""


class Machine:
    """A folder with a suite, providers and profiles of its own."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "wspcheck.exe").write_text("suite")
        for name in names:
            (folder / f"{name}.dll").write_text("provider")
            entries = (ENTRY.format(id=one) for one in ("tcp4", "udp4"))
            text = PROFILE.format(name=name) + "".join(entries)
            (folder / f"{name}.toml").write_text(text)
            known = (
                ("a.fail.*", "fail"),
                ("a.exits.*", "crash"),
                ("a.crashes.*", "crash"),
            )
            texts = (KNOWN.format(case=case, verdict=word) for case, word in known)
            (folder / f"{name}-known.toml").write_text("".join(texts))
        self.profiles = [
            word for n in names for word in ("--profile", str(folder / f"{n}.toml"))
        ]

    @property
    def environment(self) -> Mapping[str, str]:
        """What its programs get."""
        package = str(PROGRAM.parents[1])
        return {
            **os.environ,
            "WSPCHECK_BIN": str(self.folder),
            "PYTHONPATH": f"{package}:{PROGRAM.parent}",
        }

    def command(self, *arguments: str) -> list[str]:
        """Of `wspcheck`."""
        return [sys.executable, str(PROGRAM), *arguments]

    def wspcheck(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs it to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def run(self, out: Path, *arguments: str) -> Finished:
        """A run of all its profiles."""
        command = ["run", "--out", str(out), *self.profiles, *arguments]
        return Finished(self.wspcheck(*command), out)


def whole_lines(path: Path, schema: str) -> list[dict[str, Any]]:
    """The lines of a file whose writer may have been killed: all are as the schema
    says, apart from a last one that has no end."""
    if not path.exists():
        return []
    *lines, _ = path.read_bytes().split(b"\n")
    found = [json.loads(line) for line in lines]
    for one in found:
        schemas.validate(schema, one)
    return found
