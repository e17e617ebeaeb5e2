"""Layered providers: installed nowhere, judged as their base, and not for it."""
from __future__ import annotations

import fnmatch
import re
import subprocess
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import pytest
from conftest import Finished, Run, wspcheck
from test_command_line import complaint
from test_hosts import needs

from wspcheck_runner import places, profile as profiles

LAYERS = places.REPOSITORY / "fixtures" / "layers"
PREFIX = places.REPOSITORY / "build" / "wine-prefix"
ENTRIES = {
    "reference": ("--entry", "tcp4", "--entry", "isotp"),
    "wine-winsock": ("--entry", "tcp4"),
}
CASES = ("--case", "recv_disconnect.[!t]*", "--case", "startup.*")
"""Not those about threads: Wine 8.0 does not always survive their races on handles of
its own, and they take long. fixtures/layers/README.md says how the whole is run."""
ENTRY = """
[[entry]]
id = "tcp4"
family = "AF_INET"
type = "SOCK_STREAM"
protocol = "IPPROTO_TCP"
flags = ["XP1_GUARANTEED_DELIVERY"]
"""


# --- The same verdicts as the base --------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """Cases in which a layer is judged otherwise than its base, by declaration."""

    layer: str
    base: str
    cases: list[str]
    verdicts: list[str]
    """The layer's, and the base's."""
    reason: str

    def matches(self, case: str) -> bool:
        """Whether the case is one of these."""
        return any(fnmatch.fnmatchcase(case, glob) for glob in self.cases)


def declared(layer: str, base: str) -> list[Difference]:
    """What is known of this layer over this base."""
    text = (LAYERS / "differences.toml").read_text(encoding="utf-8")
    known = [Difference(**one) for one in tomllib.loads(text)["difference"]]
    return [
        one
        for one in known
        if fnmatch.fnmatchcase(layer, one.layer) and one.base == base
    ]


Seen = dict[tuple[str, str], list[str]]


def seen(finished: Finished, layer: str, base: str) -> Seen:
    """The verdicts of both by entry and case, the layer's first."""
    found: Seen = defaultdict(list)
    for name in (layer, base):
        for one in finished.results:
            if one["profile"] == name:
                found[one["entry"], one["case"]].append(one["verdict"])
    assert all(len(verdicts) == 2 for verdicts in found.values())
    return found


@pytest.mark.parametrize("host", ["wine8", "wine10-32"])
@pytest.mark.parametrize("base", ["reference", "wine-winsock"])
@pytest.mark.parametrize("layer", ["wsplayer", "wspifs", "wspcached"])
def test_a_layer_is_judged_as_its_base(
    run: Run, tmp_path: Path, layer: str, base: str, host: str
) -> None:
    needs(host)
    guid = profiles.load(places.PROFILES / "ifs-over-reference.toml").guid
    options = ("--guid", str(guid)) if layer == "wspifs" else ()
    chosen = ("--dll", f"{layer}.dll", "--base", base, *options, *ENTRIES[base])
    finished = run("--host", host, "--no-wire", *chosen, *CASES)
    assert finished.process.returncode == 0, finished.process.stdout
    verdicts = seen(finished, layer, base)
    known = declared(layer, base)

    def undeclared(found: Seen) -> dict[tuple[str, str], list[str]]:
        return {
            (entry, case): two
            for (entry, case), two in found.items()
            if two[0] != two[1]
            and two not in [one.verdicts for one in known if one.matches(case)]
        }

    first = undeclared(verdicts)
    if first:
        # Again, alone: what a busy machine has blocked is no matter of the layer.
        cases = [option for _, case in first for option in ("--case", case)]
        out = ("--out", str(tmp_path / "again"))
        done = wspcheck("run", "--host", host, "--no-wire", *chosen, *cases, *out)
        again = seen(Finished(done, tmp_path / "again"), layer, base)
        assert not undeclared(again), first
    for one in known:
        hit = [two for (_, case), two in verdicts.items() if one.matches(case)]
        assert one.verdicts in hit, one
    above, below = finished.read("summary.json")["profiles"]
    assert above["conforms"] and below["conforms"] == (base == "reference")
    inherited = {
        one["inherited"]
        for one in finished.results
        if one["profile"] == layer and one["verdict"] == "fail"
    }
    assert inherited == ({base} if base == "wine-winsock" else set())


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


@dataclass(frozen=True)
class Target:
    """For which programs a DLL is built, and where they run."""

    host: str
    tools: str
    """How the names of its compiler and its tools begin."""
    system: Path
    """The folder of the system's DLLs."""
    options: tuple[str, ...] = ()
    """Of the linker, so that functions are exported without decoration."""
    is_decorated: bool = False
    """Whether names in a library carry the size of the arguments."""

    def tool(self, name: str, *arguments: str) -> str:
        """The output of one of its tools."""
        return tool(f"{self.tools}{name}", *arguments)

    def symbol(self, name: str) -> str:
        """A function of ws2_32 as libraries call it."""
        return f"{name}@{NAMES[name]}" if self.is_decorated else name


NAMES = {
    "WSCEnumProtocols": 16,
    "WSCGetProviderPath": 16,
    "WPUCompleteOverlappedRequest": 20,
}
"""What is redirected of ws2_32, with the size of the arguments in 32-bit programs."""
WINDOWS = Path("drive_c", "windows")
TARGETS = [
    Target("wine8", "x86_64-w64-mingw32-", PREFIX / WINDOWS / "system32"),
    Target(
        "wine10-32",
        "i686-w64-mingw32-",
        places.REPOSITORY / "build" / "wine10-prefix" / WINDOWS / "syswow64",
        ("-Wl,--enable-stdcall-fixup",),
        is_decorated=True,
    ),
]


def ordinals(target: Target) -> Iterator[str]:
    """Lines of a .def file that import these functions of ws2_32 by number."""
    listing = target.tool("objdump", "-p", str(target.system / "ws2_32.dll"))
    base = int(re.search(r"Ordinal Base\s+(\d+)", listing)[1])  # type: ignore[index]
    for name in NAMES:
        found = re.search(rf"\[\s*(\d+)\][^\n]*\b{name}\n", listing)
        assert found, name
        yield f"{target.symbol(name)} @{base + int(found[1])} NONAME"


def link_options(target: Target, way: str, folder: Path) -> list[str]:
    """What makes the compiler import in this way."""
    if way == "looked up":
        return ["-lws2_32"]
    if way == "by name":
        return ["-DBY_TABLE", "-lws2_32"]
    lines = map(target.symbol, NAMES) if way == "delayed" else ordinals(target)
    definition, library = folder / "ws2_32.def", folder / "libimported.a"
    definition.write_text("LIBRARY ws2_32.dll\nEXPORTS\n" + "\n".join(lines) + "\n")
    kind = "--output-delaylib" if way == "delayed" else "--output-lib"
    target.tool("dlltool", "-k", "-d", str(definition), kind, str(library))
    options = ["-DBY_TABLE", str(library)]
    return [*options, "-ldelayimp"] if way == "delayed" else options


@pytest.mark.parametrize("target", TARGETS, ids=[one.host for one in TARGETS])
@pytest.mark.parametrize("way", ["by name", "by ordinal", "delayed", "looked up"])
def test_every_way_to_import_leads_to_the_host(
    run: Run, tmp_path: Path, way: str, target: Target
) -> None:
    needs(target.host)
    source, definition = LAYERS / "imports.c", LAYERS / "wspimports.def"
    dll = tmp_path / "wspimports.dll"
    flags = ["-shared", "-Wall", "-Wextra", "-Werror", "-O2", "-o", str(dll)]
    files = [str(source), str(definition)]
    options = [*target.options, *link_options(target, way, tmp_path)]
    target.tool("gcc", *flags, *files, *options)
    profile = tmp_path / "imports.toml"
    profile.write_text(f'name = "imports"\ndll = "wspimports.dll"\n{ENTRY}')
    finished = run("--host", target.host, "--profile", str(profile))
    assert "(20202)" in complaint(finished.process)


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
