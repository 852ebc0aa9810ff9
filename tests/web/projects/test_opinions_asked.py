"""A department is asked for its opinion: it sees the agreement and its text, nothing else of the project, and gives it; it is a duty."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import factories
from cast import Cast
from web.projects.test_agreements import drafted, refused
from wutong.web.projects.actions import agreements
from wutong.web.projects.models import Agreement, Evidence, OpinionAsk, Project
from wutong.web.projects.queries import paper_duties
from wutong.web.projects.rules.agreements import AgreementKind, OpinionKind, Refusal, Result

AT = factories.AT
DAY = AT.date()
DUE = DAY + dt.timedelta(days=9)


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: AT + dt.timedelta(hours=2))


def contract(cast: Cast) -> Agreement:
    project = factories.project(cast.park_officer)
    return agreements.hand_to_review(agreement=drafted(project, cast.park_officer), by=cast.park_officer, at=AT)


def asked(made: Agreement, cast: Cast, kind: OpinionKind = OpinionKind.FISCAL, **more: Any) -> OpinionAsk:
    given = {"unit": cast.department_officer.unit, "due_on": DUE, "by": cast.park_officer, **more}
    return agreements.ask_opinion(agreement=made, kind=kind, at=AT, **given)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_department_gives_its_opinion_and_sees_nothing_else_of_the_project(client: Client, cast: Cast) -> None:
    made = contract(cast)
    ask = asked(made, cast)
    factories.log_in(client, cast.department_officer)
    for address in (f"{made.project.public_id}/", f"{made.project.public_id}/papers/", f"agreements/{made.public_id}/"):
        assert client.get(f"/projects/{address}").status_code == 404
    assert made.title in text(client.get("/projects/opinions/"))
    shown = client.get(f"/projects/opinions/{ask.public_id}/")
    assert shown.status_code == 200
    assert f"/projects/{made.project.public_id}/" not in text(shown)
    file = client.get(f"/projects/opinions/{ask.public_id}/text/1/")
    assert b"".join(file.streaming_content).decode().startswith("文件")
    sent = {"result": "favourable", "dated_on": DAY.isoformat()}
    assert client.post(f"/projects/opinions/{ask.public_id}/", sent).status_code == 422  # without its paper
    for _time in range(2):
        paper = SimpleUploadedFile("意见.txt", "财力可承受".encode())
        assert client.post(f"/projects/opinions/{ask.public_id}/", {**sent, "file": paper}).status_code == 302
    opinion = made.opinions.get()
    assert (opinion.kind, opinion.unit, opinion.by) == ("fiscal", cast.department_officer.unit, cast.department_officer)
    ask.refresh_from_db()
    assert ask.opinion == opinion
    assert Evidence.objects.filter(project=made.project, kind="fiscal_opinion", attachment=opinion.attachment).exists()
    factories.log_in(client, cast.park_officer)
    kept = client.get(reverse("journal:file", args=[opinion.attachment.public_id]))
    assert b"".join(kept.streaming_content).decode() == "财力可承受"
    assert opinion.attachment.name in text(client.get(f"/projects/agreements/{made.public_id}/"))


def test_who_is_not_asked_neither_sees_nor_answers(client: Client, cast: Cast) -> None:
    made = contract(cast)
    ask = asked(made, cast)
    for user in (cast.other_officer, cast.other_leader):
        factories.log_in(client, user)
        for way in ("", "text/1/", "take-back/"):
            assert client.get(f"/projects/opinions/{ask.public_id}/{way}").status_code == 404
    factories.log_in(client, cast.park_officer)  # sees it, for it is his project, but does not answer for the department
    assert client.get(f"/projects/opinions/{ask.public_id}/").status_code == 200
    assert client.post(f"/projects/opinions/{ask.public_id}/", {"result": "favourable"}).status_code == 403
    with pytest.raises(agreements.NotAllowed):
        agreements.opine(
            agreement=made, kind=OpinionKind.LEGAL, result=Result.FAVOURABLE, unit=cast.department_officer.unit, dated_on=DAY,
            attachment=None, by=cast.department_officer, at=AT,
        )  # fmt: skip


def test_each_opinion_is_asked_of_one_unit_at_a_time_while_it_is_under_review(cast: Cast) -> None:
    made = contract(cast)
    ask = asked(made, cast)
    with pytest.raises(agreements.Refused) as caught:
        asked(made, cast, unit=cast.bureau_officer.unit)
    assert refused(caught) == {Refusal.ASKED_ALREADY}
    with pytest.raises(agreements.Refused) as caught:
        asked(made, cast, OpinionKind.LEGAL, due_on=DAY - dt.timedelta(days=1))
    assert refused(caught) == {Refusal.DAY_PAST}
    agreements.take_ask_back(ask=ask, reason="改由另一处室", by=cast.park_officer, at=AT)
    assert asked(made, cast, due_on=DAY).is_open
    with pytest.raises(agreements.Refused) as caught:
        asked(drafted(made.project, cast.park_officer), cast)
    assert refused(caught) == {Refusal.WRONG_STATE}


def test_what_is_taken_back_is_seen_without_its_text(client: Client, cast: Cast) -> None:
    made = contract(cast)
    ask = asked(made, cast)
    factories.log_in(client, cast.park_officer)
    there = f"/projects/opinions/{ask.public_id}/take-back/"
    assert client.post(there, {"reason": " "}).status_code == 422
    for _time in range(2):
        assert client.post(there, {"reason": "改由另一处室"}).status_code == 302
    factories.log_in(client, cast.department_officer)
    assert client.get(f"/projects/opinions/{ask.public_id}/text/1/").status_code == 404
    assert client.post(f"/projects/opinions/{ask.public_id}/", {"result": "favourable"}).status_code == 403
    assert list(paper_duties.ask_rows(cast.department_officer, DAY)) == []


def test_of_a_confidential_project_only_who_needs_to_know_is_shown_the_question(cast: Cast) -> None:
    made = contract(cast)
    ask = asked(made, cast)
    Project.objects.filter(pk=made.project_id).update(is_confidential=True, code_name="梧桐一号")
    assert not OpinionAsk.objects.visible_to(cast.department_officer).exists()
    assert OpinionAsk.objects.visible_to(cast.park_officer).get() == ask
    assert not agreements.is_asked(cast.department_officer, OpinionAsk.objects.select_related("agreement__project", "unit").get())


def test_what_is_asked_for_is_a_duty_of_the_unit_with_its_day(cast: Cast) -> None:
    made = contract(cast)
    ask = asked(made, cast)
    rows = list(paper_duties.ask_rows(cast.department_officer, DAY))
    assert [(row["d_key"], row["d_due"], row["d_unit"]) for row in rows] == [(ask.public_id, DUE, ask.unit_id)]
    drawn = paper_duties.ask_drawn(cast.department_officer, [ask.public_id])[ask.public_id]
    assert drawn.address == f"/projects/opinions/{ask.public_id}/"
    assert cast.department_officer in paper_duties.ask_people([ask.public_id])[ask.public_id]
    assert list(paper_duties.ask_rows(cast.other_officer, DAY)) == []
    agreements.end(agreement=made, ended_on=DAY, reason="不再签", by=cast.park_officer, at=AT)
    assert list(paper_duties.ask_rows(cast.department_officer, DAY)) == []


def test_an_ended_contract_proves_nothing_at_a_gate_that_is_still_ahead(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    intent = drafted(project, cast.park_officer, AgreementKind.INTENT)
    agreements.sign(agreement=intent, signed_on=DAY, by=cast.park_officer, at=AT)
    assert "letter_of_intent" in project.facts().proved
    agreements.end(agreement=Agreement.objects.get(pk=intent.pk), ended_on=DAY, reason="投资方退出", by=None, at=AT)
    assert "letter_of_intent" not in project.facts().proved
    kept = Evidence.objects.get(project=project, kind="letter_of_intent")
    assert kept.withdrawn_at is not None and "投资方退出" in kept.withdrawn_reason
