"""Empty pages of assessment say what will stand there and offer the first step to whoever may take it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

ClientOf = Callable[[str], Client]


@pytest.mark.parametrize(
    "role, address, step",
    [
        ("assessor", "runs/", '<a class="btn btn-primary" href="/assessment/">'),
        ("assessor", "bulletins/", '<a class="btn btn-primary" href="/assessment/runs/">'),
        ("assessor", "inspections/", '<a class="btn btn-primary" href="/assessment/inspections/new/">'),
        ("assessor", "rewards/", '<a class="btn btn-primary" href="/assessment/rewards/documents/">'),
        ("assessor", "ratings/new/", "请先新建考核办法"),
        ("county_officer", "rewards/", '<a class="btn btn-primary" href="/assessment/rewards/claim/">'),
        ("county_officer", "rewards/registrations/", '<a class="btn btn-primary" href="/assessment/rewards/registrations/new/">'),
        ("county_officer", "rewards/claim/", "本单位暂无适用的奖励办法"),
        ("county_officer", "runs/", "考核本单位的办法核算、冻结后，在此列出"), ("county_officer", "bulletins/", "通报签发后列在这里"),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_an_empty_page_offers_the_first_step(client_of: ClientOf, role: str, address: str, step: str) -> None:
    assert step in client_of(role).get(f"/assessment/{address}").content.decode()
