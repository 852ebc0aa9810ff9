"""In-app messages: told once, in the reader's language, counted by the bell, read by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

import factories
from cast import Cast
from factories import AT
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Message
from wutong.web.jobs.rules import Channel

Clients = Callable[..., Client]


def tell(to: Any, key: str = "duty:7", **more: Any) -> list[Message]:
    return jobs.tell(**{"to": to, "key": key, "words": lambda: (gettext("Log out"), ""), "by": None, "at": AT, **more})


def said(response: Any) -> str:
    return str(response.content.decode())


def test_a_message_speaks_the_language_of_its_reader(cast: Cast) -> None:
    officer = cast.bureau_officer
    officer.language = "en"
    assert [message.title for message in tell(officer)] == ["Log out"]
    assert [message.title for message in tell(cast.bureau_leader, "duty:8")] == ["退出登录"]


def test_what_was_told_is_not_told_again(cast: Cast) -> None:
    assert len(tell(cast.bureau_officer)) == 1
    assert tell(cast.bureau_officer) == []
    assert len(tell(cast.bureau_officer, "duty:8")) == 1
    assert Message.objects.count() == 2


def test_what_was_rolled_back_was_not_told(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(cast.bureau_officer)
        raise IntegrityError
    assert not Message.objects.exists()


def test_a_mail_is_written_only_where_it_can_go(cast: Cast, settings: Any) -> None:
    officer, both = cast.bureau_officer, (Channel.IN_APP, Channel.EMAIL)
    officer.email = "officer@example.test"
    settings.EMAIL_HOST = ""
    assert [m.channel for m in tell(officer, "a", channels=both)] == ["in_app"]
    settings.EMAIL_HOST = "mail.example.test"
    assert [(m.channel, m.state) for m in tell(officer, "b", channels=both)] == [("in_app", "sent"), ("email", "waiting")]
    assert [m.channel for m in tell(cast.bureau_leader, "c", channels=both)] == ["in_app"]


def test_the_bell_counts_what_is_unread(cast: Cast, client_of: Clients) -> None:
    for _ in range(3):
        factories.message(cast.bureau_officer)
    factories.message(cast.bureau_leader)
    factories.message(cast.bureau_officer, channel="email")
    client = client_of("bureau_officer")
    assert "3 条未读" in said(client.get("/accounts/profile/"))
    client.post("/jobs/messages/read/")
    assert "条未读" not in said(client.get("/accounts/profile/"))
    assert Message.objects.unread().get().to == cast.bureau_leader


def test_the_bell_costs_one_question_whatever_there_is(cast: Cast, client_of: Clients) -> None:
    client = client_of("bureau_officer")
    counts = []
    for many in (0, 120):
        for _ in range(many):
            factories.message(cast.bureau_officer)
        with CaptureQueriesContext(connection) as asked:
            page = said(client.get("/accounts/profile/"))
        counts.append(sum("jobs_message" in question["sql"] for question in asked))
    assert counts == [1, 1]
    assert "99+" in page


def test_opening_a_message_marks_it_and_goes_where_it_leads(cast: Cast, client_of: Clients) -> None:
    message = factories.message(cast.bureau_officer, address="/leads/")
    response = client_of("bureau_officer").post(reverse("jobs:read", args=[message.public_id]))
    assert response["Location"] == "/leads/"
    message.refresh_from_db()
    assert message.read_at is not None


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""])
def test_a_message_leads_nowhere_else(cast: Cast, client_of: Clients, address: str) -> None:
    message = factories.message(cast.bureau_officer, address=address)
    assert client_of("bureau_officer").post(reverse("jobs:read", args=[message.public_id]))["Location"] == "/jobs/messages/"


@pytest.mark.parametrize("name", ["bureau_leader", "system_admin", "other_officer"])
def test_nobody_reads_another_persons_messages(cast: Cast, client_of: Clients, name: str) -> None:
    message = factories.message(cast.bureau_officer, title="只给一人")
    client = client_of(name)
    assert client.post(reverse("jobs:read", args=[message.public_id])).status_code == 404
    assert "只给一人" not in said(client.get("/jobs/messages/"))
    message.refresh_from_db()
    assert message.read_at is None


def test_the_list_filters_and_says_when_it_is_empty(cast: Cast, client_of: Clients) -> None:
    client = client_of("bureau_officer")
    assert "暂无消息" in said(client.get("/jobs/messages/"))
    factories.message(cast.bureau_officer, title="导入已完成", read_at=AT)
    factories.message(cast.bureau_officer, title="事项到期")
    assert "导入已完成" not in said(client.get("/jobs/messages/?state=unread"))
    assert "事项到期" not in said(client.get("/jobs/messages/?text=导入"))
    assert "没有符合条件的消息" in said(client.get("/jobs/messages/?text=无此词"))


def test_a_line_end_in_the_name_of_a_thing_does_not_break_the_subject(cast: Cast) -> None:
    (message,) = tell(cast.bureau_officer, words=lambda: ("到期：\r\n签约\n材料", "正文\n不变"))
    assert (message.title, message.text) == ("到期： 签约 材料", "正文\n不变")
