"""What a program says last is known as soon as it is gone."""
from __future__ import annotations

import subprocess
import time

import pytest

from wspcheck_runner import output as outputs
from wspcheck_runner.output import Output


def said(text: str) -> str:
    """What is known of a program that prints this."""
    with Output() as output:
        subprocess.run(["cat"], input=text.encode(), stdout=output.stream, check=True)
    return output.last_line


@pytest.mark.parametrize(
    "text, last",
    [
        ("", ""),
        ("one\ntwo\n\n", "two"),
        ("no end of line", "no end of line"),
        ("flood\n" * 100_000 + "the end", "the end"),
    ],
    ids=["nothing", "lines", "no end of line", "flood"],
)
def test_the_last_line_is_kept(text: str, last: str) -> None:
    assert said(text) == last


def test_nobody_is_waited_for_who_has_inherited_the_pipe() -> None:
    with Output() as output:
        heir = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=output.stream)
        subprocess.run(["echo", "last words"], stdout=output.stream, check=True)
        began = time.monotonic()
    assert time.monotonic() - began < outputs.END_S
    assert heir.poll() is None
    assert output.last_line == "last words"
    heir.communicate()
