"""A run: facts out of records and figures, frozen for ever, approved by a second person, superseded after an objection."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.utils import translation

from cast import Cast
from web.assessment.assessed import AT, TEXT, after_notice, approved, drafted, figure
from web.assessment.assessed import published as published_run
from wutong.web.assessment.actions import figures, objections, ranking, runs, schemes
from wutong.web.assessment.actions.figures import Said
from wutong.web.assessment.models import FactEntry, Objection, Run, RunUnit, Scheme, SchemeVersion
from wutong.web.assessment.queries import gathering, pages, refusals, results, run_duties, run_lists
from wutong.web.assessment.rules.runs import ObjectionState, Refusal, RunFacts, RunState, RunStep, Standing, ValueState, refusals_to_step
from wutong.web.audit.models import Entry


def row(run: Run, cast: Cast, unit: str) -> RunUnit:
    return RunUnit.objects.get(run=run, unit=cast.units[unit])


def test_points_come_from_the_figures_and_rank_the_units(run: Run, cast: Cast) -> None:
    county, zone = row(run, cast, "county"), row(run, cast, "zone")
    assert (county.total_points, county.rank) == (Decimal(36), 1)
    assert (zone.total_points, zone.rank) == (Decimal(32), 2)
    assert county.facts["facts"]["started"] == "0", "nothing was started, which is zero and not missing"


def test_what_was_not_entered_is_missing_and_no_zero(scheme: Scheme, cast: Cast) -> None:
    said = Said(ValueState.MISSING)
    figure(scheme, cast, "satisfied", "zone", "", said=said, reason="月报撤回")
    found = drafted(scheme, cast)
    zone = row(found, cast, "zone")
    item = next(one for one in zone.result["items"] if one["id"] == "satisfied")
    assert (zone.total_points, zone.rank, item["state"], item["points"]) == (None, None, "missing", None)


def test_a_run_worked_out_again_from_what_it_kept_gives_the_same(run: Run) -> None:
    again = {one.unit: results.plain(one) for one in results.scored(run).results}
    assert again == {one.name: one.result for one in run.units.all()}
    assert pages.is_sound(run)


def test_the_database_refuses_to_change_what_was_frozen(run: Run) -> None:
    for change in (
        lambda: RunUnit.objects.filter(run=run).update(total_points=Decimal(99)),
        lambda: RunUnit.objects.filter(run=run).delete(),
        lambda: Run.objects.filter(pk=run.pk).update(digest="0" * 64),
        lambda: Run.objects.filter(pk=run.pk).update(state="draft"),
        lambda: FactEntry.objects.update(value="100"),
        lambda: SchemeVersion.objects.filter(pk=run.version_id).update(text="x"),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            change()


def test_a_draft_may_be_worked_out_anew_and_a_frozen_run_not(scheme: Scheme, cast: Cast) -> None:
    found = drafted(scheme, cast)
    figure(scheme, cast, "satisfied", "zone", "100", reason="更正")
    again = runs.compute(run=runs.again(run=found, by=cast.assessor, at=AT), by=cast.assessor, at=AT)
    assert row(again, cast, "zone").total_points == Decimal(40)
    frozen = runs.freeze(run=again, by=cast.assessor, at=AT)
    with pytest.raises(runs.Refused):
        runs.again(run=frozen, by=cast.assessor, at=AT)
    assert runs.compute(run=frozen, by=cast.assessor, at=AT).digest == frozen.digest


def test_a_run_whose_facts_cannot_be_taken_says_so_in_the_language_of_the_office(
    scheme: Scheme, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    found = drafted(scheme, cast)
    read = gathering.given
    monkeypatch.setattr(gathering, "given", lambda *told: replace(read(*told), facts={"nobody": 1}))
    with translation.override("zh-hans"):
        failed = runs.compute(run=runs.again(run=found, by=cast.assessor, at=AT), by=cast.assessor, at=AT)
    assert failed.state == "failed"
    assert failed.fault.startswith("第 1 行 ") and "，nobody：“1” → 应为规则声明的数据项：" in failed.fault, failed.fault


def test_whoever_worked_it_out_does_not_approve_it(scheme: Scheme, cast: Cast) -> None:
    found = runs.freeze(run=drafted(scheme, cast, by=cast.bureau_leader), by=cast.bureau_leader, at=AT)
    with pytest.raises(runs.Refused) as refused:
        runs.approve(run=found, by=cast.bureau_leader, at=after_notice(found))
    assert refused.value.refusals == (Refusal.SAME_PERSON,)
    with pytest.raises(runs.NotAllowed):
        runs.approve(run=found, by=cast.assessor, at=AT)
    assert runs.approve(run=found, by=cast.vice_mayor, at=after_notice(found)).state == "approved"


def test_without_a_rule_for_the_day_there_is_no_run(scheme: Scheme, cast: Cast) -> None:
    with pytest.raises(runs.Refused) as refused:
        runs.draft(scheme=scheme, title="x", starts_on=dt.date(2025, 1, 1), on=dt.date(2025, 2, 1), by=cast.assessor, at=AT)
    assert refused.value.refusals == (Refusal.NO_RULE,)


def test_an_objection_is_decided_by_another_before_the_run_is_approved(run: Run, cast: Cast, scheme: Scheme) -> None:
    objection = objections.file(
        row=row(run, cast, "zone"), item="satisfied", text="应为 95", evidence="函 3 号", by=cast.park_officer, at=AT
    )
    with pytest.raises(runs.Refused) as refused:
        runs.approve(run=run, by=cast.bureau_leader, at=after_notice(run))
    assert refused.value.refusals == (Refusal.OPEN_OBJECTIONS,)
    with pytest.raises(objections.Refused):
        objections.decide(objection=objection, state=ObjectionState.UPHELD, reason="属实", correction="", by=cast.assessor, at=AT)
    decided = objections.decide(
        objection=objection, state=ObjectionState.UPHELD, reason="属实", correction="80 改 95", by=cast.assessor, at=AT
    )
    assert decided.state == "upheld" and row(run, cast, "zone").total_points == Decimal(32), "the run itself stays as it was"
    figure(scheme, cast, "satisfied", "zone", "95", reason="申诉成立")
    later = drafted(scheme, cast, supersedes=run)
    assert later.supersedes == run and row(later, cast, "zone").rank == 1
    assert published_run(runs.freeze(run=later, by=cast.assessor, at=AT), cast).state == "published"
    with pytest.raises(objections.Refused) as again:
        objections.decide(objection=decided, state=ObjectionState.DISMISSED, reason="x", correction="", by=cast.bureau_leader, at=AT)
    assert again.value.refusals == (Refusal.DECIDED_ALREADY,)


def upheld(run: Run, cast: Cast) -> None:
    """An objection of the zone to the run, upheld."""
    filed = objections.file(row=row(run, cast, "zone"), item="satisfied", text="应为 95", evidence="", by=cast.park_officer, at=AT)
    objections.decide(objection=filed, state=ObjectionState.UPHELD, reason="属实", correction="80 改 95", by=cast.assessor, at=AT)


def test_a_run_to_which_an_objection_was_upheld_is_never_approved_but_may_be_sent_back(run: Run, cast: Cast, scheme: Scheme) -> None:
    upheld(run, cast)
    day = AT.date() + dt.timedelta(days=60)
    assert run_duties.approval_rows(cast.bureau_leader, day).exists(), "it waits to be sent back"
    instead = drafted(scheme, cast, supersedes=run)
    assert not run_duties.approval_rows(cast.bureau_leader, day).exists(), "another run takes its place"
    assert run_lists.taking_the_place_of(cast.assessor, run) == [instead], "its page says so to whoever may see it"
    assert run_lists.taking_the_place_of(cast.park_officer, run) == []
    with pytest.raises(runs.Refused) as refused:
        runs.approve(run=run, by=cast.bureau_leader, at=after_notice(run))
    assert refused.value.refusals == (Refusal.UPHELD_OBJECTIONS,)
    for language, word in (("zh-hans", "有申诉已成立"), ("en", "was upheld")):
        with translation.override(language):
            assert word in " ".join(refusals.in_words(refused.value.refusals))
    assert runs.withdraw(run=run, step=RunStep.SEND_BACK, reason="申诉成立", by=cast.bureau_leader, at=AT).state == "withdrawn"


@pytest.mark.parametrize("upheld_count, refused", [(0, ()), (1, (Refusal.UPHELD_OBJECTIONS,))])
def test_an_approved_run_is_published_only_without_an_upheld_objection(upheld_count: int, refused: tuple[Refusal, ...]) -> None:
    facts = RunFacts(RunState.APPROVED, frozenset(), upheld_objections=upheld_count)
    assert refusals_to_step(facts, RunStep.PUBLISH, actor_id=1, on=AT.date()) == refused


def test_an_objection_reads_the_run_as_it_stands_and_not_as_the_page_had_it(run: Run, cast: Cast) -> None:
    held = row(run, cast, "zone")
    assert held.run.state == "frozen"
    runs.approve(run=run, by=cast.bureau_leader, at=after_notice(run))
    with pytest.raises(objections.Refused) as refused:
        objections.file(row=held, item="satisfied", text="应为 95", evidence="", by=cast.park_officer, at=AT)
    assert refused.value.refusals == (Refusal.WRONG_STATE,)


def test_a_unit_objects_to_its_own_points_only(run: Run, cast: Cast) -> None:
    with pytest.raises(objections.NotAllowed):
        objections.file(row=row(run, cast, "county"), item="satisfied", text="x", evidence="", by=cast.park_officer, at=AT)
    with pytest.raises(objections.Refused) as refused:
        objections.file(row=row(run, cast, "zone"), item="nothing", text="x", evidence="", by=cast.park_officer, at=AT)
    assert refused.value.refusals == (Refusal.UNKNOWN_ITEM,)
    assert not Objection.objects.exists()


def test_a_unit_sees_its_own_points_and_of_others_what_is_told(published: Run, scheme: Scheme, cast: Cast) -> None:
    seen = RunUnit.objects.visible_to(cast.park_officer)
    assert [one.name for one in seen] == ["青桐高新区"]
    told = ranking.ranking(run=published, by=cast.park_officer, at=AT)
    assert [(one.unit, one.rank) for one in told] == [("临溪县", 1), ("青桐高新区", 2)]
    assert Entry.objects.get(action="assessment.tell_ranking").by == cast.park_officer


def test_the_ranking_is_told_of_published_runs_only_and_to_those_measured(run: Run, cast: Cast) -> None:
    for person in (cast.park_officer, cast.other_officer, cast.no_role):
        with pytest.raises(ranking.NotAllowed):
            ranking.ranking(run=run, by=person, at=AT)
    assert not Entry.objects.filter(action="assessment.tell_ranking").exists()


def test_what_would_move_a_unit_up_is_worked_out_by_the_rule(published: Run, cast: Cast) -> None:
    lines = ranking.next_place(row=row(published, cast, "zone"), by=cast.park_officer, at=AT)
    by_fact = {one.fact: one for one in lines}
    assert lines[0].above == "临溪县" and lines[0].above_points == Decimal(36)
    assert by_fact["开工项目"].needed == 1, "one project of two is 30 points more"
    assert Decimal("89.9") < by_fact["满意度"].needed <= 90, "rounded it is as many points, and equals share the place"
    with pytest.raises(ranking.NotAllowed):
        ranking.next_place(row=row(published, cast, "county"), by=cast.park_officer, at=AT)


def test_a_draft_is_seen_by_those_only_who_keep_the_scheme(scheme: Scheme, cast: Cast) -> None:
    drafted(scheme, cast)
    assert not Run.objects.visible_to(cast.park_officer).exists()
    assert not RunUnit.objects.visible_to(cast.park_officer).exists()
    assert Run.objects.visible_to(cast.bureau_leader).count() == 1
    assert not Run.objects.visible_to(cast.other_leader).exists()


def test_a_figure_is_corrected_for_a_reason_and_the_old_one_stays(scheme: Scheme, cast: Cast) -> None:
    with pytest.raises(figures.Refused) as refused:
        figure(scheme, cast, "satisfied", "zone", "85")
    assert refused.value.refusals == (Refusal.REASON_MISSING,)
    new = figure(scheme, cast, "satisfied", "zone", "85", reason="补报")
    assert new.corrects.value == "80"
    assert FactEntry.objects.standing().filter(fact="satisfied", unit=cast.units["zone"]).get() == new


@pytest.mark.parametrize(
    ("fact", "value", "why"),
    [
        ("funds", "3", Refusal.COMPUTED_FACT),
        ("nothing", "3", Refusal.UNKNOWN_FACT),
        ("target", "许多", Refusal.NOT_READABLE),
        ("target", "3亿元", Refusal.NOT_READABLE),
        ("target", "不适用", Refusal.NOT_READABLE),
    ],
)
def test_a_figure_that_cannot_be_taken_is_refused(scheme: Scheme, cast: Cast, fact: str, value: str, why: Refusal) -> None:
    with pytest.raises(figures.Refused) as refused:
        figure(scheme, cast, fact, "zone", value, reason="x")
    assert why in refused.value.refusals


def test_a_unit_says_its_own_word_which_is_shown_and_not_scored(scheme: Scheme, cast: Cast) -> None:
    figure(scheme, cast, "funds", "zone", "12.5", standing=Standing.OWN, by=cast.park_officer)
    with pytest.raises(figures.NotAllowed):
        figure(scheme, cast, "funds", "county", "9", standing=Standing.OWN, by=cast.park_officer)
    with pytest.raises(figures.NotAllowed):
        figure(scheme, cast, "target", "zone", "9", by=cast.park_officer, reason="x")
    zone = row(drafted(scheme, cast), cast, "zone")
    assert zone.facts["own"] == {"funds": "12.5"} and zone.facts["facts"]["funds"] == "0"


def test_a_run_that_was_withdrawn_says_why_and_stays(run: Run, cast: Cast) -> None:
    with pytest.raises(runs.Refused):
        runs.withdraw(run=run, step=RunStep.WITHDRAW, reason=" ", by=cast.assessor, at=AT)
    assert runs.withdraw(run=run, step=RunStep.WITHDRAW, reason="口径有误", by=cast.assessor, at=AT).state == "withdrawn"
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        RunUnit.objects.filter(run=run).delete()


def test_a_rule_is_approved_by_a_second_person_and_without_faults(scheme: Scheme, cast: Cast) -> None:
    version = schemes.begin(scheme=scheme, by=cast.assessor, at=AT)
    bad = schemes.rewrite(version=version, text=TEXT.replace("funds.recognised", "funds.nothing"), by=cast.assessor, at=AT)
    with pytest.raises(schemes.VersionRefused):
        schemes.submit(version=bad, note="x", by=cast.assessor, at=AT)
    undone = schemes.undo(version=bad, by=cast.assessor, at=AT)
    assert undone.text == TEXT
    with pytest.raises(schemes.VersionRefused):
        schemes.begin(scheme=scheme, by=cast.bureau_leader, at=AT)


def test_members_are_of_groups_that_the_rule_has_for_twelve_months(scheme: Scheme, cast: Cast) -> None:
    county = cast.units["county"]
    for members in ([(county, "parks", 12)], [(county, "counties", 6)]):
        with pytest.raises(schemes.Refused):
            schemes.set_members(scheme=scheme, members=members, by=cast.assessor, at=AT)
    assert scheme.members.count() == 2


def test_another_version_is_tried_on_the_facts_of_an_old_run(run: Run, scheme: Scheme, cast: Cast) -> None:
    from wutong.web.assessment.queries import comparisons

    other = approved(scheme, cast, TEXT.replace("product: [satisfied, 40]", "product: [satisfied, 20]").replace("points: 40", "points: 20"))
    found = comparisons.compared(cast.assessor, run, version_id=other.public_id)
    assert {one.unit: (one.total_before, one.total_after) for one in found.moved} == {"临溪县": ("36", "18"), "青桐高新区": ("32", "16")}
    assert found.moved[0].items[0].title == "企业满意度" and "20" in found.moved[0].items[0].why[0]


def test_a_new_years_rule_is_tried_on_an_old_run_and_kept_nowhere(run: Run, scheme: Scheme, cast: Cast) -> None:
    from wutong.web.assessment.queries import comparisons

    coming = schemes.make(code="counties_2027", title="2027 年县区考核", unit=cast.units["bureau"], by=cast.assessor, at=AT)
    text = TEXT.replace("counties_2026", "counties_2027").replace("from: 2026-01-01, to: 2027", "from: 2027-01-01, to: 2028")
    version = approved(coming, cast, text.replace("unit: percent}", "unit: 分}").replace("[satisfied, 40]", "[satisfied, 0.4]"))
    before = (Run.objects.count(), RunUnit.objects.count())
    found = comparisons.compared(cast.assessor, run, version_id=version.public_id)
    assert [one.unit for one in found.moved] == ["临溪县", "青桐高新区"] and found.moved[0].total_after == "缺数据"
    assert found.moved[0].items[0].why[1] == "满意度: 90 → 缺数据"
    assert "2027-01-01" in found.trial[0] and "不能冻结" in found.trial[1] and "满意度" in found.trial[2]
    assert (Run.objects.count(), RunUnit.objects.count()) == before
    with pytest.raises(runs.Refused):
        runs.draft(scheme=coming, title="", starts_on=run.starts_on, on=run.on, by=cast.assessor, at=AT)
    assert (str(version.public_id), "同一数据、2027 年县区考核第 1 版") in [one[1:] for one in comparisons.others(cast.assessor, run)]
