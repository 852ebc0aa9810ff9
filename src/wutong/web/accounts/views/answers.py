"""What the pages of accounts share: refusals in words, forms, columns of people."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.lib import lists

get_or_post = require_http_methods(["GET", "HEAD", "POST"])

PEOPLE_COLUMNS = (
    lists.Column("name", gettext_lazy("Name"), ("display_name",)),
    lists.Column("username", gettext_lazy("User name"), ("username",)),
    lists.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    lists.Column("postings", gettext_lazy("Postings")),
    lists.Column("state", gettext_lazy("Account"), ("is_active",)),
    lists.Column("login", gettext_lazy("Last log-in"), ("last_login",), "date"),
)

SESSION_COLUMNS = (
    lists.Column("device", gettext_lazy("Device"), ("device",)),
    lists.Column("ip", gettext_lazy("Source address"), ("ip",)),
    lists.Column("started", gettext_lazy("Logged in at"), ("started_at",), "date"),
    lists.Column("used", gettext_lazy("Last used"), ("used_at",), "date"),
    lists.Column("why", gettext_lazy("Why it ended"), ("end_reason",)),
)
LOCKOUT_COLUMNS = (
    lists.Column("name", gettext_lazy("User name"), ("username",)),
    lists.Column("state", gettext_lazy("Locked"), ("is_locked",)),
    lists.Column("count", gettext_lazy("Wrong attempts"), ("count",), "number"),
    lists.Column("kind", gettext_lazy("What was wrong"), ("kind",)),
    lists.Column("ip", gettext_lazy("Source address"), ("ip",)),
    lists.Column("last", gettext_lazy("Last attempt"), ("last",), "date"),
    lists.Column("until", gettext_lazy("Opens by itself"), ("until",), "date"),
    lists.Column("step", gettext_lazy("Unlock")),
)

REFUSALS = {
    Refusal.OWN_POSTING: gettext_lazy("Nobody may give or take a posting of his own; another security administrator must do it."),
    Refusal.OWN_PROPOSAL: gettext_lazy("Whoever proposed the posting does not confirm it; another security administrator must do it."),
    Refusal.POSTING_OVER: gettext_lazy("The posting has ended, and nobody held it since. Give a new posting instead."),
    Refusal.ADMINISTRATOR_ALONE: gettext_lazy(
        "A system, security or audit administrator holds no other role at the same time (separation of the three administrators)."
    ),
    Refusal.OUTSIDE_ALONE: gettext_lazy("Somebody outside the office holds no other role; nobody stands in for him, nor he for others."),
    Refusal.ALREADY_POSTED: gettext_lazy("The person already holds this role at this unit in that period."),
    Refusal.UNKNOWN_ROLE: gettext_lazy("The rulebook has no such role."),
    Refusal.ENDS_BEFORE_START: gettext_lazy("The posting would end before it begins."),
    Refusal.PERSON_INACTIVE: gettext_lazy("The account is inactive; reactivate it first."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed."),
    Refusal.ALREADY_ENDED: gettext_lazy("The posting ends on that day or earlier already."),
    Refusal.OWN_ACCOUNT: gettext_lazy("Nobody may do this to his own account."),
    Refusal.UNDER_ITSELF: gettext_lazy("A unit cannot stand under itself or one of its own units."),
    Refusal.RESET_OF_ADMINISTRATOR: gettext_lazy(
        "Nobody gives a system, security or audit administrator a password on these pages (separation of the three administrators). "
        "The operator of the server does it with the command give_administrator_password."
    ),
    Refusal.LAST_ADMINISTRATOR: gettext_lazy(
        "On that day, or on a later one, nobody would be administrator of this kind; post another one first."
    ),
    Refusal.CHANGE_TO_COME: gettext_lazy("The day is still to come. The tree changes on the day of entry; enter it on the day itself."),
    Refusal.BEFORE_LAST_CHANGE: gettext_lazy("Something became of the unit after that day; give the same day or a later one."),
    Refusal.INTO_ITS_OWN: gettext_lazy("A unit cannot be merged into itself or into a unit below it."),
    Refusal.OTHER_UNIT_CLOSED: gettext_lazy("The unit that is to take over is closed."),
    Refusal.NAME_TAKEN: gettext_lazy("There is a unit of this name beside it already; rename one of them first."),
    Refusal.UNIT_NOT_EMPTY: gettext_lazy("The unit still holds what is listed below. Move it, or merge the unit into another."),
    Refusal.UNIT_OPEN: gettext_lazy("The unit is open."),
    Refusal.PARENT_CLOSED: gettext_lazy("The unit above it is closed; open that first."),
    Refusal.NO_REASON: gettext_lazy("Give the reason."),
    Refusal.STANDS_IN_FOR_HIMSELF: gettext_lazy("Nobody stands in for himself."),
    Refusal.STAND_IN_FOR_ADMINISTRATOR: gettext_lazy(
        "Nobody stands in for a system, security or audit administrator, and none of them stands in for others "
        "(separation of the three administrators). Post a second administrator instead."
    ),
    Refusal.OUTSIDE_THE_POSTING: gettext_lazy("The period reaches beyond the posting that is stood in for."),
    Refusal.STOOD_IN_ALREADY: gettext_lazy("Somebody stands in for this posting in that period already."),
    Refusal.STAND_IN_TOO_LONG: gettext_lazy("That is longer than the rulebook lets a stand-in last; arrange it again when it ends."),
    Refusal.OWN_STAND_IN: gettext_lazy("Nobody arranges or ends a stand-in of his own; another security administrator must do it."),
    Refusal.UNKNOWN_SKILL: gettext_lazy("The rulebook has no such skill."),
    Refusal.TRAINING_TO_COME: gettext_lazy("The training is still to come; note it once it was held."),
    Refusal.TRAINING_NOTED: gettext_lazy("This training stands there already."),
    Refusal.NOT_CONFIDENTIAL: gettext_lazy("The record is not confidential; everybody whose role reaches it may open it."),
    Refusal.KNOWS_ALREADY: gettext_lazy("The person may open the record already."),
    Refusal.STILL_ACTIVE: gettext_lazy("The account is open; close it first."),
    Refusal.NOT_HANDED_OVER: gettext_lazy("The person still holds what somebody must take over; open “Close account” and choose who."),
    Refusal.UNLISTED_RELATION: gettext_lazy("Of some records nobody said what becomes of them when a person leaves; tell the maintainer."),
    Refusal.SUCCESSOR_LEAVES: gettext_lazy("Whoever takes over must be somebody else."),
    Refusal.SUCCESSOR_INACTIVE: gettext_lazy("Whoever takes over must have an open account."),
    Refusal.SUCCESSOR_MAY_NOT: gettext_lazy("Whoever takes over could not open these records: none of his roles permits it."),
    Refusal.NO_SECOND_FACTOR: gettext_lazy("There is no second factor."),
    Refusal.SECOND_FACTOR_THERE: gettext_lazy("There is a second factor already."),
    Refusal.SECOND_FACTOR_NEEDED: gettext_lazy("A role of this account asks for a second factor, so it cannot be removed."),
    Refusal.WRONG_CODE: gettext_lazy(
        "The code is wrong, or was used already. Wait for the next one; the clocks of phone and computer must be right."
    ),
    Refusal.TOO_MANY_CODES: gettext_lazy("Too many wrong codes. Try again later, or let the security administrator unlock the account."),
    Refusal.TOKEN_TOO_LONG: gettext_lazy("That is longer than the rulebook lets a token be valid."),
    Refusal.TOKEN_ENDS_AT_ONCE: gettext_lazy("The token would not be valid for a single day."),
    Refusal.TOKEN_BEYOND_OWNER: gettext_lazy("A token cannot give more than its owner may do."),
    Refusal.TOO_MANY_TOKENS: gettext_lazy("There are as many valid tokens as the rulebook allows; revoke one first."),
    Refusal.EMAIL_OF_ADMINISTRATOR: gettext_lazy(
        "Nobody gives a system, security or audit administrator another e-mail (separation of the three administrators). He changes it "
        "himself, or the operator of the server does with the command give_administrator_password --email."
    ),
    Refusal.EMAIL_LOGS_IN: gettext_lazy("With this e-mail you log in, so you cannot change it yourself; ask the system administrator."),
    Refusal.EMAIL_TAKEN: gettext_lazy("Another account has this e-mail, and people log in by it; give one that nobody else has."),
    Refusal.NOT_OF_THE_UNIT: gettext_lazy("Only people of the unit can go to the new one."),
}


def attempt(form: Form, action: Any, **values: Any) -> Any:
    """Run an action; what the rules refuse becomes an error of the form, and None comes back."""
    try:
        return action(**values)
    except refusing.Refused as refused:
        for refusal in refused.refusals:
            form.add_error(None, REFUSALS[refusal])
    except refusing.NotAllowed as error:
        raise PermissionDenied from error
    return None


def draw_form(request: HttpRequest, form: Form, title: str, back: str, **more: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "accounts/form.html", {"form": form, "title": title, "back": back, **more}, status=status)
