"""Layered providers: installed nowhere, judged as their base, and not for it."""
from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest
from conftest import Finished, Run, wspcheck
from test_command_line import complaint

from wspcheck_runner import places

LAYERS = places.REPOSITORY / "fixtures" / "layers"
PREFIX = places.REPOSITORY / "build" / "wine-prefix"
COMPILER = "x86_64-w64-mingw32-gcc"
OVER = {
    f"{layer}-over-{base}": base
    for base in ("reference", "wine-winsock")
    for layer in ("layer", "ifs", "cached")
}
TOPICS = """atomicity buffer callback codes connection descriptor events lifetime
netdown pending receive repeat reuse send shutdown""".split()
"""Not the races: Wine 8.0 does not always survive them on handles of its own."""
ENTRY = """
[[entry]]
id = "tcp4"
family = "AF_INET"
type = "SOCK_STREAM"
protocol = "IPPROTO_TCP"
flags = ["XP1_GUARANTEED_DELIVERY"]
"""


# --- The same verdicts as the base --------------------------------------------------


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """All layers over both bases, in one run."""
    out = tmp_path_factory.mktemp("layered") / "out"
    profiles = [option for name in OVER for option in ("--profile", name)]
    cases = [o for one in TOPICS for o in ("--case", f"recv_disconnect.{one}.*")]
    chosen = ("--entry", "tcp4", "--no-wire", *cases)
    return Finished(wspcheck("run", "--out", str(out), *chosen, *profiles), out)


def test_a_layer_is_judged_as_its_base(layered: Finished) -> None:
    verdicts = {
        (one["profile"], one["case"]): one["verdict"]
        for one in layered.results
        if one["verdict"] != "not-applicable"
    }
    # Where the base's handles are the system's and the layer's are its own, some cases
    # apply to one of them only, and the layer itself refuses what is no socket.
    differ = [
        (name, case, verdict, verdicts[OVER[name], case])
        for (name, case), verdict in verdicts.items()
        if verdicts.get((OVER.get(name, ""), case), verdict) != verdict
        and not (name == "layer-over-wine-winsock" and ".descriptor." in case)
    ]
    assert not differ


def test_what_the_base_does_wrong_is_inherited(layered: Finished) -> None:
    assert layered.process.returncode == 0, layered.process.stdout
    by_name = {one["name"]: one for one in layered.read("summary.json")["profiles"]}
    assert list(by_name) == [*OVER, "reference", "wine-winsock"]
    assert not by_name["wine-winsock"]["conforms"]
    for name, base in OVER.items():
        assert by_name[name]["conforms"], by_name[name]["sentence"]
        expected = base if base == "wine-winsock" else None
        inherited = {
            one["inherited"]
            for one in layered.results
            if one["profile"] == name and one["verdict"] == "fail"
        }
        assert inherited == ({expected} if expected else set()), name


# --- Whose deviation it is ----------------------------------------------------------


def mutant_of_the_reference(folder: Path, mutant: str) -> Path:
    """A profile of the reference with a defect."""
    text = (places.PROFILES / "reference.toml").read_text()
    text = text.replace('name = "reference"', 'name = "defective"', 1)
    text = text.replace('"wspref.dll"', '"wspmutant.dll"', 1)
    path = folder / "defective.toml"
    path.write_text(f'{text}\n[environment]\nWSPCHECK_MUTANT = "{mutant}"\n')
    return path


def test_a_defect_of_the_layer_over_a_defect_of_the_base(
    run: Run, tmp_path: Path
) -> None:
    mutant_of_the_reference(tmp_path, "success_is_one")
    profile = tmp_path / "forgetful.toml"
    profile.write_text(
        'name = "forgetful"\ndll = "wspforgetful.dll"\nbase = "defective.toml"\n'
    )
    cases = ("buffer", "connection", "descriptor", "shutdown")
    selection = [o for one in cases for o in ("--case", f"recv_disconnect.{one}.*")]
    finished = run("--profile", str(profile), "--entry", "tcp4", *selection)
    assert finished.process.returncode == 1, finished.process.stderr
    layer, base = finished.read("summary.json")["profiles"]
    assert (layer["name"], base["name"]) == ("forgetful", "defective")
    failed = [one for one in finished.results if one["verdict"] == "fail"]
    own = [o for o in failed if o["profile"] == "forgetful" and not o["inherited"]]
    inherited = [one for one in failed if one["inherited"]]
    assert own and all("never written" in one["observed"] for one in own)
    assert inherited and all(one["inherited"] == "defective" for one in inherited)
    assert {one["case"] for one in inherited} == {
        one["case"] for one in failed if one["profile"] == "defective"
    }
    assert "RD-28" in base["not_conforming"] and "RD-28" not in layer["not_conforming"]
    assert "RD-12" in layer["not_conforming"] and "RD-12" not in base["not_conforming"]
    assert re.search(r"inherited from defective: .*RD-28", layer["sentence"])
    assert layer["surprises"] and not base["surprises"]
    assert all(one["case"] in " ".join(layer["surprises"]) for one in own)
    assert not any(one["case"] in " ".join(layer["surprises"]) for one in inherited)
    assert (
        "Inherited from what is below" in (finished.folder / "index.html").read_text()
    )
    assert f"{len(inherited)} inherited" in finished.process.stdout


# --- Nothing is installed -----------------------------------------------------------


def installed() -> dict[str, Any]:
    """What of the prefix would show an installation: the registry without times (of
    keys, and one that Wine writes at each start), and the names of all files."""
    times = re.compile(r'^#time=.*$|^(\[.*\]) \d+$|^"DriverDateData"=.*$', re.MULTILINE)
    return {
        **{
            file.name: times.sub(r"\1", file.read_text("utf-8", "replace"))
            for file in PREFIX.glob("*.reg")
        },
        "files": sorted(
            str(file.relative_to(PREFIX))
            for file in (PREFIX / "drive_c").rglob("*")
            if "Temp" not in file.parts
        ),
    }


def test_nothing_is_installed(run: Run, tmp_path: Path) -> None:
    chosen = ("--entry", "udp4", "--case", "recv_disconnect.descriptor.*")
    wspcheck("run", "--out", str(tmp_path / "first"), "--profile", "reference", *chosen)
    before = installed()
    finished = run("--profile", "layer-over-reference", *chosen)
    assert finished.process.returncode == 0, finished.process.stderr
    assert installed() == before


# --- A layer over a layer -----------------------------------------------------------


def test_a_layer_over_a_layer(run: Run, tmp_path: Path) -> None:
    profile = tmp_path / "two.toml"
    profile.write_text(
        'name = "two"\ndll = "wspcached.dll"\nbase = "layer-over-reference"\n'
    )
    chosen = ("--entry", "isotp", "--case", "recv_disconnect.data.*")
    finished = run("--profile", str(profile), *chosen)
    assert finished.process.returncode == 0, finished.process.stdout
    names = [one["name"] for one in finished.read("summary.json")["profiles"]]
    assert names == ["two", "layer-over-reference", "reference"]
    verdicts = [
        [one["verdict"] for one in finished.results if one["profile"] == name]
        for name in names
    ]
    assert "pass" in verdicts[0]
    assert verdicts[0] == verdicts[1] == verdicts[2]


# --- Every way to import ------------------------------------------------------------


def tool(*arguments: str) -> str:
    """The output of a tool that has to succeed."""
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ordinals(names: tuple[str, ...]) -> Iterator[str]:
    """Lines of a .def file that import these functions of ws2_32 by number."""
    dll = PREFIX / "drive_c" / "windows" / "system32" / "ws2_32.dll"
    listing = tool("x86_64-w64-mingw32-objdump", "-p", str(dll))
    base = int(re.search(r"Ordinal Base\s+(\d+)", listing)[1])  # type: ignore[index]
    for name in names:
        found = re.search(rf"\[\s*(\d+)\][^\n]*\b{name}\n", listing)
        assert found, name
        yield f"{name} @{base + int(found[1])} NONAME"


NAMES = ("WSCEnumProtocols", "WSCGetProviderPath", "WPUCompleteOverlappedRequest")


def link_options(way: str, folder: Path) -> list[str]:
    """What makes the compiler import in this way."""
    if way == "looked up":
        return ["-lws2_32"]
    if way == "by name":
        return ["-DBY_TABLE", "-lws2_32"]
    lines = NAMES if way == "delayed" else tuple(ordinals(NAMES))
    definition, library = folder / "ws2_32.def", folder / "libimported.a"
    definition.write_text("LIBRARY ws2_32.dll\nEXPORTS\n" + "\n".join(lines) + "\n")
    kind = "--output-delaylib" if way == "delayed" else "--output-lib"
    tool("x86_64-w64-mingw32-dlltool", "-d", str(definition), kind, str(library))
    options = ["-DBY_TABLE", str(library)]
    return [*options, "-ldelayimp"] if way == "delayed" else options


@pytest.mark.parametrize("way", ["by name", "by ordinal", "delayed", "looked up"])
def test_every_way_to_import_leads_to_the_host(
    run: Run, tmp_path: Path, way: str
) -> None:
    source, definition = LAYERS / "imports.c", LAYERS / "wspimports.def"
    dll = tmp_path / "wspimports.dll"
    flags = ["-shared", "-Wall", "-Wextra", "-Werror", "-O2", "-o", str(dll)]
    files = [str(source), str(definition)]
    tool(COMPILER, *flags, *files, *link_options(way, tmp_path))
    profile = tmp_path / "imports.toml"
    profile.write_text(f'name = "imports"\ndll = "wspimports.dll"\n{ENTRY}')
    assert "(20202)" in complaint(run("--profile", str(profile)).process)


# --- Profiles -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ('base = "refrence"', r"bad.toml:3: .*refrence.* did you mean reference"),
        ('base = "bad.toml"', r"bad.toml:3: .*over itself"),
        ('base = "reference"\nguid = "1"', r'bad.toml:4: "guid" is not of the form'),
        ('base = "reference"\nifs_handles = 1', r"bad.toml:4: .*not true or false"),
        (
            'base = "reference"\n[[entry]]\nid = "tcp5"',
            r'bad.toml:5: .*reference has no entry "tcp5"; did you mean tcp',
        ),
        (
            f"ifs_handles = true\n{ENTRY}",
            r'bad.toml:3: unknown key "ifs_handles"',
        ),
    ],
)
def test_a_chain_that_cannot_be(
    run: Run, tmp_path: Path, text: str, expected: str
) -> None:
    profile = tmp_path / "bad.toml"
    profile.write_text(f'name = "bad"\ndll = "wspcached.dll"\n{text}\n')
    line = complaint(run("--profile", str(profile)).process)
    assert re.search(expected, line), line
