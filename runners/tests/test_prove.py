"""A proof notices everything that can be wrong with a mutant or its declaration."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from schemas import validate
from test_engine import ENTRY, StandIn

from wspcheck_runner import mutants, process
from wspcheck_runner.engine import Options
from wspcheck_runner.errors import SetupError
from wspcheck_runner.mutants import Mutant, Red
from wspcheck_runner.profile import Profile
from wspcheck_runner.proof import Kind, Proof
from wspcheck_runner.protocol import Case
from wspcheck_runner.prove import Prover
from wspcheck_runner.requirements import Requirement

CASES = (
    "a.pass.1",
    "a.pass.2",
    "a.pass.eight",
    "a.tolerated.1",
    "a.blocked.1",
    "a.not-applicable.1",
)
REFERENCE = Profile("reference", "R", "r.dll", (ENTRY,), None, Path("r.toml"))

Prove = Callable[..., Proof]


def mutant(
    does: str,
    *reds: str,
    breaks: str = "RD-7",
    phrase: str = "a fail",
    only: str = "*",
) -> Mutant:
    """One whose id tells the stand-in what to do, with what it declares."""
    return Mutant(
        does,
        tuple(breaks.split()),
        "It is wrong.",
        ("tcp4",),
        tuple(Red("tcp4", red) for red in reds),
        phrase,
        only=tuple(only.split()),
    )


def requirement(ident: str, level: str = "must", reason: str = "") -> Requirement:
    """A requirement of that level."""
    return Requirement(ident, "F", level, ("F",), "text", ("x",), without_mutant=reason)


@pytest.fixture
def prove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prove:
    """Runs mutants in place of which there is the stand-in."""
    monkeypatch.setattr(process, "GRACE_S", 0.3)

    def prove(
        *chosen: Mutant,
        cases: tuple[str, ...] = CASES,
        is_whole: bool = False,
        known: tuple[Requirement, ...] = (requirement("RD-7"), requirement("RD-8")),
    ) -> Proof:
        catalogue = {
            case: Case(case, ("RD-8" if ".eight" in case else "RD-7",), "", "x.c", 1)
            for case in cases
        }
        prover = Prover(
            catalogue,
            {one.id: one for one in known},
            REFERENCE,
            StandIn(tmp_path / "ground"),
            Options(workers=4, limit_s=0.5),
        )
        proof = prover.prove(chosen, is_whole)
        suite = {"version": "0.1.0", "arch": "x86_64", "commit": None, "sha256": None}
        data = proof.as_json("2026-01-02T03:04:05+00:00", 1.0, suite)
        validate("prove", json.loads(json.dumps(data)))
        return proof

    return prove


def flaws(proof: Proof) -> list[tuple[Kind, Optional[str]]]:
    return [(flaw.kind, flaw.mutant) for flaw in proof.flaws]


def test_a_mutant_that_does_just_what_it_declares_is_killed(prove: Prove) -> None:
    proof = prove(mutant("a.pass.1=fail,a.tolerated.1=fail", "a.*.1"))
    assert proof.flaws == [] and proof.exit_code == 0
    (trial,) = proof.trials
    assert [job.case for job in trial.expected] == ["a.pass.1", "a.tolerated.1"]
    assert trial.killer and trial.killer.job.case == "a.pass.1"
    assert "1 of 1 mutant killed" in proof.summary and "0 unpaired" in proof.summary


def test_what_is_not_as_declared_is_asked_for_again(prove: Prove) -> None:
    proof = prove(mutant("a.pass.1=fail,a.pass.2=fails_once", "a.pass.1"))
    assert proof.flaws == [] and proof.exit_code == 0
    (note,) = proof.notes
    assert note.endswith("/tcp4/a.pass.2: first fail, then pass")


def test_what_does_not_apply_to_the_reference_is_not_run(prove: Prove) -> None:
    proof = prove(mutant("a.pass.1=fail,a.not-applicable.1=fail", "a.pass.1"))
    assert proof.exit_code == 0
    ran = {job.case for job in proof.trials[0].results}
    assert ran == {*CASES} - {"a.not-applicable.1"}


def test_a_mutant_may_be_run_with_some_cases_only(prove: Prove) -> None:
    broken = mutant("a.pass.1=fail,a.pass.2=fail", "a.pass.1", only="a.*.1 a.*.eight")
    proof = prove(broken)
    assert proof.flaws == [] and proof.exit_code == 0
    (trial,) = proof.trials
    ran = {job.case for job in trial.results}
    assert ran == {"a.pass.1", "a.pass.eight", "a.tolerated.1", "a.blocked.1"}
    assert "1 of 1 mutant killed" in proof.summary
    assert "1 of them run with some cases only" in proof.summary


@pytest.mark.parametrize(
    "broken, kind, sentence",
    [
        (mutant("x=y", "a.pass.1"), Kind.SURVIVOR, "survives: no case turns red"),
        (
            mutant("a.pass.1=fail", "a.pass.1", "a.pass.2"),
            Kind.STAYED_GREEN,
            "declares cases that do not turn red: tcp4 a.pass.2 (pass)",
        ),
        (
            mutant("a.pass.1=fail,a.pass.2=blocked", "a.pass.1", "a.pass.2"),
            Kind.STAYED_GREEN,
            "declares cases that do not turn red: tcp4 a.pass.2 (blocked)",
        ),
        (
            mutant("a.pass.1=fail,a.pass.2=fail", "a.pass.1"),
            Kind.UNPAIRED,
            "turns cases red that it does not declare: tcp4 a.pass.2",
        ),
        (
            mutant("a.pass.1=fail,a.blocked.1=fail", "a.pass.1"),
            Kind.UNPAIRED,
            "turns cases red that it does not declare: tcp4 a.blocked.1",
        ),
        (
            mutant("a.pass.1=crashes", "a.pass.1"),
            Kind.ACCIDENT,
            "does not fail a check but ends by crash in tcp4 a.pass.1",
        ),
        (
            mutant("a.pass.1=fail,a.pass.2=exits", "a.pass.1"),
            Kind.ACCIDENT,
            "does not fail a check but ends by crash in tcp4 a.pass.2",
        ),
        (
            mutant("a.pass.1=fail,a.pass.2=hangs", "a.pass.*"),
            Kind.ACCIDENT,
            "does not fail a check but ends by timeout in tcp4 a.pass.2",
        ),
        (
            mutant("a.pass.1=fail", "a.pass.1", phrase="never said"),
            Kind.UNSPOKEN,
            'no red case says "never said"; one says "a fail"',
        ),
        (
            mutant("a.pass.1=fail", "a.pass.1", "a.psas.*"),
            Kind.UNMATCHED,
            'declares "tcp4 a.psas.*", which matches no case',
        ),
        (
            mutant("a.pass.1=fail", "a.pass.1", "a.blocked.*"),
            Kind.UNMATCHED,
            'declares "tcp4 a.blocked.*", of which the reference passes nothing',
        ),
        (
            mutant("a.pass.1=fail", "a.pass.1", breaks="RD-7 RD-8"),
            Kind.SURVIVOR,
            "breaks RD-8, of which no declared case turns red",
        ),
        (
            mutant("a.pass.1=fail,refuses=x", "a.pass.1"),
            Kind.NOT_RUN,
            "WSPStartup failed",
        ),
    ],
)
def test_a_flaw_of_a_mutant_is_named(
    prove: Prove, broken: Mutant, kind: Kind, sentence: str
) -> None:
    good = mutant("a.pass.2=fail", "a.pass.2")
    proof = prove(broken, good)
    assert (kind, broken.id) in flaws(proof)
    assert {flaw.mutant for flaw in proof.flaws} == {broken.id}
    (flaw,) = (flaw for flaw in proof.flaws if flaw.kind is kind)
    assert flaw.sentence == f"{broken.id}: {sentence}."
    assert proof.exit_code == 1 and "1 of 2 mutants killed" in proof.summary


def test_each_flaw_is_named_but_once(prove: Prove) -> None:
    """A survivor is not blamed for each case that stayed green besides."""
    survivor = mutant("x=y", "a.pass.*")
    assert flaws(prove(survivor)) == [(Kind.SURVIVOR, survivor.id)]
    crashing = mutant("a.pass.1=crashes", "a.pass.1")
    assert flaws(prove(crashing)) == [(Kind.ACCIDENT, crashing.id)]


@pytest.mark.parametrize("topic", ["fail", "exits"])
def test_a_reference_that_is_red_proves_nothing(prove: Prove, topic: str) -> None:
    cases = (*CASES, f"a.{topic}.1")
    proof = prove(mutant("a.pass.1=fail", "a.pass.1"), cases=cases)
    (flaw,) = (one for one in proof.flaws if one.kind is Kind.REFERENCE_RED)
    assert f"reference/tcp4/a.{topic}.1" in flaw.sentence
    assert proof.exit_code == 1


@pytest.mark.parametrize("level", ["must", "derived"])
def test_a_requirement_without_mutant_or_reason_is_named(
    prove: Prove, level: str
) -> None:
    good = mutant("a.pass.1=fail", "a.pass.1")
    known = (
        requirement("RD-7"),
        requirement("RD-8", level),
        requirement("RD-9", level, reason="Nothing can break it."),
        requirement("RD-10", "open"),
    )
    proof = prove(good, is_whole=True, known=known)
    assert flaws(proof) == [(Kind.WITHOUT_MUTANT, None)]
    assert proof.flaws[0].requirement == "RD-8" and proof.exit_code == 1
    assert "RD-8" in proof.flaws[0].sentence
    assert prove(good, is_whole=False, known=known).flaws == []


def test_a_reason_for_having_no_mutant_goes_with_the_first_one(prove: Prove) -> None:
    known = (requirement("RD-7", reason="Nothing can break it."),)
    proof = prove(mutant("a.pass.1=fail", "a.pass.1"), known=known)
    assert flaws(proof) == [(Kind.WITH_MUTANT, None)]


def declaration(**changed: Any) -> str:
    """A line of the program."""
    right = {
        "id": "short_buffer",
        "breaks": ["RD-7"],
        "sentence": "It is wrong.",
        "entries": ["tcp4"],
        "only": ["*"],
        "not_on": [],
        "reds": ["tcp* a.pass.*"],
        "phrase": "observed 0",
        "provenance": "",
    }
    return json.dumps({**right, **changed}) + "\n"


def test_declarations_are_read() -> None:
    one, two = mutants.parse(declaration() + declaration(id="b", provenance="Wine"))
    assert (one.id, two.id, two.provenance) == ("short_buffer", "b", "Wine")
    assert one.reds == (Red("tcp*", "a.pass.*"),)
    mutants.check([one, two], REFERENCE, {"RD-7": requirement("RD-7")})
    assert mutants.choose([one, two], ["short_*"]) == (one,)
    profile = one.profile(REFERENCE)
    assert profile.environment == {"WSPCHECK_MUTANT": "short_buffer"}
    assert profile.dll.endswith("wspmutant.dll") and profile.entry_ids() == ["tcp4"]


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "declares no mutants"),
        ("hello\n", "declares no mutant in 'hello'"),
        (declaration(reds=["a.pass.*"]), "not enough values"),
        (declaration(breaks=[]), "breaks is empty"),
        (declaration(only=[]), "only is empty"),
        (declaration(phrase=""), "phrase is empty"),
        (declaration() + declaration(), 'two mutants have the id "short_buffer"'),
        (declaration(entries=["tcp5"]), 'no entry "tcp5"; did you mean tcp4'),
        (declaration(breaks=["RD-99"]), 'there is no requirement "RD-99"'),
        (declaration(id="reference"), "the name of the reference"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_a_set_up_error(
    text: str, why: str
) -> None:
    with pytest.raises(SetupError) as caught:
        found = mutants.parse(text)
        mutants.check(found, REFERENCE, {"RD-7": requirement("RD-7")})
    assert why in str(caught.value)


def test_a_mutant_may_say_on_which_hosts_it_cannot_be() -> None:
    (one,) = mutants.parse(declaration(not_on=["wine10*"]))
    assert [one.can_be_on(host) for host in ("wine8", "wine10-32")] == [True, False]


def test_a_pattern_that_matches_no_mutant_is_the_users_matter() -> None:
    with pytest.raises(SetupError, match='no mutant matches "long_\\*"'):
        mutants.choose(mutants.parse(declaration()), ["long_*"])
