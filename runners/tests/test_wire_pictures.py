"""The drawing of a case's packets."""
from __future__ import annotations

from xml.etree import ElementTree

import pytest
from conftest import Finished
from test_wire_claims import CAPTURES, episode

from wspcheck_runner.verdict import Job
from wspcheck_runner.wire import picture, sequence
from wspcheck_runner.wire.sequence import Arrow, Fold, Note

JOB = Job("x", "tcp4", "f.wire.made")
SPACE = "{http://www.w3.org/2000/svg}"


def drawn(name: str) -> ElementTree.Element:
    """The drawing of a made capture."""
    return ElementTree.fromstring(picture.draw(JOB, episode(name), ()))


def texts(name: str) -> list[str]:
    """What is written in it."""
    return [one.text or "" for one in drawn(name).iter(f"{SPACE}text")]


@pytest.mark.parametrize("name", [*CAPTURES, "marks_missing"])
def test_it_is_well_formed_and_of_moderate_size(name: str) -> None:
    assert drawn(name).get("class") == "wire"
    assert len(picture.draw(JOB, episode(name), ())) < 16_000


def test_a_reset_stands_out() -> None:
    loud = [one for one in sequence.lines(episode("reset")) if _is_loud(one)]
    assert [one.text for one in loud if isinstance(one, Arrow)] == [
        "#11 RST: the connection is reset"
    ]
    assert "#11 RST: the connection is reset" in texts("reset")


def test_an_icmp_error_comes_from_the_provider_s_side() -> None:
    (error,) = [one for one in sequence.lines(episode("icmp_error")) if _is_loud(one)]
    assert isinstance(error, Arrow) and error.to_right and not error.is_strange
    assert error.text == "#7 ICMP port unreachable"


def test_the_call_and_long_runs_are_shown_in_few_lines() -> None:
    lines = sequence.lines(episode("clean_tcp"))
    notes = [one.text for one in lines if isinstance(one, Note) and one.is_call]
    assert notes == [
        "WSPRecvDisconnect is called",
        "WSPRecvDisconnect has returned 0",
        "quiet until here",
    ]
    folds = [one.text for one in lines if isinstance(one, Fold)]
    assert folds == ["12 more packets: 6 with data (6144 bytes), 6 without"]


def test_the_plot_names_its_curves_with_their_last_values() -> None:
    shown = texts("window_stays_open")
    for label in (
        "acknowledged: 16,384",
        "acknowledged, control: 8,192",
        "window: 8,192",
        "window, control: 0",
    ):
        assert label in shown
    assert not any(one.startswith("acknowledged") for one in texts("clean_udp"))


def test_tpdus_are_named_and_not_folded() -> None:
    shown = texts("clean_isotp")
    for label in ("#6 CR", "#8 CC", "#13 DR cause 128 with 7 bytes", "#15 DC"):
        assert label in shown


def test_the_page_holds_the_drawing_of_each_case(default_run: Finished) -> None:
    page = (default_run.folder / "index.html").read_text(encoding="utf-8")
    drawings = [one["wire"]["picture"] for one in default_run.results if one["wire"]]
    assert drawings and all(drawings)
    assert page.count('class="wire"') == len(drawings)
    first = (default_run.folder / drawings[0]).read_text(encoding="utf-8")
    assert first.startswith('<?xml-stylesheet type="text/css" href="wire.css"?>')
    assert first.partition("\n")[2].strip() in page
    assert (default_run.folder / "wire" / "wire.css").is_file()


def _is_loud(line: sequence.Line) -> bool:
    return isinstance(line, Arrow) and line.is_loud
