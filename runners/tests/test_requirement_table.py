"""Every requirement is tried on every entry to which it applies, and the summary shows
it."""
from __future__ import annotations

from typing import Any

import pytest
from conftest import Finished

from wspcheck_runner import requirements
from wspcheck_runner.verdict import Verdict

ISO = ("isotp", "isotp-stream")
ONLY_WITH_DATA = ("RD-6", "RD-14")
"""Requirements about disconnect data, which no other entry of the reference has."""
WITH_DATA = (*ONLY_WITH_DATA, "RD-22", "RD-23", "RD-24")
LACKS = ("the entry lacks ", "the entry has ", "the entry's ", "the case is about ")
"""How the reason begins for which a case does not apply to an entry."""


@pytest.fixture(scope="module")
def table(default_run: Finished) -> dict[str, dict[str, str]]:
    """The reference's table in summary.md: verdict by requirement and entry."""
    text = (default_run.folder / "summary.md").read_text(encoding="utf-8")
    (section,) = [
        one for one in text.split("\n## ") if one.startswith("The reference provider\n")
    ]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    head, _, *body = rows
    assert head[:2] == ["requirement", "level"]
    return {row[0]: dict(zip(head[2:], row[2:])) for row in body}


def verdicts(
    default_run: Finished, requirement: str, entry: str
) -> list[dict[str, Any]]:
    """What cases of the reference that check a requirement ended with on an entry."""
    return [
        one
        for one in default_run.results
        if one["profile"] == "reference"
        and one["entry"] == entry
        and requirement in one["requirements"]
    ]


def test_every_requirement_has_a_row_with_every_entry(
    table: dict[str, dict[str, str]], default_run: Finished
) -> None:
    assert list(table) == requirements.by_number(requirements.load())
    entries = list(dict.fromkeys(one["entry"] for one in reference(default_run)))
    for row in table.values():
        assert list(row) == entries


def test_a_cell_is_the_worst_verdict(
    table: dict[str, dict[str, str]], default_run: Finished
) -> None:
    order = [verdict.value for verdict in Verdict]
    for requirement, row in table.items():
        for entry, cell in row.items():
            own = [v["verdict"] for v in verdicts(default_run, requirement, entry)]
            assert cell == max(own, key=order.index, default="-"), (requirement, entry)


def test_every_requirement_is_tried_wherever_it_applies(
    table: dict[str, dict[str, str]], default_run: Finished
) -> None:
    """It applies where not every case about it says which capability the entry lacks;
    and a requirement that applied to no provider would be one without a case."""
    for requirement, row in table.items():
        if requirements.load()[requirement].without_case:
            assert set(row.values()) == {"-"}, requirement
            continue
        if requirements.load()[requirement].level == "dialect":
            assert set(row.values()) == {"not-applicable"}, requirement
            continue
        tried = [
            one["verdict"]
            for one in default_run.results
            if requirement in one["requirements"]
        ]
        assert set(tried) - {"not-applicable"}, requirement
        for entry, cell in row.items():
            own = verdicts(default_run, requirement, entry)
            assert own, f"no case of {requirement} on {entry}"
            if cell == "not-applicable":
                for one in own:
                    assert one["message"].startswith(LACKS), one


@pytest.mark.parametrize("entry", ISO)
@pytest.mark.parametrize("requirement", WITH_DATA)
def test_disconnect_data_are_tried_where_there_are_some(
    table: dict[str, dict[str, str]], requirement: str, entry: str
) -> None:
    assert table[requirement][entry] == "pass"


@pytest.mark.parametrize("requirement", ONLY_WITH_DATA)
def test_disconnect_data_are_not_asked_of_protocols_without(
    table: dict[str, dict[str, str]], requirement: str
) -> None:
    others = {cell for entry, cell in table[requirement].items() if entry not in ISO}
    assert others == {"not-applicable"}


def reference(default_run: Finished) -> list[dict[str, Any]]:
    """The verdicts of the reference."""
    return [one for one in default_run.results if one["profile"] == "reference"]
