"""Refusals about leads and first claims in words: what is wrong, and what to do. The one place for them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from wutong.web.leads.rules.leads import Refusal

WORDS = {
    Refusal.TITLE_MISSING: _("A title is missing: write in a few words what it is about."),
    Refusal.NAME_MISSING: _("No firm is named, and a filing is compared by the firm: say first which firm it is."),
    Refusal.REASON_MISSING: _("A reason is missing: write why, so that nobody asks again."),
    Refusal.TEXT_MISSING: _("Nothing is written: write a few words."),
    Refusal.SOURCE_MISSING: _("Write who gave the information, or choose “own work”."),
    Refusal.AMOUNT_AND_NOT_PROVIDED: _("An amount is given and also “the investor gave no amount”: keep one of them."),
    Refusal.AMOUNT_NOT_POSITIVE: _("An amount is more than zero; leave it empty where none is known."),
    Refusal.CURRENCY_AND_AMOUNT: _("A foreign amount needs its currency, and a currency its amount: fill in both or neither."),
    Refusal.UNIT_CLOSED: _("The unit is closed: choose another."),
    Refusal.PERSON_INACTIVE: _("The account of the person is closed: choose somebody else."),
    Refusal.PERSON_NOT_OF_UNIT: _(
        "The person holds no role in this unit, or in one below it, that may work on its leads: choose somebody else."
    ),
    Refusal.LEAD_NOT_OPEN: _("The lead is not worked on: take it up again first."),
    Refusal.LEAD_OPEN: _("The lead is worked on already."),
    Refusal.LEAD_ENDED: _("The lead goes on as a project or as another lead: work there."),
    Refusal.TRIAGED_ALREADY: _("The information was triaged already: take the lead to its next stage instead."),
    Refusal.NOT_TRIAGED: _("The information is not triaged yet: decide first whether it is taken up."),
    Refusal.ANSWERED_ALREADY: _("Whoever gave it was answered already; what happens later is entered as progress."),
    Refusal.NOTHING_TO_ANSWER: _("It is our own work: nobody waits for an answer."),
    Refusal.STAGE_NOT_LATER: _("A lead goes forward only: choose a later stage."),
    Refusal.CODE_NAME_MISSING: _("A code name is missing: give one first."),
    Refusal.FILED_ALREADY: _("The lead is filed already: its claim is in force or waits for a decision."),
    Refusal.IDENTITY_STANDS: _(
        "What was filed stands while the claim does: on the page of the lead, first “Withdraw the filing” while it waits, or “Release the "
        "claim” once it is in force."
    ),
    Refusal.TOO_MANY_FILINGS: _("You have filed as many leads today as a person may a day: file this one tomorrow, or ask a colleague."),
    Refusal.NO_CLAIM: _("There is no first claim in force: file the lead first."),
    Refusal.CLAIM_NOT_WAITING: _("The filing waits no more: it was decided or withdrawn. Open the lead to see how it stands."),
    Refusal.FIRM_CLAIMED: _(
        "Another unit’s claim on this firm is in force. It can be admitted only as another project: let its unit explain why it is one."
    ),
    Refusal.CHECK_UNDER_WAY: _("Another check is under way: the filing can be declined now, or admitted once the check is over."),
    Refusal.OWN_CAUSE: _("Nobody decides in his own cause: let somebody decide who took no part."),
    Refusal.PROGRESS_LATER_THAN_NOW: _("Progress is what was done: its day cannot be later than today."),
    Refusal.CORRECTED_ALREADY: _("This entry was corrected already. Correct the later one."),
    Refusal.SHARES_NOT_ONE: _("The shares of a period do not add up to 100 %: change them so that they do."),
    Refusal.SHARE_NOT_POSITIVE: _("A share is more than zero: leave a unit out that has nothing."),
    Refusal.UNIT_TWICE: _("A unit stands twice in one period: add its shares up in one line."),
    Refusal.SHARES_BEFORE_LAST: _("The first day lies before the period that holds now: choose its first day or a later one."),
    Refusal.PERIODS_OUT_OF_ORDER: _("The periods are out of order: each begins later than the one before."),
    Refusal.TOO_LATE_TO_UNDO: _("This release can no longer be taken back: file the lead again."),
    Refusal.NOTHING_TO_DISPUTE: _(
        "A claim can be disputed only by a unit that filed the same firm and was told who is first: file the lead first."
    ),
    Refusal.SHARES_ALREADY: _(
        "Your unit shares the first claim on this firm already: work on it there. Another project of the firm is filed on the page of the "
        "earlier filing."
    ),
    Refusal.DISPUTE_OPEN: _("A dispute of yours waits for its decision: add evidence to that one."),
    Refusal.DISPUTE_DECIDED: _("The dispute is over: it was decided or withdrawn, and a decision stays."),
    Refusal.SHARES_MISSING: _("No shares are given: name at least one unit with its share."),
    Refusal.TRANSFER_OPEN: _("The lead is offered to a unit already: wait for its answer, or take that offer back."),
    Refusal.SHARED_WITH_OTHERS: _("A third unit shares the claim, of which the terms of two say nothing: change the shares first."),
    Refusal.TRANSFER_ANSWERED: _("The offer was answered or taken back already. Open it to see how it stands."),
    Refusal.TRANSFER_TO_ITSELF: _("The lead is this unit’s own: choose another unit."),
    Refusal.LEAD_CONFIDENTIAL: _("The lead is confidential: open it first, for whoever takes it over has to see it."),
    Refusal.SAME_LEAD: _("It is the same lead: choose the other one."),
    Refusal.PAIR_DECIDED: _("Somebody decided about this pair already: take that back first."),
    Refusal.PAIR_NOT_DECIDED: _("Nobody has decided about this pair yet."),
    Refusal.HANDED_IN_ENDED: _("This piece is closed or withdrawn: hand in anew what is new."),
    Refusal.TOO_MANY_PAPERS: _("That is as many files as a person may add a day. Add the others tomorrow."),
    Refusal.TOO_MANY_HANDED_IN: _("That is as many as a person may hand in a day. Hand it in tomorrow, or put several into one."),
    Refusal.NOBODY_TAKES_IN: _("No bureau takes information in for this unit yet: give it to the promotion bureau by telephone."),
    Refusal.CONTACT_GIVEN: _("Leave telephone numbers, e-mail addresses and identity numbers out: the bureau asks for them."),
    Refusal.TAKEN_IN_ALREADY: _("The bureau has begun to work on it: it can be withdrawn no more. Tell the bureau what changed."),
    Refusal.PAIR_CHANGED: _("The leads or their claims changed since: what came of the decision cannot be taken back here."),
}  # fmt: skip


def words(refusals: Iterable[Refusal]) -> tuple[str, ...]:
    """Refusals in the language of the page."""
    return tuple(str(WORDS[refusal]) for refusal in refusals)
