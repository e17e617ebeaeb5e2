"""A selection that matches nothing is an error that says what did not match."""
from __future__ import annotations

import pytest

from wspcheck_runner import selection
from wspcheck_runner.errors import SetupError
from wspcheck_runner.protocol import Case
from wspcheck_runner.requirements import Requirement
from wspcheck_runner.selection import Wanted

CATALOGUE = {
    ident: Case(ident, requirements, "", "x.c", 1)
    for ident, requirements in {
        "f.buffer.one_byte_short": ("RD-6",),
        "f.buffer.refused": ("RD-7", "RD-3"),
        "f.state.fresh": ("RD-10", "RD-3"),
    }.items()
}
KNOWN = {
    ident: Requirement(ident, "F", "must", ("F",), "t", ("c",), without_case=why)
    for ident, why in {
        "RD-3": "",
        "RD-6": "",
        "RD-7": "",
        "RD-10": "",
        "RD-14": "nobody can",
    }.items()
}


def choose(**wanted: tuple[str, ...]) -> list[str]:
    return selection.chosen_cases(CATALOGUE, KNOWN, Wanted(**wanted))


def test_no_wish_means_everything_in_the_suites_order() -> None:
    assert choose() == list(CATALOGUE)


def test_wishes_narrow_each_other() -> None:
    assert choose(requirements=("RD-3",)) == ["f.buffer.refused", "f.state.fresh"]
    assert choose(requirements=("RD-3",), cases=("*buffer*",)) == ["f.buffer.refused"]


@pytest.mark.parametrize(
    "wanted, complaint",
    [
        ({"cases": ("f.bufer.refused",)}, 'no case matches "f.bufer.refused"; .*f.buf'),
        ({"cases": ("f.*", "zzz*")}, 'no case matches "zzz*'),
        ({"requirements": ("RD-77",)}, 'no requirement "RD-77"; did you mean RD-7'),
        ({"requirements": ("RD-14",)}, "no case checks RD-14: nobody can"),
        (
            {"cases": ("f.state.*",), "requirements": ("RD-6",)},
            r"no case matches f.state.\* and checks RD-6",
        ),
    ],
)
def test_what_matches_nothing_is_named(
    wanted: dict[str, tuple[str, ...]], complaint: str
) -> None:
    with pytest.raises(SetupError, match=complaint):
        choose(**wanted)
