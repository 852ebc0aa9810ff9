"""The life of a project as data: what ships is sound and whole; faults are told with file and line; a region lays its own words over it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wutong.rulebook import lifecycle
from wutong.rulebook.lifecycle import KINDS, STAGES, Requirement
from wutong.rulebook.load import RulebookError

SHIPPED = lifecycle.lifecycle()


def faults(text: str) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        lifecycle.over(text, "本地.yaml")
    return [str(problem) for problem in caught.value.problems]


# --- what ships ---------------------------------------------------------------------------------------------------------------------------
def test_stages_follow_each_other_by_name_from_talks_to_full_capacity() -> None:
    assert SHIPPED.order == STAGES and SHIPPED.order[0] == "talks" and SHIPPED.following("full_capacity") == ""


def test_an_industrial_project_has_at_least_42_sub_nodes_each_with_unit_and_time() -> None:
    nodes = [node for stage in STAGES for node in SHIPPED.nodes_of(stage, "industry")]
    assert len(nodes) >= 42
    assert all(node.days is not None and node.unit in SHIPPED.functions and node.zh and node.en for node in nodes)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_something_to_do_in_every_stage(kind: str) -> None:
    assert all(SHIPPED.nodes_of(stage, kind) for stage in STAGES)


def test_what_holds_for_all_kinds_and_for_one_comes_together() -> None:
    industry, services = SHIPPED.required_for("signed", "industry"), SHIPPED.required_for("signed", "services")
    assert "fixed_yuan" in industry.facts and "fixed_yuan" not in services.facts
    assert "contract" in industry.evidence and "contract" in services.evidence
    assert SHIPPED.required_for("talks", "industry") == Requirement()


def test_what_must_be_given_need_not_also_be_said() -> None:
    both = Requirement(said=("jobs", "land_mu")).and_also(Requirement(facts=("jobs",)))
    assert both.facts == ("jobs",) and both.said == ("land_mu",)


@pytest.mark.parametrize(
    ("yuan", "tier"),
    [
        ("99999999.99", "below_100m"), ("100000000", "from_100m"), ("999999999", "from_100m"), ("1000000000", "from_1bn"),
        ("10000000000", "from_10bn"), ("0", "below_100m"),
    ],
)  # fmt: skip
def test_a_tier_includes_its_lower_bound_and_not_the_next(yuan: str, tier: str) -> None:
    found = SHIPPED.tier_of(Decimal(yuan))
    assert found is not None and found.code == tier


def test_an_investment_that_is_not_known_is_of_no_tier() -> None:
    assert SHIPPED.tier_of(None) is None


# --- a region's own file ------------------------------------------------------------------------------------------------------------------
def test_a_region_changes_one_field_of_a_node_adds_one_and_takes_one_away() -> None:
    found = lifecycle.over(
        "nodes:\n  investor_checked: {days: 3}\n  site_visited: null\n"
        "  bank_asked: {stage: talks, zh: 银行资信函, en: Bank asked, unit: finance, days: 4}\n"
    )
    assert found.nodes["investor_checked"].days == 3
    assert found.nodes["investor_checked"].evidence == SHIPPED.nodes["investor_checked"].evidence
    assert "site_visited" not in found.nodes and found.nodes["bank_asked"].stage == "talks"
    assert found.hash != SHIPPED.hash


def test_a_region_leaves_a_stage_out_by_naming_another_successor() -> None:
    found = lifecycle.over("stages:\n  signed: {next: land_granted}\n  talks: {two_persons: true}\n")
    assert "registered" not in found.order and found.following("signed") == "land_granted"
    assert found.stages["talks"].two_persons and found.stages["talks"].zh == "在谈"


def test_a_region_replaces_what_a_gate_asks_of_a_kind() -> None:
    found = lifecycle.over("required:\n  registered:\n    all: {facts: [landed]}\n")
    assert found.required_for("registered", "industry") == Requirement(facts=("landed",))
    assert found.required_for("signed", "industry") == SHIPPED.required_for("signed", "industry")


def test_an_empty_file_changes_nothing() -> None:
    assert lifecycle.over("# nothing yet\n").nodes == SHIPPED.nodes


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("nodes:\n  trial_run: {days: x}\n", "本地.yaml:2: trial_run: days: Input should be a valid integer"),
        ("nodes:\n  trial_run: {days: -1}\n", "本地.yaml:2: trial_run: days: Input should be greater than or equal to 0"),
        ("nodes:\n  trial_run:\n    dayz: 3\n", "本地.yaml:3: trial_run: dayz: Extra inputs are not permitted → remove the field"),
        ("nodes:\n  nothing_such: null\n", "本地.yaml:2: 'nothing_such' takes nothing away"),
        ("nodes:\n  first_tax:\n    unit: mars\n", "本地.yaml:3: first_tax: unknown function 'mars' → use one of host"),
        ("nodes:\n  first_tax:\n    evidence: [contract, moon]\n", "本地.yaml:3: unknown evidence 'moon'"),
        ("nodes:\n  trial_run: {after: first_tax}\n", "本地.yaml:2: trial_run: 'first_tax' is no node of completed"),
        ("nodes:\n  equipment_installed: {after: trial_run}\n", "equipment_installed: 'trial_run' is not for farming, health"),
        ("nodes:\n  equipment_installed: {after: trial_run, kinds: [industry]}\n", "equipment_installed: waits for itself"),
        ("nodes:\n  Trial: {stage: talks, zh: 一, en: One, unit: host}\n", "本地.yaml:2: Trial: key: String should match pattern"),
        ("stages: {talks: null}\n", "本地.yaml:1: a stage cannot be taken away → let another stage name the successor"),
        ("stages:\n  signed: {next: talks}\n", "the way comes back to 'talks'"),
        ("stages:\n  nowhere: {zh: 无, en: Nowhere}\n", "本地.yaml:2: nowhere: code: Input should be 'talks'"),
        ("required:\n  someday: {all: {facts: [site]}}\n", "本地.yaml:2: unknown stage 'someday'"),
        ("required:\n  signed: {mining: {facts: [site]}}\n", "本地.yaml:2: unknown kind 'mining'"),
        ("required:\n  signed: {all: {facts: [weather]}}\n", "本地.yaml:2: all: facts.0: Input should be"),
        ("required:\n  signed: {all: {facts: [of_kind.beds]}}\n", "本地.yaml:2: 'of_kind.beds' is no fact of all → write it at a kind"),
        (
            "required:\n  signed: {health: {facts: [of_kind.produce]}}\n",
            "'of_kind.produce' is no fact of health → use one of of_kind.service, of_kind.beds",
        ),
        ("required:\n  signed: {all: {said: [site]}}\n", "本地.yaml:2: all: said.0: Input should be"),
        ("required:\n  signed: {all: {evidence: [moon]}}\n", "本地.yaml:2: unknown evidence 'moon'"),
        ("tiers:\n  from_1bn: {from_yuan: 100000000}\n", "tiers do not rise from one to the next"),
        ("nodez: {}\n", "本地.yaml:1: unknown section 'nodez' → use one of functions"),
        ("nodes: [a]\n", "本地.yaml:1: `nodes:` is no mapping"),
        ("- a\n", "本地.yaml:1: the file is no mapping of sections"),
        ("nodes: {\n", "本地.yaml:2: no valid YAML"),
        ("a: &x 1\n", "本地.yaml:1: an anchor (&x)"),
    ],
)
def test_a_fault_is_told_with_file_line_and_remedy(text: str, fault: str) -> None:
    assert any(fault in said for said in faults(text)), faults(text)


def test_every_fault_is_told_at_once() -> None:
    assert len(faults("nodes:\n  trial_run: {days: x}\n  first_tax: {days: y}\nstages: {talks: null}\n")) == 3


def test_a_stage_that_is_not_there_is_a_fault_of_the_file_itself() -> None:
    text = lifecycle.shipped_text().replace("  full_capacity: {zh: 达产, en: Full capacity}\n", "")
    with pytest.raises(RulebookError, match=r"lifecycle.yaml:.*no stage full_capacity"):
        lifecycle.lifecycle_from(text.replace(", next: full_capacity", ""))
