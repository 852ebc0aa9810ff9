"""The duplicate check over the database: names however written, firms of the registry, groups; never stale, and what was undone is gone."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import factories
import fictional
from cast import Cast
from wutong.engine.filed_likeness import Kind
from wutong.web.firms.actions import remarks
from wutong.web.leads.actions import claiming, filing, informing
from wutong.web.leads.models import Claim, Compared, Lead, LeadPair
from wutong.web.leads.queries import comparing, duplicates, reasons
from wutong.web.leads.rules.claims import Outcome, PairState, Verdict
from wutong.web.leads.rules.leads import Amount

AT = factories.AT
NAME = "白榆棠岩星垣电池科技有限公司"


def met(lead: Lead) -> list[tuple[Verdict, Lead]]:
    return [(one.verdict, one.lead) for one in duplicates.met_by(lead)]


@pytest.mark.parametrize(
    ("called", "verdict"),
    [
        ("白榆棠岩星元电池科技有限公司", (Verdict.SAME, Verdict.SUSPECTED)),
        ("棠岩星垣电池", (Verdict.SAME, Verdict.SUSPECTED)),
        ("白榆棠岩星垣電池科技股份有限公司", (Verdict.SAME,)),
        (f"{NAME}临溪分公司", (Verdict.RELATED,)),
        ("青桐棠岩食品有限公司", ()),
    ],
)
def test_a_firm_is_met_however_its_name_is_written(cast: Cast, called: str, verdict: tuple[Verdict, ...]) -> None:
    first = factories.lead(cast.park_officer, name=NAME)
    factories.file(first)
    found = met(factories.lead(cast.county_officer, name=called))
    assert [lead for _said, lead in found] == [first][: len(verdict)] and {said for said, _lead in found} <= set(verdict)


def test_one_code_is_one_firm_whatever_it_is_called(cast: Cast) -> None:
    first = factories.lead(cast.park_officer, name=NAME, uscc="91990202MA0000001X")
    factories.file(first)
    assert met(factories.lead(cast.county_officer, name="临溪双穗食品有限公司", uscc="91990202 ma0000001x")) == [(Verdict.SAME, first)]


def test_another_product_of_one_firm_is_for_a_person_to_decide(cast: Cast) -> None:
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    factories.file(first)
    for lead, products in ((first, "锂电池、隔膜"), (second, "储能柜")):
        informing.describe(lead=lead, title="项目", amount=Amount(), about=informing.About(products=products), by=None, at=AT)
    (one,) = duplicates.met_by(second)
    assert (one.verdict, one.is_of_the_firm, duplicates.is_claimed([one])) == (Verdict.SUSPECTED, True, True)


def test_the_registry_knows_a_firm_by_its_former_name(cast: Cast) -> None:
    note = {"kind": "former", "name": "飞燕动力总厂", "source": "变更登记", "by": cast.bureau_officer, "at": AT}
    remarks.note_name(firm_id=fictional.firm_id(fictional.TARGET), **note)
    first = factories.lead(cast.park_officer, name=fictional.TARGET)
    factories.file(first)
    assert first.registry_id == fictional.firm_id(fictional.TARGET)
    assert met(factories.lead(cast.county_officer, name="飞燕动力总厂")) == [(Verdict.SAME, first)]


def test_what_the_registry_counts_among_one_group_is_related(cast: Cast) -> None:
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name="临溪双穗食品有限公司")
    factories.file(first)
    Lead.objects.filter(pk__in=[first.pk, second.pk]).update(registry_group="F-1")
    second.refresh_from_db()
    (one,) = duplicates.met_by(second)
    assert (one.verdict, one.reasons) == (Verdict.RELATED, (duplicates.GROUP,))


def test_what_rests_is_not_met_and_what_is_taken_up_again_is(cast: Cast) -> None:
    first = factories.lead(cast.park_officer, name=NAME)
    factories.file(first)
    claiming.release(lead=first, reason="不做", by=cast.park_officer, at=AT)
    second = factories.lead(cast.county_officer, name=NAME)
    assert met(second) == []
    claiming.take_back(lead=first, by=cast.park_officer, at=AT)
    assert met(second) == [(Verdict.SAME, first)]


def test_what_another_process_wrote_is_read_and_what_was_taken_back_forgotten(cast: Cast) -> None:
    here, there = comparing.Held(), comparing.Held()
    first = factories.lead(cast.park_officer, name=NAME)
    assert str(first.pk) in here.catch_up() and str(first.pk) in there.catch_up()
    with transaction.atomic():
        gone = factories.lead(cast.park_officer, name="白榆双穗食品有限公司")
        filing.identify(lead=first, identity=filing.Identity("白榆青岭液压有限公司"), by=None, at=AT)
        assert str(gone.pk) in here.catch_up()
        transaction.set_rollback(True)
    later = factories.lead(cast.county_officer, name="白榆三号食品有限公司")  # on SQLite with the numbers of what was taken back
    numbers = comparing.numbers()
    for one in (here, there):
        leads = one.catch_up()
        (asked,) = comparing.facts([first.pk])
        assert {str(first.pk), str(later.pk)} == {key for key in map(str, range(gone.pk + 9)) if key in leads}
        assert [row.key for row in leads.candidates(asked.__class__("asked", (NAME,)), numbers)] == [str(first.pk)]


def test_a_process_that_remembers_nothing_that_stands_reads_everything_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "REMEMBERED", 1)
    held = comparing.Held()
    one, two = factories.lead(cast.park_officer), factories.lead(cast.park_officer)
    held.catch_up()
    Compared.objects.filter(of_lead_id=two.pk).delete()
    Lead.objects.filter(pk=two.pk).delete()
    assert len(held.catch_up()) == 1 and str(one.pk) in held.leads


def test_a_lead_that_a_person_found_to_be_another_is_met_no_more(cast: Cast) -> None:
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name="棠岩星垣电池")
    factories.file(first)
    assert met(second)
    LeadPair.objects.create(
        lead=second, other=first, verdict="suspected", found_at=AT, state=PairState.APART, reason="另一家", decided_at=AT
    )
    assert met(second) == [] and factories.file(second).outcome is Outcome.FILED
    assert Claim.objects.filter(state="open").count() == 2


def test_every_reason_has_words_and_says_what_stands_in_either(cast: Cast) -> None:
    assert set(Kind) | {duplicates.GROUP, "uscc", "further_name"} == set(reasons.WORDS)
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME.replace("垣", "元"))
    factories.file(first)
    filed = factories.file(second)
    assert filed.filing.matches.get().reasons[0] in reasons.WORDS
    told = {one.code: one for one in reasons.between(second, first).reasons}
    assert (told["slip"].ours, told["slip"].theirs, told["slip"].is_against) == ("元", "垣", False)
    assert reasons.in_words(["slip", "short_fit", "uscc"]) == tuple(reasons.Told(code, reasons.WORDS[code]) for code in (Kind.SLIP, "uscc"))


def test_a_question_asks_the_database_so_often_and_not_more_with_more_leads(cast: Cast) -> None:
    mine, counts = factories.lead(cast.county_officer, name=NAME), []
    for number in range(6):
        name = f"白榆棠岩星{'一二三四五六'[number]}电池科技有限公司" if number else NAME
        factories.file(factories.lead(cast.park_officer, name=name))
        if number in {0, 5}:
            duplicates.met_by(mine)
            with CaptureQueriesContext(connection) as asked:
                assert duplicates.met_by(mine)
            counts.append(len(asked))
    assert counts[0] == counts[1] <= 16
