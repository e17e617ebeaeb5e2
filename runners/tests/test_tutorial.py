"""docs/first-case.md, followed to the letter in a copy of the checkout."""
from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from pages import blocks, follow

from wspcheck_runner import places

TUTORIAL = places.REPOSITORY / "docs" / "first-case.md"


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
    follow(TUTORIAL.read_text(encoding="utf-8"), checkout)


def test_the_tutorial_has_code_commands_and_output() -> None:
    """Or the test above would follow nothing."""
    kinds = [block.kind for block in blocks(TUTORIAL.read_text(encoding="utf-8"))]
    assert kinds.count("c") == 1
    assert kinds.count("sh") >= 5
    assert kinds.count("text") >= 4
