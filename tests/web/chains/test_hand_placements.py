"""What somebody checked of a firm counts at once, is shown with who said it, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.chains import actions
from wutong.web.chains.models import HandPlacement

pytestmark = pytest.mark.django_db
MAKERS = f"/chains/{fictional.CHAIN}/segments/cylinders/makers/"
SAY = f"/chains/{fictional.CHAIN}/segments/cylinders/hand/"
SELLER = "临溪县五金商店"
TARGETS = f"/chains/{fictional.CHAIN}/targets/"


def says(client: Client, firm: str, *, is_maker: bool, reason: str = "现场核实", follow: bool = True) -> Any:
    return client.post(SAY, {"firm": firm, "is_maker": "1" if is_maker else "0", "reason": reason}, follow=follow)


def names(client: Client, where: str = "nation") -> list[str]:
    return [row.name for row in client.get(MAKERS, {"where": where}).context["group"].rows]


def test_a_firm_put_on_by_hand_appears_with_who_said_it(officer: Client) -> None:
    page = says(officer, SELLER, is_maker=True).content.decode()
    assert names(officer, "local") == [SELLER]
    assert "人工核实" in page and "现场核实" in page and "干部06" in page


def test_it_closes_the_gap_on_the_map(officer: Client) -> None:
    gap = f"/chains/{fictional.CHAIN}/segments/cylinders/"
    assert officer.get(gap).context["gap"].local_makers == 0
    says(officer, SELLER, is_maker=True)
    assert officer.get(gap).context["gap"].local_makers == 1


def test_a_firm_taken_off_by_hand_goes_from_makers_and_targets(officer: Client) -> None:
    says(officer, fictional.TARGET, is_maker=False)
    assert fictional.TARGET not in names(officer)
    assert fictional.TARGET not in [row.name for row in officer.get(TARGETS, {"segment": "cylinders"}).context["targets"].rows]


def test_taking_it_back_brings_the_registry_s_own_words_back(officer: Client) -> None:
    before = names(officer)
    says(officer, fictional.TARGET, is_maker=False)
    (said,) = HandPlacement.objects.all()
    officer.post(f"/chains/hand/{said.public_id}/take-back/")
    officer.post(f"/chains/hand/{said.public_id}/take-back/")
    assert names(officer) == before
    assert Entry.objects.filter(action="chains.take_back").count() == 1
    assert "撤销" in officer.get(MAKERS).content.decode()


def test_the_same_twice_is_one_statement_and_the_contrary_takes_its_place(officer: Client) -> None:
    says(officer, SELLER, is_maker=True)
    says(officer, SELLER, is_maker=True)
    assert HandPlacement.objects.count() == 1
    says(officer, SELLER, is_maker=False, reason="只销售")
    assert [(row.is_maker, row.undone_at is None) for row in HandPlacement.objects.order_by("pk")] == [(True, False), (False, True)]
    assert names(officer, "local") == []


@pytest.mark.parametrize("firm, reason", [("没有这家企业", "现场核实"), (SELLER, "")])
def test_an_unknown_firm_or_no_reason_is_refused_in_words(officer: Client, firm: str, reason: str) -> None:
    assert "请填写企业库中有的信用代码或企业全称" in says(officer, firm, is_maker=True, reason=reason).content.decode()
    assert not HandPlacement.objects.exists()


def test_only_editors_may_say_and_everybody_who_sees_chains_sees_it(client_of: Callable[[str], Client], officer: Client) -> None:
    assert says(client_of("county_officer"), SELLER, is_maker=True, follow=False).status_code == 403
    assert officer.get(SAY).status_code == 405
    says(officer, SELLER, is_maker=True)
    assert "现场核实" in client_of("adviser").get(MAKERS).content.decode()
    assert (
        officer.post(f"/chains/{fictional.CHAIN}/segments/no-such/hand/", {"firm": SELLER, "is_maker": "1", "reason": "x"}).status_code
        == 404
    )


def test_when_two_firms_become_one_the_newer_statement_stands(cast: Cast, officer: Client) -> None:
    says(officer, SELLER, is_maker=True)
    says(officer, fictional.TARGET, is_maker=False)
    old, new = (HandPlacement.objects.get(firm__name=name).firm for name in (SELLER, fictional.TARGET))
    at = HandPlacement.objects.latest("at").at
    assert actions.repoint_statements(from_firm=old, to_firm=new, by=cast.bureau_leader, at=at) == 1
    (standing,) = HandPlacement.objects.in_force().filter(firm=new)
    assert standing.is_maker is False


def test_the_firm_s_own_page_shows_it(officer: Client) -> None:
    says(officer, SELLER, is_maker=True)
    page = officer.get(f"/chains/of-firm/{fictional.firm_id(SELLER)}/").content.decode()
    assert "人工核实" in page and "做这一环节" in page and "现场核实" in page
