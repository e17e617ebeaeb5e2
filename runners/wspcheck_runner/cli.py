"""The command line."""
from __future__ import annotations

import io
import os
import sys
from enum import Enum
from pathlib import Path
from typing import List, Optional

import click
import typer

from .errors import SetupError

DEFAULT_JOBS = 4
DEFAULT_PROOF_JOBS = 8
PROOF_ROUNDS = 75
"""A mutant fails at the first few: a thousand would only cost time."""

app = typer.Typer(
    name="wspcheck",
    help="Tells whether a Windows Sockets 2 transport provider (a DLL that exports "
    "WSPStartup) does what the documentation says.\n\n"
    "Start with `wspcheck run`, then open the report that it names. "
    "`wspcheck show RD-7` explains a requirement, `wspcheck list` names all cases.\n\n"
    "Exit codes: 0 everything as expected, 1 deviations that no baseline expects, "
    "2 usage or set-up error, 3 the run is incomplete.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Kind(str, Enum):
    """What `list` can list."""

    CASES = "cases"
    REQUIREMENTS = "requirements"
    PROFILES = "profiles"


HOST = typer.Option(
    None,
    "--host",
    metavar="NAME",
    show_default=False,
    help="The system to run on: wine8 (the default), wine10, wine10-32; on Windows: "
    "windows (the default), windows-32. `run` also takes all.",
)
CASE = typer.Option(
    [], "--case", metavar="GLOB", help="Only cases whose id matches; repeatable."
)
REQUIREMENT = typer.Option(
    [],
    "--requirement",
    metavar="ID",
    help="Only cases that check this requirement, such as RD-7; repeatable.",
)


BASE = typer.Option(
    None,
    "--base",
    metavar="FILE|NAME",
    show_default=False,
    help="With a DLL that is a layer: the profile of what it is layered over.",
)
GUID = typer.Option(
    None,
    "--guid",
    metavar="GUID",
    show_default=False,
    help="With a DLL that is a layer: the ProviderId under which it looks for itself "
    "in the catalogue, if it does not tell.",
)
WRITE_PROFILE = typer.Option(
    None,
    "--write-profile",
    metavar="FILE",
    show_default=False,
    help="Keep the profile that probing makes here.",
)
SHARD = typer.Option(
    None,
    "--shard",
    metavar="I/N",
    help="Only the I-th of N parts, for N machines; `wspcheck merge` joins them.",
)


@app.command()
def run(
    context: typer.Context,
    profile: List[str] = typer.Option(
        [],
        "--profile",
        metavar="FILE|NAME",
        help="Provider to test: a TOML file, or a name from fixtures/profiles; "
        "repeatable. Default: reference and wine-winsock.",
    ),
    dll: Optional[str] = typer.Option(
        None,
        "--dll",
        metavar="PATH",
        show_default=False,
        help="Provider to test of which there is no profile: it is probed, and what "
        "that does not show is assumed.",
    ),
    base: Optional[str] = BASE,
    guid: Optional[str] = GUID,
    write_profile: Optional[Path] = WRITE_PROFILE,
    case: List[str] = CASE,
    requirement: List[str] = REQUIREMENT,
    entry: List[str] = typer.Option(
        [], "--entry", metavar="ID", help="Only this entry, such as tcp4; repeatable."
    ),
    jobs: int = typer.Option(
        DEFAULT_JOBS, "--jobs", metavar="N", min=1, max=200, help="Processes at a time."
    ),
    limit: Optional[float] = typer.Option(
        None,
        "--limit",
        metavar="SECONDS",
        min=0.1,
        show_default=False,
        help="Time limit of a case that sets none itself. "
        "Default: limits.case_s of the profile, or else 10.",
    ),
    host: Optional[str] = HOST,
    wire: bool = typer.Option(
        True,
        "--wire/--no-wire",
        help="Capture packets and judge them; without, cases about them are blocked.",
    ),
    out: Optional[Path] = typer.Option(
        None,
        "--out",
        metavar="DIR",
        show_default=False,
        help="Where results and report go. Default: reports/local/<time>, "
        "with reports/local/latest pointing to it.",
    ),
    shard: Optional[str] = SHARD,
    resume: bool = typer.Option(
        False,
        "--resume",
        help="Finish the run in FOLDER that was killed or interrupted, with the "
        "options that it began with. Default: the latest one in reports/local.",
    ),
    folder: Optional[Path] = typer.Argument(
        None, metavar="[FOLDER]", show_default=False, help="Only with --resume."
    ),
) -> None:
    """Run the cases on one or more providers and write a report.

    Example: wspcheck run --profile reference --case 'recv_disconnect.buffer.*'
    """
    from . import hosts
    from . import run as runs, shard as shards
    from .engine import Options
    from .selection import Wanted

    if resume:
        _refuse_others(context, "resume", "folder")
        raise typer.Exit(runs.resume(folder))
    if folder is not None:
        raise click.UsageError(f'unexpected "{folder}": a folder goes with --resume')
    if host == hosts.ALL:
        raise typer.Exit(_every_host(out))
    if host is not None:
        hosts.select(host)
    if dll is not None:
        profile = [*profile, str(_probed(dll, base, guid, write_profile))]
    elif base or guid or write_profile:
        raise SetupError("--base, --guid and --write-profile belong to --dll")
    request = runs.Request(
        profiles=runs.names(profile),
        wanted=Wanted(runs.names(case), runs.names(requirement), runs.names(entry)),
        options=Options(workers=jobs, limit_s=limit, wire=wire),
        out=out,
        shard=shards.parse(shard) if shard else None,
    )
    raise typer.Exit(runs.run(request))


def _refuse_others(context: typer.Context, *allowed: str) -> None:
    """A run that is resumed has its options."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in allowed and source is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError(
                f"--{name} does not go with --resume: the run has its options"
            )


@app.command()
def merge(
    folders: List[Path] = typer.Argument(
        ..., metavar="FOLDER...", show_default=False, help="The shards' folders."
    ),
    output: Path = typer.Option(
        ..., "--output", metavar="DIR", help="Where the joined report goes."
    ),
    normalise: bool = typer.Option(
        False,
        "--normalise",
        help="Leave out what differs from run to run (times, handles, the machine), so "
        "that reports can be compared byte for byte.",
    ),
) -> None:
    """Join the shards of a run to the report of the whole.

    Exit codes are those of `run`, by the joined verdicts.

    Example: wspcheck merge shard-1 shard-2 shard-3 --output report
    """
    from . import merge as merges

    raise typer.Exit(merges.merge(folders, output, normalise))


def _every_host(out: Optional[Path]) -> int:
    """What was typed behind `run`, without what each host has its own of."""
    from . import every_host

    typed = sys.argv[sys.argv.index("run") + 1 :]
    rest: list[str] = []
    while typed:
        name, *typed = typed
        if name in ("--host", "--out"):
            typed = typed[1:]
        elif not name.startswith(("--host=", "--out=")):
            rest.append(name)
    return every_host.run(rest, out)


@app.command()
def probe(
    dll: str = typer.Argument(..., metavar="DLL", help="The provider's file."),
    base: Optional[str] = BASE,
    guid: Optional[str] = GUID,
    write_profile: Optional[Path] = WRITE_PROFILE,
    host: Optional[str] = HOST,
) -> None:
    """Say what a DLL shows of itself: versions, entries, handles, flags.

    Exit codes: 0 all fits together, 1 something does not, 2 it is no provider.
    """
    from . import hosts, probing

    if host is not None:
        hosts.select(host)
    found = probing.look(dll, base, guid)
    code = probing.show(found)
    if write_profile:
        typer.echo(f"profile {probing.write_profile(found, write_profile)}")
    raise typer.Exit(code)


def _probed(
    dll: str, base: Optional[str], guid: Optional[str], path: Optional[Path]
) -> Path:
    """The profile of a DLL, made by probing it."""
    from . import probing
    from .probe import assumptions

    found = probing.look(dll, base, guid)
    made = probing.write_profile(found, path)
    typer.echo(f"profile {made}")
    for line in [*assumptions(found), *found.findings]:
        typer.echo(f"  {line}")
    return made


@app.command()
def prove(
    mutant: List[str] = typer.Option(
        [],
        "--mutant",
        metavar="GLOB",
        help="Only mutants whose id matches; repeatable.",
    ),
    jobs: int = typer.Option(
        DEFAULT_PROOF_JOBS,
        "--jobs",
        metavar="N",
        min=1,
        max=200,
        help="Processes at a time.",
    ),
    output: Optional[Path] = typer.Option(
        None,
        "--output",
        metavar="DIR",
        show_default=False,
        help="Where prove.json and the verdicts go. "
        "Default: reports/local/<time>-proof.",
    ),
    host: Optional[str] = HOST,
) -> None:
    """Show that the suite can fail: run it on providers that are wrong on purpose.

    Each mutant breaks one requirement and declares which cases have to turn red: just
    these must, beside a reference that passes. Exit codes: 0 proved, 1 not, 2 usage or
    set-up error, 3 incomplete.
    """
    from . import hosts, prove as proofs, run as runs
    from .engine import Options

    if host is not None:
        hosts.select(host)
    request = proofs.Request(
        mutants=runs.names(mutant),
        options=Options(workers=jobs, rounds=PROOF_ROUNDS),
        out=output,
    )
    raise typer.Exit(proofs.prove(request))


@app.command("list")
def list_(
    what: Kind = typer.Argument(Kind.CASES, help="What to list."),
    case: List[str] = CASE,
    requirement: List[str] = REQUIREMENT,
) -> None:
    """List cases with what they check; or requirements, or profiles."""
    from . import listing
    from .selection import Wanted

    if what is Kind.CASES:
        lines = listing.cases(Wanted(tuple(case), tuple(requirement)))
    elif what is Kind.REQUIREMENTS:
        lines = listing.all_requirements()
    else:
        lines = listing.profiles()
    for line in lines:
        typer.echo(line)


@app.command()
def show(
    name: str = typer.Argument(
        ..., metavar="CASE|REQUIREMENT", help="Its id, such as RD-7."
    )
) -> None:
    """Explain a case or a requirement, and say what the latest run found."""
    from . import listing

    for line in listing.show(name):
        typer.echo(line)


def main() -> int:
    """Runs the command line; what the user has to mend is said in one line."""
    if sys.platform == "win32":  # Into a file or pipe it would not be UTF-8 there.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8")
    try:
        code = app(prog_name="wspcheck", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        return _refuse(error.format_message())
    except SetupError as error:
        return _refuse(str(error))
    except (click.Abort, KeyboardInterrupt):
        return _refuse("interrupted", 3)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _refuse(why: str, code: int = 2) -> int:
    print(f"wspcheck: {' '.join(why.split())}", file=sys.stderr)
    return code
