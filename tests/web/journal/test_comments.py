"""Comments and the timeline of a record: written, changed, withdrawn, people named; who reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

import factories
import fictional
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.audit.models import Entry
from wutong.web.firms.models import Firm
from wutong.web.jobs.models import Message
from wutong.web.journal.actions import comments as actions
from wutong.web.journal.actions.duties import Refused
from wutong.web.journal.models import Comment
from wutong.web.journal.queries import comments as queries
from wutong.web.journal.rules import Refusal

AT = factories.AT


def test_who_is_named_is_told_if_he_may_see_the_record(client_of: Callable[..., Client], cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer, title="锂电清单")
    page = f"/journal/of/leads.TargetList/{target.public_id}/"
    text = f"请@{cast.bureau_leader.display_name}阅示，@other_officer 也看看 <script>"
    done = client_of("bureau_officer").post(f"{page}comment/", {"text": text}, follow=True)
    assert f"/leads/lists/{target.public_id}/" in done.redirect_chain[0][0]
    assert str(cast.other_officer) in done.content.decode()  # who was not told, and why
    (told,) = Message.objects.filter(to=cast.bureau_leader)
    assert "锂电清单" in told.title and "阅示" in told.text and not Message.objects.filter(to=cast.other_officer).exists()
    said = client_of("bureau_leader").get(page).content.decode()
    assert "阅示" in said and "&lt;script&gt;" in said and "<script>" not in said.replace("<script src", "")
    assert "阅示" not in str(list(Entry.objects.filter(action="journal.comment").values("changes", "object_label")))
    for name in ("other_officer", "park_officer"):
        assert client_of(name).get(page).status_code == 404
    assert client_of("system_admin").get(page).status_code == 403


def test_of_a_confidential_record_a_message_says_the_code_name_and_nothing_else(cast: Cast) -> None:
    leader = cast.bureau_leader
    target = factories.target_list(cast.bureau_officer, title="锂电清单", members=[leader])
    target.is_confidential, target.code_name = True, "一号事项"
    target.save()
    factories.comment(target, cast.bureau_officer, text=f"@{leader.display_name} 锂电扩产")
    (told,) = Message.objects.filter(to=leader)
    assert "一号事项" in told.title and "锂电" not in told.title + told.text


@pytest.mark.parametrize(("minutes", "refusals"), [(14, ()), (15, ()), (16, (Refusal.EDIT_TOO_LATE,))])
def test_a_comment_is_changed_for_a_quarter_of_an_hour(cast: Cast, minutes: int, refusals: tuple[Refusal, ...]) -> None:
    made = factories.comment(factories.target_list(cast.bureau_officer), cast.bureau_officer, text="初稿")
    at = AT + dt.timedelta(minutes=minutes)
    try:
        actions.edit(comment=made, text="定稿", by=cast.bureau_officer, at=at)
    except Refused as refused:
        assert refused.refusals == refusals
    assert Comment.objects.get(pk=made.pk).text == ("初稿" if refusals else "定稿")


def test_withdrawn_a_comment_leaves_a_trace_without_its_text(client_of: Callable[..., Client], cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer)
    made = factories.comment(target, cast.bureau_officer, text="说错了")
    address = f"/journal/comments/{made.public_id}"
    assert client_of("bureau_leader").post(f"{address}/withdraw/").status_code == 403
    assert client_of("bureau_leader").get(f"{address}/edit/").status_code == 404
    client = client_of("bureau_officer")
    client.post(f"{address}/withdraw/")
    said = client.get(f"/journal/of/leads.TargetList/{target.public_id}/").content.decode()
    assert "说错了" not in said and "撤回" in said
    assert "已经撤回" in client.post(f"{address}/withdraw/", follow=True).content.decode()
    assert client.post(f"/journal/of/leads.TargetList/{target.public_id}/comment/", {"text": " "}).status_code == 422


def test_what_somebody_wrote_who_left_is_withdrawn_by_whoever_shares_out_the_work(client_of: Callable[..., Client], cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer)
    leaver = factories.person("leaver", at_unit=cast.units["bureau"])
    factories.posting(leaver, "bureau_officer")
    made = factories.comment(target, leaver, text="本人电话另附")
    address = f"/journal/comments/{made.public_id}/withdraw/"
    assert client_of("bureau_leader").post(address).status_code == 403  # he is there and does it himself
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    assert client_of("bureau_officer").post(address).status_code == 403
    leader, timeline = client_of("bureau_leader"), f"/journal/of/leads.TargetList/{target.public_id}/"
    assert address in leader.get(timeline).content.decode()
    leader.post(address)
    assert Comment.objects.get(pk=made.pk).text == "" and Entry.objects.latest("sequence").action == "journal.withdraw_comment"


def test_on_a_firm_that_every_unit_sees_comments_stay_within_the_unit_and_with_those_named(cast: Cast) -> None:
    firm = factories.firm()
    factories.comment(firm, cast.bureau_officer, text="内部意见")
    factories.comment(firm, cast.bureau_officer, text=f"请 @{cast.other_officer.display_name} 协助")
    assert Comment.objects.visible_to(cast.bureau_leader).count() == 2
    assert [one.text[:1] for one in Comment.objects.visible_to(cast.other_officer)] == ["请"]
    assert not Comment.objects.visible_to(cast.adviser).exists() and not Comment.objects.visible_to(cast.audit_admin).exists()


def test_the_first_comment_takes_a_firm_on_and_an_unknown_one_is_not_found(
    client_of: Callable[..., Client], cast: Cast, settings: object
) -> None:
    settings.WAREHOUSE = fictional.made()  # type: ignore[attr-defined]
    firm_id = fictional.firm_id(fictional.TARGET)
    client, page = client_of("bureau_officer"), f"/journal/of/firms.Firm/{firm_id}/"
    assert "暂无留言" in client.get(page, headers={"HX-Request": "true"}).content.decode() and not Firm.objects.exists()
    client.post(f"{page}comment/", {"text": "已电话联系"})
    assert Comment.objects.get().record == Firm.objects.get(firm_id=firm_id).public_id
    assert "journal-title" in client.get(f"/firms/{firm_id}/").content.decode()
    for wrong in ("/journal/of/firms.Firm/nothing/", "/journal/of/accounts.User/1/", "/journal/of/leads.TargetList/x/"):
        assert client.get(wrong).status_code == 404


def test_of_several_names_the_longest_is_meant(cast: Cast) -> None:
    short = factories.person("li", at_unit=cast.units["bureau"], display_name="李梧")
    long = factories.person("liwutong", at_unit=cast.units["bureau"], display_name="李梧桐")
    named = [queries.mentioned(text).people for text in ("@李梧桐请看", "@李梧请看", "邮箱a@b.cn")]
    assert named == [(long,), (short,), ()] and queries.mentioned("邮箱a@b.cn").unknown == ()


def test_the_writer_is_told_who_was_told_and_which_names_are_nobodys_with_those_that_come_near(
    client_of: Callable[..., Client], cast: Cast
) -> None:
    colleague = factories.person("lwt", at_unit=cast.units["bureau"], display_name="李梧桐")
    factories.posting(colleague, "bureau_officer")
    unseen = factories.person("lwt2", at_unit=cast.units["other_bureau"], display_name="黎梧桐")
    page = f"/journal/of/leads.TargetList/{factories.target_list(cast.bureau_officer).public_id}/comment/"
    officer = client_of("bureau_officer")

    def said(text: str) -> list[str]:
        return [str(one) for one in officer.post(page, {"text": text}, follow=True).context["messages"]]

    assert said("@李梧桐请阅") == ["已提醒：李梧桐。"]
    (unknown,) = said("@李吾桐请阅")  # sounds alike
    assert "“李吾桐”" in unknown and f"@李梧桐（{colleague.unit}）" in unknown and str(unseen) not in unknown
    assert ["@" in one for one in said("@赵丁戊")] == [False]
    assert said("无人") == [] and Message.objects.filter(to=colleague).count() == 1
