"""Pages of docs/ whose commands are followed to the letter."""
from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"^```(?P<kind>\w+)(?: file=(?P<file>\S+))?\n(?P<text>.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block: text to be put into a file, commands, or what these print."""

    kind: str
    file: str
    text: str


def blocks(page: str) -> list[Block]:
    """In the order of the page."""
    return [
        Block(found["kind"], found["file"] or "", found["text"])
        for found in BLOCK.finditer(page)
    ]


def follow(page: str, folder: Path) -> None:
    """Does what the page says. Each output block holds lines that the commands before
    it print, in order."""
    printed = ""
    for block in blocks(page):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.kind == "sh":
            done = subprocess.run(
                ["bash", "-c", block.text],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=600,
            )
            printed = done.stdout
            assert done.returncode == 0, f"{block.text}\n{printed}"
        else:
            assert block.kind == "text", block.kind
            rest = printed
            for line in block.text.splitlines():
                assert line in rest, f"{line!r} is not printed in place:\n{printed}"
                rest = rest.partition(line)[2]
