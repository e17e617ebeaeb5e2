"""The workflows that CI systems are given: nobody runs them here, so what can be known
of them without is held together."""
from __future__ import annotations

import fnmatch
import re
import shlex
from typing import Any, Iterator, Mapping

import click
import pytest
import typer.main
import yaml
from pages import blocks

from wspcheck_runner import cli, places

WORKFLOW = places.REPOSITORY / ".github" / "workflows" / "conformance.yml"
GUIDE = places.REPOSITORY / "docs" / "validate-your-provider.md"
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
STARTS = ("runners/run", "runners/wspcheck run", "python -m wspcheck_runner")
OF_PROVIDER = {"build": {"acme-spi"}}
"""A job of the provider's own workflow, and the artefacts that it leaves."""

Job = Mapping[str, Any]


def of_guide() -> str:
    """The template."""
    page = GUIDE.read_text(encoding="utf-8")
    (template,) = [block.text for block in blocks(page) if block.kind == "yaml"]
    return template


TEXTS = {"ours": WORKFLOW.read_text(encoding="utf-8"), "the guide's": of_guide()}


@pytest.fixture(params=TEXTS)
def jobs(request: pytest.FixtureRequest) -> Mapping[str, Job]:
    """Of one of the workflows."""
    loaded: Mapping[str, Job] = yaml.safe_load(TEXTS[request.param])["jobs"]
    return loaded


def steps(jobs: Mapping[str, Job]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Of all jobs."""
    for name, job in jobs.items():
        for step in job["steps"]:
            yield name, step


def test_every_step_runs_or_uses_something(jobs: Mapping[str, Job]) -> None:
    for name, job in jobs.items():
        assert job["runs-on"] in ("ubuntu-latest", "windows-latest"), name
    for name, step in steps(jobs):
        assert ("run" in step) != ("uses" in step), (name, step)
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]), step["uses"]


def test_a_job_needs_jobs_that_exist(jobs: Mapping[str, Job]) -> None:
    for job in jobs.values():
        needs = job.get("needs", [])
        for needed in [needs] if isinstance(needs, str) else needs:
            assert needed in jobs or needed in OF_PROVIDER


def test_what_is_downloaded_was_uploaded(jobs: Mapping[str, Job]) -> None:
    left = set().union(*OF_PROVIDER.values())
    wanted = set()
    for _, step in steps(jobs):
        kind = step.get("uses", "").partition("@")[0]
        with_ = step.get("with", {})
        if kind == "actions/upload-artifact":
            left.add(EXPRESSION.sub("*", with_["name"]))
        elif kind == "actions/download-artifact":
            wanted.add(EXPRESSION.sub("*", with_.get("name") or with_["pattern"]))
    assert wanted
    for name in wanted:
        assert any(
            fnmatch.fnmatchcase(one, name) or fnmatch.fnmatchcase(name, one)
            for one in left
        ), name


def commands(jobs: Mapping[str, Job]) -> Iterator[list[str]]:
    """The words of each command of ours, from `run`, `merge`, ... on."""
    for _, step in steps(jobs):
        text = EXPRESSION.sub("1", str(step.get("run", ""))).replace("\\", "/")
        for line in text.splitlines():
            start = next((s for s in STARTS if line.strip().startswith(s)), None)
            if start is not None:
                words = shlex.split(line.strip().removeprefix(start))
                yield words if start.startswith("python") else ["run", *words]


def test_every_command_of_ours_has_options_that_exist(jobs: Mapping[str, Job]) -> None:
    group = typer.main.get_command(cli.app)
    assert isinstance(group, click.Group)
    found = list(commands(jobs))
    assert found
    for name, *words in found:
        command = group.commands[name]
        command.make_parser(click.Context(command)).parse_args(list(words))


def test_every_script_of_ours_exists() -> None:
    for text in TEXTS.values():
        for script in re.findall(r"runners/[\w./]+", text):
            assert (places.REPOSITORY / script).exists(), script
