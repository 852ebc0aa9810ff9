"""An existing ledger of leads is taken over: faults in words, claims by filing day, pairs that a person decides about, undone whole."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.engine import columns
from wutong.web.batches.actions import undoing
from wutong.web.batches.queries import checking
from wutong.web.jobs.models import Message
from wutong.web.leads.actions import claiming, guarding, informing, ledger, pairing
from wutong.web.leads.models import LEAD_KINDS, Claim, ClaimShare, Compared, Lead, LeadPair, Progress
from wutong.web.leads.queries import clocks, decisions, duplicates
from wutong.web.leads.queries import ledger as queries
from wutong.web.leads.rules.claims import ClaimState, PairState
from wutong.web.leads.rules.leads import Refusal
from wutong.web.lib import exchange, warehouse
from wutong.web.lib.exchange import Batch, SheetRow, Written, importings

AT = factories.AT
NAME = "白榆棠岩星垣电池科技有限公司"


def row(number: int, **values: Any) -> SheetRow:
    given = {"title": f"线索{number}", "unit": "青桐高新区", "owner": "park_officer", **values}
    return SheetRow(number, {name: value for name, value in given.items() if value is not None})


def taken(by: Any, *rows: SheetRow) -> Written:
    return ledger.take_over(rows=rows, batch=Batch("台账.xlsx", "0" * 64, {}, {}, len(rows)), by=by, at=AT)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_row_becomes_a_lead_with_its_claim_share_and_progress(cast: Cast) -> None:
    made = taken(cast.bureau_leader, row(
        2, name=NAME, uscc="91990202ma0000001x", filed_on=day("2025-03-04"), protected_until=day("2026-12-31"), stage="talks",
        progress="已两次面谈", progress_on=day("2026-02-01"), source="青桐市商会", products="锂电池", received_on=day("2025-03-01"),
    ))  # fmt: skip
    lead, claim = Lead.objects.get(), Claim.objects.get()
    assert (lead.unit, lead.owner, lead.stage, lead.source_kind, lead.source_text) == (
        cast.units["zone"], cast.park_officer, "talks", "partner", "青桐市商会",
    )  # fmt: skip
    assert (claim.state, timezone.localtime(claim.filed_at).date(), claim.protected_until) == ("open", day("2025-03-04"), day("2026-12-31"))
    assert claim.last_progress_on == day("2026-02-01") and Progress.objects.get().text == "已两次面谈"
    assert ClaimShare.objects.get().share_basis_points == 10_000
    assert {one.record._meta.label for one in made.made} == {"leads.Lead", "leads.Claim", "leads.ClaimShare", "leads.Progress"}
    mine = factories.lead(cast.county_officer, name="棠岩星垣电池")
    assert [met.lead for met in duplicates.met_by(mine)] == [lead]


def test_the_clock_of_a_row_begins_on_the_day_it_is_taken_over_and_past_triage_asks_for_no_answer(cast: Cast) -> None:
    """Nobody knows whether whoever gave an old lead was answered."""
    made = {stage: taken(cast.bureau_leader, row(n, stage=stage, source="青桐市商会")) for n, stage in enumerate(("logged", "talks"), 2)}
    leads = {stage: written.made[0].record for stage, written in made.items()}
    days = {stage: (lead.triage_due_on, lead.answer_due_on, Lead.objects.get(pk=lead.pk).clock_on) for stage, lead in leads.items()}
    triage, answer = clocks.triage_due(AT.date()).date, clocks.answer_due(AT.date()).date
    assert days == {"logged": (triage, answer, triage), "talks": (None, None, None)}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"unit": "白榆市招商局"}, "unit"),
        ({"unit": "没有的单位"}, "unit"),
        ({"owner": "other_officer"}, "owner"),
        ({"currency": "USD"}, "currency"),
        ({"filed_on": day("2025-03-04")}, "name"),
        ({"name": NAME, "filed_on": day("2999-01-01")}, "filed_on"),
        ({"protected_until": day("2025-03-04")}, "filed_on"),
        ({"name": NAME, "filed_on": day("2025-03-04"), "protected_until": day("2025-03-03")}, "protected_until"),
        ({"progress_on": day("2025-03-04")}, "progress"),
    ],
)
def test_what_is_wrong_is_told_with_its_column(cast: Cast, values: dict[str, Any], field: str) -> None:
    (verdict,) = queries.judge(rows=[row(2, **values)], given={}, by=cast.bureau_leader)
    assert verdict.kind == "bad" and field in {name for name, _told in verdict.found}
    assert taken(cast.bureau_leader, row(2, **values)).left and not Lead.objects.exists()


def test_cells_are_read_by_their_columns(cast: Cast) -> None:
    read = {column.field.name: column.field.read for column in queries.columns(cast.bureau_leader)}
    assert (read["kind"]("项目"), read["stage"]("在谈"), read["currency"]("usd"), str(read["amount"]("1，200.5"))) == (
        "project", "talks", "USD", "1200.50",
    )  # fmt: skip
    assert read["filed_on"]("2025年3月4日") == day("2025-03-04")
    for name, text in (
        ("amount", "-1"),
        ("amount", "五千"),
        ("currency", "美元"),
        ("stage", "签约"),
        ("filed_on", "去年"),
        ("title", "长" * 121),
    ):
        with pytest.raises(ValueError, match=r".*"):
            read[name](text)
    units = next(column.choices for column in queries.columns(cast.bureau_leader) if column.field.name == "unit")
    assert "青桐高新区" in units and "白榆市招商局" not in units


def test_of_one_firm_twice_the_first_by_filing_day_is_in_force_and_the_other_waits(cast: Cast) -> None:
    taken(
        cast.bureau_leader,
        row(2, name=NAME, filed_on=day("2025-06-01")),
        row(3, name=NAME.replace("垣", "元"), filed_on=day("2024-01-01"), unit="临溪县", owner="county_officer"),
    )
    by_title = {claim.lead.title: claim.state for claim in Claim.objects.all()}
    assert by_title == {"线索3": "open", "线索2": "waiting"}
    pair = LeadPair.objects.get()
    assert (pair.state, pair.found_in) == (PairState.OPEN, "台账.xlsx")
    seen = LeadPair.objects.get_queryset()
    assert list(seen.visible_to(cast.bureau_leader)) == [pair] and not seen.visible_to(cast.county_officer)  # type: ignore[attr-defined]


def test_a_row_that_meets_what_another_unit_filed_waits_and_the_file_again_makes_nothing(cast: Cast) -> None:
    first = factories.lead(cast.county_officer, name=NAME)
    factories.file(first)
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=day("2024-01-01")))
    pair = LeadPair.objects.get()
    assert (pair.other, pair.lead.claims.get().state) == (first, "waiting")
    assert [verdict.kind for verdict in queries.judge(rows=[row(2, name=NAME)], given={}, by=cast.bureau_leader)] == ["same"]
    assert not taken(cast.bureau_leader, row(2, name=NAME, filed_on=day("2024-01-01"))).made and Lead.objects.count() == 2


def two(cast: Cast) -> LeadPair:
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=day("2025-06-01")))
    taken(cast.bureau_leader, row(3, name=NAME, filed_on=day("2024-01-01"), unit="临溪县", owner="county_officer"))
    return LeadPair.objects.get()


def states() -> dict[str, str]:
    return {claim.lead.title: claim.state for claim in Claim.objects.select_related("lead")}


def test_one_lead_that_was_filed_first_goes_on_and_the_word_can_be_taken_back(cast: Cast) -> None:
    pair = two(cast)
    assert states() == {"线索2": "open", "线索3": "waiting"}
    pairing.one_lead(pair=pair, reason="同一家", by=cast.bureau_leader, at=AT)
    assert states() == {"线索2": "ended", "线索3": "open"} and Lead.objects.get(title="线索2").merged_into.title == "线索3"
    with pytest.raises(guarding.Refused), transaction.atomic():
        pairing.two_leads(pair=pair, reason="再说", by=cast.bureau_leader, at=AT)
    pairing.undo(pair=pair, by=cast.bureau_leader, at=AT)
    pair.refresh_from_db()
    assert states() == {"线索2": "open", "线索3": "waiting"} and pair.state == PairState.OPEN
    assert not Lead.objects.exclude(state="open").exists()


def test_two_leads_are_both_in_force_until_the_word_is_taken_back(cast: Cast) -> None:
    pair = two(cast)
    pairing.two_leads(pair=pair, reason="二期项目", by=cast.bureau_leader, at=AT)
    assert states() == {"线索2": "open", "线索3": "open"} and Claim.objects.get(lead=pair.lead).another_project == "二期项目"
    assert duplicates.met_by(pair.lead) == ()
    pairing.undo(pair=pair, by=cast.bureau_leader, at=AT)
    assert states() == {"线索2": "open", "线索3": "waiting"}


def test_a_word_stands_once_something_came_of_it(cast: Cast) -> None:
    pair = two(cast)
    pairing.one_lead(pair=pair, reason="同一家", by=cast.bureau_leader, at=AT)
    claiming.release(lead=Lead.objects.get(title="线索3"), reason="不做", by=cast.county_officer, at=AT)
    with pytest.raises(guarding.Refused) as stopped, transaction.atomic():
        pairing.undo(pair=pair, by=cast.bureau_leader, at=AT)
    assert stopped.value.refusals == (Refusal.PAIR_CHANGED,)


def test_who_may_not_direct_both_units_says_nothing_about_them(cast: Cast) -> None:
    pair = two(cast)
    for person in (cast.park_officer, cast.county_officer, cast.other_leader):
        with pytest.raises(guarding.NotAllowed), transaction.atomic():
            pairing.one_lead(pair=pair, reason="同一家", by=person, at=AT)
    with pytest.raises(guarding.Refused) as stopped, transaction.atomic():
        pairing.one_lead(pair=pair, reason=" ", by=cast.bureau_leader, at=AT)
    assert stopped.value.refusals == (Refusal.REASON_MISSING,)
    with pytest.raises(guarding.NotAllowed):
        taken(cast.park_officer, row(4))


def test_a_confidential_lead_is_not_told_of_and_yet_the_claim_waits(cast: Cast) -> None:
    secret = factories.lead(cast.county_officer, name=NAME)
    factories.file(secret)
    informing.keep_lead_confidential(lead=secret, code_name="甲项目", by=cast.county_officer, at=AT)
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=day("2024-01-01")))
    assert states()["线索2"] == ClaimState.WAITING
    assert not LeadPair.objects.get_queryset().visible_to(cast.bureau_leader).exists()  # type: ignore[attr-defined]


def test_the_page_shows_both_sides_and_takes_a_word(client_of: Any, cast: Cast) -> None:
    from architecture.test_access_sweep import text_of

    client: Client = client_of("bureau_leader")
    assert "没有待判断的线索对" in client.get("/leads/pairs/").content.decode()
    pair = two(cast)
    page = client.get("/leads/pairs/?file=台账.xlsx").content.decode()
    assert page.index("线索3") < page.index("线索2") and "名称（含曾用名）相同" in page and "2024-01-01" in page
    assert client.get("/leads/pairs/?text=没有").status_code == 200
    assert client.post(f"/leads/pairs/{pair.public_id}/same/", {}).status_code == 302
    pair.refresh_from_db()
    assert pair.state == PairState.OPEN, "a word needs a reason"
    client.post(f"/leads/pairs/{pair.public_id}/same/", {"reason": "同一家", "back": "/leads/pairs/?state=all"})
    pair.refresh_from_db()
    assert pair.state == PairState.SAME and "撤回" in client.get("/leads/pairs/?state=all").content.decode()
    assert "同一家" in text_of(client.get("/leads/pairs/export/?state=all"))
    client.post(f"/leads/pairs/{pair.public_id}/undo/")
    pair.refresh_from_db()
    assert pair.state == PairState.OPEN
    assert client_of("park_officer").post(f"/leads/pairs/{pair.public_id}/same/", {"reason": "x"}).status_code == 404


def test_the_whole_import_is_undone_unless_something_stands_on_it(cast: Cast) -> None:
    from wutong.web.batches.actions import imports
    from wutong.web.batches.models import ImportBatch

    assert "leads.ledger" in importings()
    batch = factories.import_batch(cast.bureau_leader, kind="leads.ledger", state="writing")
    written = taken(
        cast.bureau_leader, row(2, name=NAME, filed_on=day("2025-06-01"), progress="面谈"), row(3, name=NAME, filed_on=day("2024-01-01"))
    )
    imports._remember(batch, written.made)
    ImportBatch.objects.filter(pk=batch.pk).update(state="undoing", made_count=len(written.made))
    pair = LeadPair.objects.get()
    pairing.one_lead(pair=pair, reason="同一家", by=cast.bureau_leader, at=AT)
    with pytest.raises(undoing.StandsOn), transaction.atomic():
        undoing.undo_piece(batch=batch, by=cast.bureau_leader, at=AT)
    pairing.undo(pair=pair, by=cast.bureau_leader, at=AT)
    assert undoing.undo_piece(batch=batch, by=cast.bureau_leader, at=AT) == len(written.made)
    for model in (Lead, Claim, ClaimShare, Progress, LeadPair):
        assert not model.objects.exists(), model
    assert Compared.objects.exists()
    assert duplicates.met_by(factories.lead(cast.county_officer, name=NAME)) == ()


def test_whose_lead_ends_in_another_is_told_why_and_told_when_that_is_taken_back(cast: Cast) -> None:
    pair = two(cast)
    ended = Lead.objects.get(title="线索2")
    pairing.one_lead(pair=pair, reason="同一家，县里先报", by=cast.bureau_leader, at=AT)
    told = Message.objects.get(to=cast.park_officer, key__startswith="leads:merged:")
    assert "首报终止" in told.title and "同一家，县里先报" in told.text and told.address == f"/leads/all/{ended.public_id}/"
    assert not Message.objects.filter(to=cast.county_officer, key__startswith="leads:merged:").exists()
    pairing.undo(pair=pair, by=cast.bureau_leader, at=AT)
    assert Message.objects.get(key__startswith="leads:unmerged:").to == cast.park_officer


def test_a_pair_is_merged_by_a_button_that_names_what_it_ends_and_not_by_enter(client_of: Any, cast: Cast) -> None:
    two(cast)
    page = client_of("bureau_leader").get("/leads/pairs/").content.decode()
    form = page[page.index("/same/") :].partition("</form>")[0]
    buttons = re.findall("<button[^>]*>", form)
    assert "disabled" in buttons[0] and "首报终止且不留份额" in buttons[1] and "data-confirm" in buttons[1]
    assert "首报终止且不留份额" in re.sub("<[^>]*>", "", form), "it is said where no script runs too"


def test_a_pair_can_be_decided_on_a_phone(client_of: Any, cast: Cast) -> None:
    """On a narrow screen a cell is shown only as a fact, and its label stands in the cell."""
    two(cast)
    page = client_of("bureau_leader").get("/leads/pairs/").content.decode()
    assert re.search('<td class="fact[^>]*data-label="您的判断"', page)
    assert re.search('<td class="num fact" data-label="把握[^"]*">[0-9.]+ %<', page)


def column(by: Any, name: str) -> Any:
    return next(one for one in queries.columns(by) if one.field.name == name)


def test_a_chain_is_found_by_its_name_and_else_refused_with_those_there_are(client_of: Any, cast: Cast) -> None:
    chain = column(cast.bureau_leader, "chain")
    assert {chain.field.read(text) for text in ("动力电池", "power-battery")} == {"power-battery"}
    assert chain.field.read("先进装备") == "advanced-equipment"
    with pytest.raises(ValueError, match="没有的链"):
        chain.field.read("没有的链")
    assert "先进装备" in str(chain.field.expected) and "动力电池" in chain.choices
    taken(cast.bureau_leader, row(2, name=NAME, chain="power-battery"))
    client: Client = client_of("bureau_leader")
    assert "线索2" in client.get("/leads/all/?segment=power-battery").content.decode()
    lead = Lead.objects.get()
    assert "动力电池" in client.get(f"/leads/all/{lead.public_id}/").content.decode()
    form = client.get(f"/leads/all/{lead.public_id}/describe/").content.decode()
    assert '<option value="power-battery/" selected>' in form, "who changes the note does not lose the chain"


def test_a_code_of_the_registry_ties_the_lead_to_its_firm_and_a_name_alone_does_not(cast: Cast) -> None:
    firm = next(one for one in columns.of(warehouse.served()).frame.iter_rows(named=True) if one["uscc"])
    taken(cast.bureau_leader, row(2, uscc=firm["uscc"]), row(3, name=firm["name"]))
    by_title = {lead.title: lead for lead in Lead.objects.select_related("firm")}
    assert by_title["线索2"].firm.firm_id == firm["firm_id"] and by_title["线索2"].name == firm["name"]
    assert by_title["线索3"].firm is None
    again = queries.judge(rows=[row(2, uscc=firm["uscc"]), row(3, name=firm["name"])], given={}, by=cast.bureau_leader)
    assert [verdict.kind for verdict in again] == ["same", "same"]


@pytest.mark.parametrize("source", ["自行掌握", "Own work", None])
def test_own_work_is_nobodys_information_and_asks_for_no_answer(cast: Cast, source: str | None) -> None:
    taken(cast.bureau_leader, row(2, source=source))
    lead = Lead.objects.get()
    assert (lead.source_kind, lead.source_text, lead.answer_due_on) == ("own", "", None)


def test_a_choice_that_is_none_is_refused_with_those_there_are(cast: Cast) -> None:
    said = str(column(cast.bureau_leader, "kind").field.expected)
    assert all(str(label) in said for label in LEAD_KINDS.values()) and "等" not in said
    many = str(exchange.one_of(tuple(f"第{n}" for n in range(12))))
    assert "第9" in many and "第10" not in many and many.endswith("等")


def test_all_faults_of_a_row_are_told_at_once_and_how_many_will_wait(cast: Cast, settings: Any, tmp_path: Any) -> None:
    """The owner is looked at though the stage of the row cannot be read."""
    settings.DATA = tmp_path
    text = "线索名称,企业名称,单位,负责人,阶段\n" + "".join(
        f"线索{n},{name},青桐高新区,{owner},{stage}\n"
        for n, (name, owner, stage) in enumerate(((NAME, "park_officer", ""), (NAME, "park_officer", ""), (NAME, "没有的人", "签约")))
    )
    batch = factories.import_batch(cast.bureau_leader, kind="leads.ledger", file_name="台账.csv")
    batch.path.mkdir(parents=True)
    (batch.path / "file").write_text(text)
    found = checking.examine(batch, "one", None)
    assert (found.counts["new"], found.counts["bad"], found.counts["waits"]) == (2, 1, 1)
    batch.check_name = "one"
    told = {column: said for _row, column, _value, said in checking.faults(batch, 0, 10)}
    assert set(told) == {"负责人", "阶段"} and "在谈" in told["阶段"]


def test_what_another_unit_has_is_not_told_by_a_preview(cast: Cast) -> None:
    hidden, known = factories.lead(cast.other_officer, name=NAME), factories.lead(cast.county_officer, name="临溪双穗食品有限公司")
    rows = [row(2, name=hidden.name), row(3, name=known.name)]
    assert [verdict.waits for verdict in queries.judge(rows=rows, given={}, by=cast.bureau_leader)] == [False, True]


def test_whoever_imported_is_led_to_pairs_only_where_one_waits_for_his_word(cast: Cast) -> None:
    opens = importings()["leads.ledger"].opens
    notes = taken(cast.bureau_leader, row(2, name=NAME)).notes
    assert opens(notes, cast.bureau_leader).startswith(f"/leads/all/?state=all&logged_from={AT.date()}")
    taken(cast.bureau_leader, row(3, name=NAME, unit="临溪县", owner="county_officer"))
    assert opens(notes, cast.bureau_leader).startswith("/leads/pairs/?file=")
    assert opens(notes, cast.park_officer).startswith("/leads/all/?")


def test_what_a_ledger_brought_waits_since_it_was_taken_over_and_leads_to_its_pair(cast: Cast, client_of: Callable[[str], Client]) -> None:
    factories.file(factories.lead(cast.county_officer, name=NAME))
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=day("2025-03-04")))
    (one,) = decisions.shown_waiting([Claim.objects.get(state="waiting").pk], cast.bureau_leader, on=AT.date() + dt.timedelta(days=3))
    assert one.waits_days == 3 and not one.is_late
    page = client_of("bureau_leader").get("/leads/waiting/").content.decode()
    assert "随台账导入" in page and 'href="/leads/pairs/"' in page
