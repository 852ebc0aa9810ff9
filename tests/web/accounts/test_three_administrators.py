"""Separation of the three administrators (三员分立): none does another's work, and none opens the business of the bureau.

WORK says whose work each address is; every address that it does not name is business, so a new page is closed to all three by default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import factories
from cast import Cast
from wutong.web.accounts.models import Posting, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.audit.models import Entry
from wutong.web.lib import access
from wutong.web.projects.actions import progress
from wutong.web.projects.actions.progress import Said

pytestmark = pytest.mark.usefixtures("no_log")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSED = {403, 404, 405}
SYSTEM, SECURITY, AUDIT = "system_admin", "security_admin", "audit_admin"
ADMINISTRATORS = (SYSTEM, SECURITY, AUDIT)
WORK: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("accounts:unit-new", "accounts:new", "accounts:export", "accounts:passwords", "accounts:passwords-give", "accounts:units-export"),
        (SYSTEM,),
    ),
    **{f"accounts:unit-{verb}": (SYSTEM,) for verb in ("edit", "merge", "split", "close", "reopen")},
    **{f"accounts:{verb}": (SYSTEM,) for verb in ("edit", "leave", "deactivate", "reactivate", "reset-password", "erase")},
    **{f"accounts:{verb}": (SECURITY,) for verb in ("posting-new", "posting-end", "stand-in-new", "stand-in-end", "personal")},
    **{f"accounts:{verb}": (SECURITY,) for verb in ("logins-of", "sessions-end-of", "session-end", "factor-reset", "token-revoke")},
    **{f"accounts:{verb}": (SECURITY,) for verb in ("lockouts", "lockouts-export", "unlock", "unlock-person")},
    **{f"accounts:{verb}": (SECURITY,) for verb in ("subject-data", "tokens-export")},
    **{f"accounts:{verb}": (SECURITY,) for verb in ("proposals", "proposals-export", "proposals-decide")},
    # Who works for whom and where: system and security administrator both read it, and neither writes here.
    **dict.fromkeys(("accounts:units", "accounts:unit", "accounts:list", "accounts:detail", "accounts:roles"), (SYSTEM, SECURITY)),
    **dict.fromkeys(("api-1:units", "api-1:people"), (SYSTEM, SECURITY)),
    **dict.fromkeys(("api-1:webhooks", "api-1:deliveries"), (SYSTEM,)),
    **{f"journal:{verb}": (SYSTEM,) for verb in ("calendar", "year", "year-drop")},
    **{f"batches:registry{verb}": (SYSTEM,) for verb in ("", "-file", "-build", "-serve", "-export-rejects")},
}
# Rooms whose pages belong to one administrator whole.
ROOMS = {"audit": (AUDIT,), "jobs": (SYSTEM,)}
# What everybody who is logged in has for himself.
OWN = {
    "account_change_password",
    "account_reauthenticate",
    "mfa_reauthenticate",
    *(f"accounts:{verb}" for verb in ("codes-renew", "factor", "factor-remove", "sessions", "sessions-end-others", "token-new", "tokens")),
    "accounts:my-data",
    "accounts:profile",
    "accounts:view-drop",
    "accounts:view-save",
    "api-1:api-root",
    "api-1:job",
    "api-1:jobs",
    "api-1:me",
    "api-1:openapi-json",
    "api-1:openapi-view",
    "api-1:rating_sheets",
    "assessment:ballots",
    "api-1:search",
    "batches:files",
    "batches:imports",
    "batches:imports-export",
    "cockpit:guide",
    "cockpit:search",
    "home",
    "jobs:export",
    "jobs:list",
    "jobs:messages",
    "jobs:read",
    "jobs:read-all",
    "jobs:webhook-consent",
}
CLAIM = (
    '{"document": "00000000-0000-0000-0000-000000000001", "award": "unit", "project": "00000000-0000-0000-0000-000000000001"}'
)  # fmt: skip
BUSINESS_BODIES = {
    "api-1:rating_sheet": '{"answers": []}',
    "api-1:add_knock": '{"how": "call", "result": "no_interest"}',
    "api-1:make_list": '{"title": "x"}',
    "api-1:target_lists": '{"title": "x"}',  # the same address, by the name of its other method
    "api-1:put_firms": '{"firms": ["x"]}',
    "api-1:assign_rows": '{"rows": ["00000000-0000-0000-0000-000000000001"]}',
    "api-1:settle_row": '{"state": "no_interest", "reason": "x"}',
    "api-1:remove_row": '{"reason": "x"}',
    "api-1:log_lead": '{"title": "x"}',
    "api-1:leads": '{"title": "x"}',  # the same address
    "api-1:file_lead": "{}",
    "api-1:hand_information_in": '{"title": "x"}',
    "api-1:handed_in_own": '{"title": "x"}',  # the same address
    "api-1:add_progress": '{"text": "x"}',
    "api-1:lead_progress": '{"text": "x"}',  # the same address
    "api-1:report_progress": '{"month": "2026-03"}',
    "api-1:project_progress": '{"month": "2026-03"}',  # the same address
    "api-1:set_plan": '{"points": [{"month": "2026-03", "planned_yuan": 1}]}',
    "api-1:advance_project": '{"to": "signed"}',
    "api-1:package": '{"title_zh": "项目"}',
    "api-1:list_opportunities": '{"title_zh": "项目"}',
    "api-1:note_showing": '{"event": "推介会", "shown_on": "2026-03-01"}',
    "api-1:review_funds": '{"decision": "accept", "seen_yuan": "1000000"}',
    "api-1:reverse_funds": '{"reason": "x"}',
    "api-1:close_funds_month": '{"month": "2099-01"}',
    "api-1:funds_months": '{"month": "2099-01"}',  # the same address
    "api-1:file_objection": '{"item": "x", "text": "x"}',
    "api-1:decide_objection": '{"state": "dismissed", "reason": "x"}',
    "api-1:demand": '{"keys": [], "text": "x"}',
    "api-1:register_introducer": "{}",
    "api-1:reward_registrations": "{}",  # the same address
    "api-1:claim_reward": CLAIM,
    "api-1:reward_claims": CLAIM,  # the same address
    "api-1:ask_withdrawal": '{"reason": "x"}',
    "api-1:decide_withdrawal": '{"step": "refuse", "reason": "x"}',
    "api-1:fill_reward": '{"facts": []}',
    "api-1:compute_reward": "{}",
    "api-1:decide_reward": '{"step": "withdraw", "reason": "x"}',
    "api-1:finish_node": "{}",
    "api-1:add_promise": '{"side": "theirs", "kind": "jobs", "text": "x"}',
    "api-1:mark_promise": '{"evidence": "00000000-0000-0000-0000-000000000001"}',
    "api-1:ask_waiver": '{"reason": "x"}',
    "api-1:answer_waiver": '{"is_granted": true}',
    "api-1:add_offer": '{"what": "x"}',
    "api-1:answer_offer": '{"is_granted": true}',
    "api-1:withdraw_offer": '{"reason": "x"}',
    "api-1:sign_agreement": "{}",
    "api-1:end_agreement": '{"reason": "x"}',
    "api-1:ask_opinion": '{"kind": "legal", "unit": "00000000-0000-0000-0000-000000000001", "due_on": "2026-03-09"}',
    "api-1:answer_showing": '{"response": "interested"}',
}
ASKED = {
    "api-1:enter_funds": "&arrived_on=2026-03-01&kind=transfer&amount=1&number=x",
    "api-1:draft_agreement": "&kind=contract&title=x&counterpart=x",
    "api-1:give_opinion": "&kind=legal&result=favourable&unit=00000000-0000-0000-0000-000000000001",
    "api-1:answer_ask": "&result=favourable",
    "api-1:add_version": "&changed=x",
    "api-1:decide_agreement": "&meeting=x&decision=agreed",
    "api-1:behind": "&definition=start_signed&side=left_out",
}
QUESTION = "?product=battery&chain=power-battery&region=990100&segment=cell&site=990100&place=990100&b=990100&firm=x&month=2026-03"


def addresses() -> dict[str, dict[str, str]]:
    """Every address that asks for a log-in, with the kinds of its parameters."""

    def walk(patterns: list[URLPattern | URLResolver], space: str, taken: dict[str, str]) -> Any:
        for pattern in patterns:
            kinds = taken | {key: type(value).__name__ for key, value in pattern.pattern.converters.items()}
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space, kinds)
            else:
                yield space + pattern.name, kinds

    found = dict(walk(get_resolver().url_patterns, "", {}))
    return {name: kinds for name, kinds in found.items() if name not in settings.PUBLIC_URLS and name not in OWN}


ALL = addresses()


def whose(name: str) -> tuple[str, ...]:
    """The administrators whose work an address is; nobody's, where it is business."""
    return WORK.get(name, ROOMS.get(name.split(":", maxsplit=1)[0], ()))


def records(cast: Cast) -> dict[str, object]:
    """For each address of a record one that is there, so that a 404 cannot hide an open door."""
    posting = Posting.objects.get(user=cast.bureau_officer)
    stand_in = factories.stand_in(cast.bureau_leader, posting)
    entry = Entry.objects.earliest("sequence")
    target = factories.target_list(cast.bureau_officer)
    (row,) = factories.listed(target)
    found: dict[str, object] = {
        "accounts:session-end": factories.session(cast.adviser), "accounts:token-revoke": factories.token(cast.adviser),
        "accounts:unlock": factories.wrong_log_in(cast.adviser, pk=1),
        "accounts:posting-end": posting, "accounts:stand-in-end": stand_in, "audit:detail": entry,
        **{f"api-1:{name}": row for name in ("add_knock", "settle_row", "reopen_row", "remove_row", "restore_row")},
        **{f"api-1:{name}": target for name in ("list_rows", "put_firms", "assign_rows")},
    }  # fmt: skip
    project = factories.funded_project(cast.bureau_officer)
    node, money = project.nodes.earliest("pk"), factories.counted_funds(project, cast.bureau_leader)
    found |= {"api-1:project": project, "api-1:advance_project": project, "api-1:finish_node": node}
    contract = factories.papers(project)
    offer, promise = contract.offers.get(), contract.commitments.get()
    papers = {"agreement": contract, "offer": offer, "promise": promise}
    found |= {f"api-1:{verb}": project for verb in ("add_promise", "add_offer")}
    found |= {f"api-1:{verb}": promise for verb in ("mark_promise", "ask_waiver", "answer_waiver")}
    found |= {"api-1:answer_offer": offer, "api-1:withdraw_offer": offer}
    on_agreement = ("sign", "end", "review", "decide")
    found |= {f"api-1:{verb}_agreement": contract for verb in on_agreement} | {"api-1:draft_agreement": project}
    found |= {f"api-1:{verb}": contract for verb in ("add_version", "ask_opinion", "give_opinion")}
    month = progress.report(project=project, month=factories.AT.date(), said=Said(visible="x"), by=None, at=factories.AT)
    found |= {f"api-1:{name}": project for name in ("project_progress", "report_progress", "set_plan")} | {"api-1:add_photo": month}
    of_project = {
        **{f"progress-{verb}": month for verb in ("correct", "photos", "coordinate")},
        "open": project.lead, "of-lead": project.lead, "of-person": cast.adviser, "funds-hand-in": money, "funds-reverse": money,
        "funds-attach": money,
    }  # fmt: skip
    duty = factories.duty(cast.bureau_officer, by=cast.bureau_leader, record=target)
    comment, file = factories.comment(target, cast.bureau_officer), factories.attachment(target, cast.bureau_officer)
    for name in ALL:
        room, _, verb = name.partition(":")
        if name.startswith("accounts:unit-") or name == "accounts:unit":
            found[name] = cast.units["zone"]
        elif room == "leads":
            is_list = verb in {
                "detail",
                "edit",
                "close",
                "reopen",
                "add",
                "assign",
                "rows-export",
                "confidential",
                "let-know",
                "let-forget",
                "off-several",
                "plan-several",
                "end-several",
                "transfer",
                "undo",
            }
            found[name] = target if is_list else row
        elif room == "projects":
            of_paper = papers.get(verb.partition("-")[0], project)
            found[name] = node if verb.startswith("node-") else of_project.get(verb, of_paper)
        elif room == "journal" and name not in WORK:
            found[name] = comment if verb.startswith("comment-") else file if verb.startswith("file") else duty
            if "label" in ALL[name]:
                found[name] = target
        elif room == "accounts":
            found.setdefault(name, cast.adviser)
    return found


def called(client: Client, name: str, method: str, record: object) -> int:
    """The status of an address; its parameters name the record where there is one."""
    nobody = "00000000-0000-0000-0000-000000000001"
    nothing = {"UUIDConverter": nobody, "UUIDStrConverter": nobody, "IntConverter": "1"}
    known = getattr(record, "public_id", None)
    values = {
        key: "leads.TargetList" if key == "label" else known if known and kind != "IntConverter" else nothing.get(kind, "nothing")
        for key, kind in ALL[name].items()
    }  # fmt: skip
    body = BUSINESS_BODIES.get(name, "")
    kind = "application/json" if body else "application/octet-stream"
    response = client.generic(method, reverse(name, kwargs=values) + QUESTION + ASKED.get(name, ""), body, content_type=kind)
    for _ in response.streaming_content if response.streaming else ():
        pass  # a file that is read to its end is closed
    return int(response.status_code)


@pytest.mark.parametrize("other", ADMINISTRATORS)
@pytest.mark.parametrize("me", ADMINISTRATORS)
def test_each_does_his_own_work_and_nobody_elses(
    client_of: Callable[..., Client], cast: Cast, me: str, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there, client = records(cast), client_of(me)
    work = [name for name in ALL if other in whose(name)]
    before, tried, open_doors, closed = Entry.objects.count(), 0, [], []
    for name in work:
        if me == other:  # one's own: some method is let in, and it is not a refusal that lets nobody in
            statuses = {called(client, name, method, there.get(name)) for method in ("GET", "POST")}
            is_tried = name in there or not ALL[name]  # records of rooms above are tried by their own rooms
            closed += [name] if is_tried and not statuses - {403} - {404} - {405} else []
            tried += 2
        elif me not in whose(name):
            for method in METHODS:
                tried += 1
                if called(client, name, method, there.get(name)) not in REFUSED:
                    open_doors.append(f"{method} {name}")
    with capsys.disabled():
        print(f"\n{me} at the work of {other}: {tried} combinations, {len(open_doors)} open doors")  # noqa: T201
    assert (open_doors, closed) == ([], [])
    if me != other:
        assert Entry.objects.count() == before, "something was done"


@pytest.mark.once
@pytest.mark.parametrize("me", ADMINISTRATORS)
def test_no_administrator_opens_the_business_of_the_bureau(client_of: Callable[..., Client], cast: Cast, me: str) -> None:
    there, client = records(cast), client_of(me)
    business = [name for name in ALL if not whose(name)]
    before = Entry.objects.count()
    opened = [
        f"{method} {name}" for name in business for method in METHODS if called(client, name, method, there.get(name)) not in REFUSED
    ]  # fmt: skip
    assert opened == []
    assert Entry.objects.count() == before
    rooms = {name.split(":")[0] for name in business}
    assert {"firms", "chains", "journal", "leads"} <= rooms and len(business) > 80


def test_the_roles_themselves_share_nothing_but_reading_who_is_there() -> None:
    roles = {name: access_rules.roles()[name].permissions for name in ADMINISTRATORS}
    assert roles[SYSTEM] & roles[SECURITY] == {access_rules.Permission.ACCOUNTS_VIEW}
    assert not (roles[SYSTEM] | roles[SECURITY]) & roles[AUDIT]
    business = [permission for permission in access_rules.Permission if permission.split(".")[0] in {"firms", "chains", "journal", "leads"}]
    business.remove(access_rules.Permission.CALENDAR_EDIT)  # days off of the nation are nobody's business
    assert business and not set(business) & set().union(*roles.values())
    assert {name for name, role in access_rules.roles().items() if role.is_administrator} == set(ADMINISTRATORS)


@pytest.mark.parametrize("name", ADMINISTRATORS)
def test_what_a_page_of_people_shows_an_administrator_is_no_business(client_of: Callable[..., Client], cast: Cast, name: str) -> None:
    factories.officer(cast.bureau_officer)
    factories.target_list(cast.bureau_officer, title="锂电清单")
    page = client_of(name).get(f"/accounts/people/{cast.bureau_officer.public_id}/").content.decode()
    assert "招商实务" not in page and "用地政策" not in page and "锂电清单" not in page


@pytest.mark.parametrize("holder", ADMINISTRATORS)
@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_nobody_holds_two_of_the_three_roles_by_any_way(client_of: Callable[..., Client], cast: Cast, holder: str, role: str) -> None:
    """Neither by a second posting nor by standing in; for one's own role it would be the same posting twice."""
    client = second_administrator(client_of, cast)
    unit, person = str(cast.units["province"].public_id), cast.people[holder]
    form = {"unit": unit, "role": role, "starts_on": access.today().isoformat(), "ends_on": ""}
    assert client.post(f"/accounts/people/{person.public_id}/postings/new/", form).status_code == 422
    posting = Posting.objects.get(user=cast.people[role])
    lent = {
        "posting": str(posting.public_id), "user": str(person.public_id), "starts_on": "2027-01-01", "ends_on": "2027-02-01",
        "reason": "休假",
    }  # fmt: skip
    assert client.post(f"/accounts/people/{cast.people[role].public_id}/stand-ins/new/", lent).status_code == 422
    held = {grant.role.code for grant in User.objects.get(pk=person.pk).grants()}
    assert held == {holder}


def second_administrator(client_of: Callable[..., Client], cast: Cast) -> Client:
    """A second security administrator, so that nothing is refused only because somebody acts on himself."""
    cast.people["second_security"] = factories.person("second_security", at_unit=cast.units["province"])
    factories.posting(cast.people["second_security"], SECURITY)
    return client_of("second_security")


def test_a_new_page_is_business_until_somebody_says_whose_work_it_is() -> None:
    assert whose("treasury:list") == ()
    assert set(WORK) <= set(ALL)
