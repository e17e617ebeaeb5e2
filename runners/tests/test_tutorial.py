"""docs/first-case.md, followed to the letter in a copy of the checkout."""
from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from wspcheck_runner import places

TUTORIAL = places.REPOSITORY / "docs" / "first-case.md"
BLOCK = re.compile(
    r"^```(?P<kind>\w+)(?: file=(?P<file>\S+))?\n(?P<text>.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block: C to be put into a file, commands, or what these print."""

    kind: str
    file: str
    text: str


def blocks(page: str) -> list[Block]:
    """In the order of the page."""
    return [
        Block(found["kind"], found["file"] or "", found["text"])
        for found in BLOCK.finditer(page)
    ]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that git knows or would add, with the set-up that is independent of
    them: the source of CUnit and the notes of what is installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=places.REPOSITORY,
        capture_output=True,
        check=True,
    )
    copy = tmp_path / "checkout"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (places.REPOSITORY / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(places.REPOSITORY / name, copy / name)
    build = places.REPOSITORY / "build"
    shutil.copytree(build / "cunit-src", copy / "build" / "cunit-src")
    (copy / "build" / "stamps").mkdir()
    for stamp in ("cunit", "packages"):
        shutil.copy2(build / "stamps" / stamp, copy / "build" / "stamps" / stamp)
    return copy


def test_every_step_does_what_the_tutorial_says(checkout: Path) -> None:
    """Each output block holds lines that the commands before it print, in order."""
    printed = ""
    for block in blocks(TUTORIAL.read_text(encoding="utf-8")):
        if block.file:
            (checkout / block.file).write_text(block.text, encoding="utf-8")
        elif block.kind == "sh":
            done = subprocess.run(
                ["bash", "-c", block.text],
                cwd=checkout,
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


def test_the_tutorial_has_code_commands_and_output() -> None:
    """Or the test above would follow nothing."""
    kinds = [block.kind for block in blocks(TUTORIAL.read_text(encoding="utf-8"))]
    assert kinds.count("c") == 1
    assert kinds.count("sh") >= 5
    assert kinds.count("text") >= 4
