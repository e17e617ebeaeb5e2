"""docs/validate-your-provider.md: the steps with the sample provider, to the letter."""
from __future__ import annotations

from pathlib import Path

import pytest
from pages import blocks, follow

from wspcheck_runner import places

GUIDE = places.REPOSITORY / "docs" / "validate-your-provider.md"


def steps() -> str:
    """The section with the sample."""
    page = GUIDE.read_text(encoding="utf-8")
    return page.partition("\n## Step by step")[2].partition("\n## ")[0]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder in whose place the steps find this checkout: they write beside it."""
    folder = tmp_path / "checkout"
    (folder / "runners").mkdir(parents=True)
    for name in ("run", "wspcheck"):
        script = folder / "runners" / name
        command = places.REPOSITORY / "runners" / name
        script.write_text(f"#!/bin/sh\nexec '{command}' \"$@\"\n", encoding="utf-8")
        script.chmod(0o755)
    (folder / "fixtures").symlink_to(places.REPOSITORY / "fixtures")
    return folder


def test_every_step_does_what_the_guide_says(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WSPCHECK_OFFLINE", "1")
    follow(steps(), checkout)
    assert (checkout.parent / "acme" / "third" / "index.html").is_file()


def test_the_guide_has_commands_files_and_output() -> None:
    """Or the test above would follow nothing."""
    kinds = [block.kind for block in blocks(steps())]
    assert (kinds.count("sh"), kinds.count("toml"), kinds.count("text")) == (5, 1, 4)


def test_the_guide_shows_the_sample_as_it_is() -> None:
    sample = places.REPOSITORY / "fixtures" / "sample" / "acme.c"
    written = sample.read_text(encoding="utf-8")
    shown = [line[4:] for line in steps().splitlines() if line.startswith("    ")]
    start = shown.index("static int WSPAPI recv_disconnect(SOCKET s,")
    function = shown[start : shown.index("}") + 1]
    assert "\n".join(function) in written
