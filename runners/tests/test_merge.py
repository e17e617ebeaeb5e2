"""Shards are joined to the report of the whole run, byte for byte but for what differs
from run to run; what are no parts of one run is refused."""
from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Iterator

import pytest
import schemas
from conftest import Finished, wspcheck
from stand_in_runs import Machine, whole_lines
from test_command_line import complaint

from wspcheck_runner import kept, lines, normal
from wspcheck_runner.verdict import Result

FILES = ("results.jsonl", "summary.json", "summary.md", "junit.xml", "index.html")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Two providers; one has a baseline that says nothing of one of its deviations."""
    made = Machine(tmp_path_factory.mktemp("merge") / "machine", "good", "other")
    known = made.folder / "other-known.toml"
    known.write_text(known.read_text().replace("a.exits.*", "a.exits.20"))
    return made


@pytest.fixture(scope="module")
def runs(machine: Machine) -> dict[str, Path]:
    """The whole run, and three parts of another."""
    out = machine.folder.parent
    found = {"whole": machine.run(out / "whole")}
    for number in (1, 2, 3):
        name = f"part{number}"
        found[name] = machine.run(out / name, "--shard", f"{number}/3")
    for one in found.values():
        assert one.process.returncode == 0, one.process.stdout + one.process.stderr
    return {name: one.folder for name, one in found.items()}


@pytest.fixture
def parts(runs: dict[str, Path], tmp_path: Path) -> list[Path]:
    """Copies of the parts, to be spoilt."""
    names = [name for name in runs if name != "whole"]
    return [Path(shutil.copytree(runs[name], tmp_path / name)) for name in names]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name in FILES:
        yield name, (folder / name).read_bytes()


def test_the_joined_report_is_that_of_the_whole_run(
    machine: Machine, runs: dict[str, Path], tmp_path: Path
) -> None:
    joined = tmp_path / "joined"
    shards = [str(runs[name]) for name in ("part3", "part1", "part2")]
    process = machine.wspcheck("merge", *shards, "--output", str(joined))
    assert process.returncode == 0, process.stdout + process.stderr
    for name, one in (("whole", runs["whole"]), ("joined", joined)):
        out = tmp_path / f"{name}-normal"
        command = ["merge", "--normalise", str(one), "--output", str(out)]
        assert machine.wspcheck(*command).returncode == 0
    normal = dict(files(tmp_path / "joined-normal"))
    assert normal == dict(files(tmp_path / "whole-normal"))
    assert normal["results.jsonl"].count(b"\n") == 360
    assert Finished(process, joined).read("summary.json")["notes"] == []
    for name, schema in ((kept.RESULTS, "result"), (kept.JOURNAL, "run")):
        assert whole_lines(joined / name, schema)
    schemas.validate("environment", Finished(process, joined).read("environment.json"))


def test_without_a_second_part_nothing_changes(
    machine: Machine, runs: dict[str, Path], tmp_path: Path
) -> None:
    whole = runs["whole"]
    machine.wspcheck("merge", str(whole), "--output", str(tmp_path / "out"))
    for name, content in files(tmp_path / "out"):
        before = (whole / name).read_bytes()
        if name != "index.html":  # It shows the command, and more digits of times.
            assert content == before, name


def test_a_part_says_that_it_is_one(runs: dict[str, Path]) -> None:
    (note,) = json.loads((runs["part2"] / "summary.json").read_text("utf-8"))["notes"]
    assert note.startswith("This is shard 2/3 of a run: 120 verdicts.")


def test_a_deviation_counts_in_the_whole_as_in_its_part(
    machine: Machine, runs: dict[str, Path], tmp_path: Path
) -> None:
    known = machine.folder / "good-known.toml"
    before = known.read_text()
    known.write_text(before.replace("a.crashes.*", "a.crashes.71"))
    try:
        codes = []
        for number in (1, 2):
            shard = ["--shard", f"{number}/2", "--case", "a.*s*s*.*"]
            one = machine.run(tmp_path / str(number), *shard, "--entry", "tcp4")
            codes.append(one.process.returncode)
    finally:
        known.write_text(before)
    assert 1 in codes
    both = [str(tmp_path / "1"), str(tmp_path / "2"), "--output", str(tmp_path / "out")]
    assert machine.wspcheck("merge", *both).returncode == 1


def change(folder: Path, **values: Any) -> None:
    """The first line of run.jsonl, changed."""
    first, *rest = lines.read(folder / kept.JOURNAL)
    lines.write(folder / kept.JOURNAL, [{**first, **values}, *rest])


def test_what_are_no_parts_of_one_run_is_refused(
    machine: Machine, runs: dict[str, Path], parts: list[Path], tmp_path: Path
) -> None:
    one, two, three = parts

    def refusal(*chosen: Path) -> str:
        out = tmp_path / "out"
        arguments = [*map(str, chosen), "--output", str(out)]
        said = complaint(machine.wspcheck("merge", *arguments))
        assert not out.exists()
        return said

    assert "shard 2/3 is missing" in refusal(one, three)
    assert f"{one} and {one} are both shard 1/3" in refusal(one, one, three)
    assert "is a whole run" in refusal(one, two, runs["whole"])
    assert f"{tmp_path} is not the folder of a run" in refusal(one, tmp_path)
    first = lines.read(three / kept.JOURNAL)[0]
    change(three, suite="0" * 64)
    assert "the second has another suite (wspcheck.exe)" in refusal(*parts)
    profiles = json.loads(json.dumps(first["profiles"]))
    profiles[0]["files"][1]["sha256"] = "0" * 64
    change(three, suite=first["suite"], profiles=profiles)
    assert "the second has another provider DLL of good" in refusal(*parts)
    change(three, profiles=first["profiles"], host="wine10")
    assert "another host, wine10 in place of wine8" in refusal(*parts)
    change(three, host="wine8")
    told = lines.read(three / kept.JOURNAL)
    lines.write(three / kept.JOURNAL, told[:-1])
    assert f"finish it with `wspcheck run --resume {three}`" in refusal(*parts)


def test_a_verdict_that_was_written_down_can_be_read(default_run: Finished) -> None:
    for line in default_run.results:
        assert Result.from_json(line).as_json() == line


def test_real_shards_join_to_the_same_report(tmp_path: Path) -> None:
    choice = ["--profile", "reference", "--entry", "udp4", "--entry", "isotp"]
    choice += ["--case", "*.buffer.*", "--case", "*.descriptor.*"]
    folders = [tmp_path / name for name in ("whole", "1", "2")]
    shards: list[list[str]] = [[], ["--shard", "1/2"], ["--shard", "2/2"]]
    for folder, shard in zip(folders, shards):
        assert wspcheck("run", "--out", str(folder), *choice, *shard).returncode == 0
    normal = []
    for chosen in (folders[:1], folders[1:]):
        out = tmp_path / f"normal{len(chosen)}"
        arguments = ["--normalise", *map(str, chosen), "--output", str(out)]
        assert wspcheck("merge", *arguments).returncode == 0
        normal.append(dict(files(out)))
    assert normal[0] == normal[1]


@pytest.mark.parametrize(
    "seen, kept_of_it",
    [
        ("from 127.0.3.1:4711", "from 127.0.0.1:0"),
        ("from [fd77:7370:6368:6b00::3]:4711", "from [::1]:0"),
        ("from 10.8.0.2:4711", "from 10.8.0.2:0"),
        ("from [fd00:8::2]:4711", "from [fd00:8::2]:0"),
    ],
)
def test_of_a_profiles_own_address_only_the_port_is_left_out(
    seen: str, kept_of_it: str
) -> None:
    assert normal._text(seen) == kept_of_it
