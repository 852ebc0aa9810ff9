"""The pages of ratings: a round from its form to its result, the sheet on a phone, ballots on paper, duties and messages, who sees what."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from web.assessment.test_filled_sheets import send, start, undo
from wutong.web.accounts.models import Unit, User
from wutong.web.assessment.actions import rating_papers
from wutong.web.assessment.actions import ratings as actions
from wutong.web.assessment.actions.rating_papers import Paper
from wutong.web.assessment.actions.ratings import Asked, Sheet
from wutong.web.assessment.models import Ballot, PaperBallot, Rater, RatingComment, RatingRound, RatingTally, Scheme
from wutong.web.assessment.queries import rating_duties, rating_pages
from wutong.web.assessment.rules import ratings as rules
from wutong.web.assessment.rules.ratings import RaterClass, Refusal, RoundState, Scale
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_apart(settings: Any, tmp_path: Path) -> None:
    settings.BATCHES = tmp_path


@pytest.fixture
def parks(cast: Cast) -> list[Unit]:
    """Four parks of the county that rate."""
    county = cast.units["county"]
    return [factories.unit(parent=county, kind="park", adcode=county.adcode, name_zh=f"测评园区{place}") for place in range(1, 5)]


def address(name: str, one: Any = None) -> str:
    return reverse(f"assessment:{name}", args=[one.public_id] if one is not None else [])


def prepared(scheme: Scheme, cast: Cast, units: list[Unit], *, scale: Scale = Scale.FIVE, is_anonymous: bool = True) -> RatingRound:
    today, at = timezone.localdate(), timezone.now()
    told = Sheet(
        "service", "招商服务测评", today - dt.timedelta(days=3), today + dt.timedelta(days=7), scale, is_anonymous,
        (("speed", "办事效率"), ("manner", "服务态度")),
    )  # fmt: skip
    made = actions.make(scheme=scheme, told=told, by=cast.assessor, at=at)
    rated = [cast.units["county"], cast.units["zone"]]
    return actions.prepare(round=made, units=rated, raters=[Asked(RaterClass.PARKS, one) for one in units], by=cast.assessor, at=at)


def opened(scheme: Scheme, cast: Cast, units: list[Unit], **more: Any) -> RatingRound:
    return actions.open_round(round=prepared(scheme, cast, units, **more), by=cast.assessor, at=timezone.now())


def officer(unit: Unit) -> User:
    person = factories.person(at_unit=unit)
    factories.posting(person, "park_officer")
    return person


def browser(person: User) -> Client:
    client = Client()
    factories.log_in(client, person)
    return client


def filled(sheet: rating_pages.Sheet, points: str = "4", comment: str = "") -> dict[str, str]:
    answers = {f"{one.code}-{unit.key}": points for one in sheet.questions for unit in sheet.units}
    return {**answers, **{f"comment-{unit.key}": comment for unit in sheet.units}}


def sheet_of(rater: Rater) -> rating_pages.Sheet:
    return rating_pages.sheet(Rater.objects.select_related("round", "unit").get(pk=rater.pk), timezone.localdate())


def paper(cast: Cast, number: str, points: int | None = 5, comment: str = "") -> Paper:
    units = [cast.units["county"].pk, cast.units["zone"].pk]
    answers = {(code, unit): points for code in ("speed", "manner") for unit in units}
    return Paper(RaterClass.PARKS, number, answers, {units[0]: comment})


def test_a_round_goes_from_its_form_to_its_result(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any) -> None:
    client, today = client_of("assessor"), timezone.localdate()
    said = {
        "scheme": str(scheme.public_id), "title": "年度测评", "sheet": "service", "scale": "five", "is_anonymous": "on",
        "questions": "speed：办事效率\n服务态度", "starts_on": str(today), "last_on": str(today), "least_answers_count": "3",
    }  # fmt: skip

    assert client.get(address("ratings")).status_code == 200
    answer = client.post(address("rating-new"), said)
    made = RatingRound.objects.get()
    assert answer["Location"] == address("rating-prepare", made)
    assert [(one.code, one.text) for one in made.questions.all()] == [("speed", "办事效率"), ("q2", "服务态度")]
    page = client.get(address("rating", made)).content.decode()
    assert "还没有被测评单位" in page
    assert client.post(address("rating-open", made)).status_code == 409
    chosen = {"units": [str(cast.units["county"].public_id)], "parks": [str(one.public_id) for one in parks]}
    assert client.post(address("rating-prepare", made), chosen).status_code == 302
    assert client.post(address("rating-edit", made), {**said, "title": "年度服务测评", "least_answers_count": "4"}).status_code == 302
    assert client.post(address("rating-open", made)).status_code == 302
    assert client.post(address("rating-edit", made), said).status_code == 403
    for rater in made.raters.all():
        sheet = sheet_of(rater)
        values = {"answers": {(one.code, unit.id): 5 for one in sheet.questions for unit in sheet.units}, "is_handed_in": True}
        texts = {cast.units["county"].pk: "办得快"}
        assert rater.unit is not None
        actions.answer(rater=rater, comments=texts, by=officer(rater.unit), at=timezone.now(), **values)
    assert client.post(address("rating-close", made)).status_code == 302
    assert client.post(address("rating-publish", made)).status_code == 302
    page = client.get(address("rating", made)).content.decode()
    made.refresh_from_db()
    assert (made.title, made.least_answers_count) == ("年度服务测评", 4)
    assert "5.00" in page and "办得快" in page and "4/4" in page
    answer = client.get(address("rating-results", made))
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    assert rows[1][:5] == ["临溪县", "园区", "办事效率", 5, 4]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"last_on": "2020-01-01"}, "日期"),
        ({"least_answers_count": "2"}, "低于规则库规定"), ({"questions": "a: 一\na: 二"}, "指标代码相同"),
        ({"questions": "x" * 201}, "不超过 200 字"), ({"title": ""}, "title"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_round_is_named_and_nothing_is_written(
    scheme: Scheme, client_of: Any, changed: dict[str, str], words: str
) -> None:
    said = {
        "scheme": str(scheme.public_id), "title": "测评", "sheet": "service", "scale": "five", "questions": "办事效率",
        "starts_on": "2026-11-01", "last_on": "2026-11-30", "least_answers_count": "3", **changed,
    }  # fmt: skip

    answer = client_of("assessor").post(address("rating-new"), said)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not RatingRound.objects.exists()


def test_a_sheet_is_kept_half_handed_in_and_changed(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any) -> None:
    round_ = opened(scheme, cast, parks)
    rater = Rater.objects.get(round=round_, unit=parks[0])
    client = browser(officer(parks[0]))
    answers = filled(sheet_of(rater))
    half = dict(list(answers.items())[1:])

    page = client.get(address("ballot", rater)).content.decode()
    assert "密封" in page and "办事效率" in page
    assert client.post(address("ballot", rater), {**half, "keep": "1"}).status_code == 302
    assert "还有 1 项未评" in client.get(address("ballot", rater)).content.decode()
    answer = client.post(address("ballot", rater), {**half, "hand_in": "1"})
    assert answer.status_code == 422
    assert answer.content.decode().count("checked") == 3  # what was chosen stays chosen
    assert client.post(address("ballot", rater), {**answers, "hand_in": "1"}).status_code == 302
    rater.refresh_from_db()
    assert rater.has_answered
    unable = {**answers, next(iter(answers)): "unable", "hand_in": "1"}
    assert client.post(address("ballot", rater), unable).status_code == 302
    assert None in Ballot.objects.get(is_handed_in=True).answers.values()


def test_of_hundred_points_a_number_or_that_one_cannot_judge(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any) -> None:
    round_ = opened(scheme, cast, parks, scale=Scale.HUNDRED)
    rater = Rater.objects.get(round=round_, unit=parks[0])
    client, answers = browser(officer(parks[0])), filled(sheet_of(rater), "88")
    first = next(iter(answers))

    assert client.post(address("ballot", rater), {**answers, first: "101", "hand_in": "1"}).status_code == 422
    assert client.post(address("ballot", rater), {**answers, first: "", f"{first}-unable": "on", "hand_in": "1"}).status_code == 302
    assert sorted(map(str, Ballot.objects.get(is_handed_in=True).answers.values())) == ["88", "88", "88", "None"]


def test_a_sheet_of_another_is_not_found(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any) -> None:
    round_ = opened(scheme, cast, parks)
    rater = Rater.objects.get(round=round_, unit=parks[0])

    for client in (client_of("assessor"), client_of("county_officer"), browser(officer(parks[1]))):
        assert client.get(address("ballot", rater)).status_code == 404


def test_the_person_of_a_firm_rates_from_the_page_of_the_firm(scheme: Scheme, cast: Cast, settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()
    account = factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id("青桐开元挖掘机有限公司"))
    round_ = prepared(scheme, cast, [])
    actions.prepare(
        round=round_, units=[cast.units["county"]], raters=[Asked(RaterClass.INVESTORS, account=account)], by=cast.assessor,
        at=timezone.now(),
    )  # fmt: skip
    actions.open_round(round=round_, by=cast.assessor, at=timezone.now())
    rater, client = Rater.objects.get(), browser(account.user)

    assert address("ratings-of-firm", account) in client.get(reverse("partners:mine")).content.decode()
    assert "招商服务测评" in client.get(address("ratings-of-firm", account)).content.decode()
    assert client.post(address("ballot", rater), {**filled(sheet_of(rater)), "hand_in": "1"}).status_code == 302
    assert client.get(address("rating", round_)).status_code == 403


def test_who_has_not_answered_owes_it_and_is_told(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    person = officer(parks[0])
    round_ = opened(scheme, cast, parks)
    rater, today = Rater.objects.get(round=round_, unit=parks[0]), timezone.localdate()

    assert [row["d_key"] for row in rating_duties.rows(person, today)] == [rater.public_id]
    assert not rating_duties.rows(cast.county_officer, today).exists()
    assert rating_duties.rows(person, round_.last_on).exists()
    assert not rating_duties.rows(person, round_.last_on + dt.timedelta(days=1)).exists()
    assert Message.objects.filter(to=person, address=address("ballot", rater)).count() == 1
    for _again in range(2):
        assert actions.remind(round=round_, by=cast.assessor, at=timezone.now()) == len(parks)
    assert Message.objects.filter(to=person).count() == 2  # once a day
    sheet = sheet_of(rater)
    answers = {(one.code, unit.id): 4 for one in sheet.questions for unit in sheet.units}
    actions.answer(rater=rater, answers=answers, is_handed_in=True, by=person, at=timezone.now())
    assert not rating_duties.rows(person, today).exists()


def test_ballots_on_paper_come_in_by_a_sheet_and_go_again(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any) -> None:
    round_ = opened(scheme, cast, parks)
    client = client_of("assessor")
    for rater in round_.raters.all()[:3]:
        assert client.post(address("rater-on-paper", rater), {"paper": "1"}).status_code == 302
    answer = client.get(address("rating-papers", round_))
    head = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()[0]
    assert head[:3] == ["编号", "评分人类别", "临溪县 · 办事效率"]
    rows = [
        head, ["1", "园区", 5, 4, 3, "无法评价", "", "多走访"], ["2", "园区", 5, 4, 3, "", "", ""], ["2", "园区", 5, 4, 3, 2, "", ""],
        ["3", "乡镇", 5, 4, 3, 2, "", ""], ["4", "园区", 9, 4, 3, 2, "", ""], ["5", "园区", "好", 4, 3, 2, "", ""],
    ]  # fmt: skip

    batch = send(client, "assessment.papers", rows, round=str(round_.public_id))
    assert batch.counts["new"] == 2
    assert not PaperBallot.objects.exists()
    batch = send(client, "assessment.papers", rows[:3], round=str(round_.public_id))
    start(client, batch)
    assert {(one.number, one.entered_by) for one in PaperBallot.objects.all()} == {("1", cast.assessor), ("2", cast.assessor)}
    assert set(PaperBallot.objects.get(number="1").comments.values()) == {"多走访"}
    assert undo(client, batch) == "undone"
    assert not PaperBallot.objects.exists()


def test_paper_counts_with_what_was_answered_here(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = opened(scheme, cast, parks)
    for rater in round_.raters.all():
        actions.put_on_paper(rater=rater, is_on_paper=True, by=cast.assessor, at=timezone.now())
    papers = [paper(cast, str(number), points, "好") for number, points in enumerate((5, 4, 4, None), 1)]
    rating_papers.enter(round=round_, papers=papers, by=cast.assessor, at=timezone.now())
    actions.close(round=round_, by=cast.assessor, at=timezone.now())

    found = RatingTally.objects.filter(unit=cast.units["county"]).first()
    assert found is not None
    assert (found.answers_count, found.unable_count, found.points_sum) == (3, 1, 13)
    assert RatingComment.objects.count() == 4
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperBallot.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        RatingComment.objects.update(text="另一句")


def test_of_too_few_answers_no_comment_is_kept(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any) -> None:
    round_ = opened(scheme, cast, parks)
    for rater in list(round_.raters.all())[:2]:
        actions.put_on_paper(rater=rater, is_on_paper=True, by=cast.assessor, at=timezone.now())
    papers = [paper(cast, str(number), 1, "太慢") for number in (1, 2)]
    rating_papers.enter(round=round_, papers=papers, by=cast.assessor, at=timezone.now())
    early = client_of("assessor").post(address("rating-close", round_), {"reason": " "})
    assert early.status_code == 409 and "请写明提前结束" in early.content.decode()
    assert client_of("assessor").post(address("rating-close", round_), {"reason": "会期提前"}).status_code == 302
    assert "会期提前" in str(Entry.objects.filter(action="assessment.rating.close").latest("pk").changes)

    assert not RatingComment.objects.exists()
    page = client_of("assessor").get(address("rating", round_)).content.decode()
    assert "份数不足" in page
    assert "太慢" not in page


def test_nobody_answers_here_and_on_paper(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = opened(scheme, cast, parks)
    rater, person = Rater.objects.get(round=round_, unit=parks[0]), officer(parks[0])
    with pytest.raises(actions.Refused) as refused:
        rating_papers.enter(round=round_, papers=[paper(cast, "1")], by=cast.assessor, at=timezone.now())
    assert refused.value.refusals == (Refusal.MORE_THAN_ON_PAPER,)

    actions.put_on_paper(rater=rater, is_on_paper=True, by=cast.assessor, at=timezone.now())
    with pytest.raises(actions.Refused) as refused:
        actions.answer(rater=rater, answers={}, is_handed_in=False, by=person, at=timezone.now())
    assert refused.value.refusals == (Refusal.ON_PAPER,)
    rating_papers.enter(round=round_, papers=[paper(cast, "1")], by=cast.assessor, at=timezone.now())
    with pytest.raises(actions.Refused) as refused:
        actions.put_on_paper(rater=rater, is_on_paper=False, by=cast.assessor, at=timezone.now())
    assert refused.value.refusals == (Refusal.MORE_THAN_ON_PAPER,)


def test_the_ballots_of_an_open_round_show_nobody_what_was_answered(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any) -> None:
    round_ = opened(scheme, cast, parks)
    rater = Rater.objects.get(round=round_, unit=parks[0])
    browser(officer(parks[0])).post(address("ballot", rater), {**filled(sheet_of(rater), "1", "只有我知道"), "hand_in": "1"})

    page = client_of("assessor").get(address("rating", round_)).content.decode()
    assert "已评" in page
    assert "只有我知道" not in page


def test_a_rated_unit_sees_its_own_result_and_not_who_answered(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any) -> None:
    round_ = opened(scheme, cast, parks)
    for rater in round_.raters.all():
        actions.put_on_paper(rater=rater, is_on_paper=True, by=cast.assessor, at=timezone.now())
    papers = [paper(cast, str(number), 4, "临溪办得好") for number in range(1, 5)]
    rating_papers.enter(round=round_, papers=papers, by=cast.assessor, at=timezone.now())
    client = client_of("county_officer")
    actions.close(round=round_, by=cast.assessor, at=timezone.now())
    assert client.get(address("rating", round_)).status_code == 404

    actions.publish(round=round_, by=cast.assessor, at=timezone.now())
    page = client.get(address("rating", round_)).content.decode()
    assert "4.00" in page and "临溪办得好" in page
    assert "评分进度" not in page
    assert [one.unit.unit for one in rating_pages.results(cast.county_officer, round_)] == [cast.units["county"]]


@pytest.mark.parametrize("name", ["rating-open", "rating-close", "rating-publish", "rating-drop", "rating-remind"])
def test_who_does_not_keep_the_scheme_takes_no_step(scheme: Scheme, cast: Cast, parks: list[Unit], client_of: Any, name: str) -> None:
    round_ = opened(scheme, cast, parks)

    assert client_of("county_officer").post(address(name, round_)).status_code == 403
    assert RatingRound.objects.get().state == RoundState.OPEN


@pytest.mark.parametrize(("others", "refused"), [(1, False), (2, True), (3, True)])
def test_no_more_papers_than_raters_answer_on_paper(others: int, refused: bool) -> None:
    found = rules.refusals_to_paper(
        {("q1", 1): 5}, scale=Scale.FIVE, asked=frozenset({("q1", 1)}), others_count=others, on_paper_count=2
    )  # fmt: skip

    assert (Refusal.MORE_THAN_ON_PAPER in found) is refused


def test_an_empty_paper_is_refused() -> None:
    assert rules.refusals_to_paper({}, scale=Scale.FIVE, asked=frozenset(), others_count=0, on_paper_count=1) == (Refusal.EMPTY,)


@pytest.mark.parametrize(("points", "band"), [(89, (80, 89)), (90, (90, 100)), (100, (90, 100)), (59, (0, 59)), (60, (60, 69))])
def test_answers_lie_in_bands_with_both_ends(points: int, band: tuple[int, int]) -> None:
    assert [(low, high) for low, high, count in rules.bands(Scale.HUNDRED, {points: 2}) if count] == [band]
