"""Why something of assessment is refused, in words."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from wutong.web.assessment.queries import remedies
from wutong.web.assessment.rules.bulletins import BulletinRefusal
from wutong.web.assessment.rules.ratings import Refusal as RatingRefusal
from wutong.web.assessment.rules.rewards import RewardRefusal
from wutong.web.assessment.rules.runs import Refusal
from wutong.web.rulebooks.rules import Refusal as VersionRefusal

WORDS: dict[StrEnum, Any] = {
    RatingRefusal.WRONG_STATE: _("The round does not stand so that this could be done: load the page again."),
    RatingRefusal.TITLE_MISSING: _("The title is missing."),
    RatingRefusal.ENDS_BEFORE_IT_BEGINS: _("The period begins after its last day: look at the days."),
    RatingRefusal.NO_QUESTIONS: _("The sheet has no question yet: write one."),
    RatingRefusal.NO_UNITS: _("No unit is rated yet: choose the units first."),
    RatingRefusal.NO_RATERS: _("Nobody is asked yet: choose the raters first."),
    RatingRefusal.NOT_A_MEMBER: _("Only units or persons that the scheme measures can be rated: choose them there first."),
    RatingRefusal.TWICE: _("Something stands twice: each question, unit and rater once."),
    RatingRefusal.INVESTORS_HAVE_ACCOUNTS: _("Investors answer by the log-in of their firm, the other classes as units."),
    RatingRefusal.SHEET_OPEN_ALREADY: _("Another round of this sheet is open: close it first."),
    RatingRefusal.NOT_TODAY: _("Answers are taken in the period of the round only: look at its days."),
    RatingRefusal.NOT_ASKED: _("Something was answered that is not asked: nobody rates himself. Load the page again."),
    RatingRefusal.NOT_ON_THE_SCALE: _("Points lie outside the scale: look at its ends."),
    RatingRefusal.INCOMPLETE: _("Something is left open: give points, or say “cannot judge”."),
    RatingRefusal.LEAST_TOO_LOW: _("The least number of answers is lower than the rulebook says: raise it."),
    RatingRefusal.ON_PAPER: _("The ballot is given on paper: whoever keeps the round can let it be answered here."),
    RatingRefusal.ANSWERED_ALREADY: _("The rater answered here already: nobody answers twice."),
    RatingRefusal.MORE_THAN_ON_PAPER: _(
        "More ballots on paper than raters of this class answer on paper: mark the raters on the page of the round first."
    ),
    RatingRefusal.CLOSED_EARLY: _("The last day is not over and not all have answered: write why the round is closed before."),
    RatingRefusal.EMPTY: _("Nothing was answered on this ballot."),
    RatingRefusal.NUMBER_TWICE: _("A ballot of this class with this number stands already: look whether it was entered twice."),
    **remedies.WORDS,
    Refusal.WRONG_STATE: _("The run does not stand so that this could be done: load the page again."),
    Refusal.REASON_MISSING: _("A reason is missing: write why, so that nobody asks again."),
    Refusal.CORRECTION_MISSING: _("What is corrected is missing: of an objection that is upheld say which figure, and what it is now."),
    Refusal.SAME_PERSON: _("A second person must do this: whoever worked it out, filed it or is measured by it does not decide."),
    Refusal.NOT_APPROVED_RULE: _("The rule of this run was not approved: have its version approved first."),
    Refusal.NO_RULE: _("No approved rule holds on this day: have a version approved, or choose another day."),
    Refusal.RULE_UNREADABLE: _(
        "The approved version that holds on this day has faults by the checks of this release: its page lists them. Mend them in a new "
        "version and have that one approved."
    ),
    Refusal.NO_MEMBERS: _("Nobody is measured by this scheme yet: choose the units or persons first."),
    Refusal.FACTS_OLDER: _(
        "A false report on a record that the points rest on was found or withdrawn since the facts were gathered: have the records "
        "corrected, work the run out anew, then freeze it."
    ),
    Refusal.UNRECTIFIED: _(
        "A record that the points rest on was found to be false and is not rectified yet: have the finding rectified, work the run out "
        "anew, then freeze it."
    ),
    Refusal.UNVERIFIED: _(
        "A record that the points rest on was found to be false, and nobody verified yet that it was rectified: have the finding verified "
        "and closed, or send the run back and work out another."
    ),
    Refusal.LEFT_OUT: _(
        "Somebody is measured in a group that the rule has not, so that he is not scored: set the groups of the scheme as the rule has "
        "them, work the run out anew, then freeze it."
    ),
    Refusal.RUN_TO_COME: _("The run goes up to a day that has not come yet: choose today or a day before it."),
    Refusal.OTHER_PERIOD: _(
        "It would take the place of a run of another period: give it the same first day, and a last day in the same month."
    ),
    Refusal.NOT_REPLACEABLE: _(
        "The run whose place it would take stands for a published one itself and was never published: send that one back, and choose the "
        "published one."
    ),
    Refusal.REPLACED_BY_ANOTHER: _("Another published run took its place already: choose that one instead."),
    Refusal.KNOWN_FALSE: _(
        "A false report on a record that the points rest on was found or withdrawn since the facts were gathered: send the run back, have "
        "the records corrected, and work out another."
    ),
    Refusal.NOTICE_RUNS: _(
        "The public notice is not over yet: the page of the run says until which day it runs; approve it from the day after."
    ),
    Refusal.OPEN_OBJECTIONS: _("Objections wait for an answer: decide them first."),
    Refusal.UPHELD_OBJECTIONS: _(
        "An objection to this run was upheld: correct the figures, work out the run that takes its place, and have that one approved."
    ),
    Refusal.CODE_TAKEN: _("Another scheme has this code: choose another."),
    Refusal.TITLE_MISSING: _("The title is missing."),
    Refusal.UNKNOWN_GROUP: _("The rule has no such group: choose one of the list."),
    Refusal.MONTHS_NOT_TWELVE: _("The months of each in its groups must add up to twelve."),
    Refusal.UNIT_CLOSED: _("The unit is closed: choose another."),
    Refusal.MEASURES_OTHERS: _("A scheme measures either units or persons: choose what this one measures."),
    Refusal.NO_POSTING: _("Somebody has no posting today, or his account is closed: choose only who is in office."),
    Refusal.UNKNOWN_FACT: _("The rule declares no such fact: choose one of the list."),
    Refusal.COMPUTED_FACT: _("This fact is computed from the records of the office: correct it there."),
    Refusal.NOT_READABLE: _(
        "The value cannot be read: write a number in the unit stated, such as 12.5, or with its own unit, such as 120000000 yuan."
    ),
    Refusal.SOURCE_MISSING: _("It is not said where the figure comes from: name the document."),
    Refusal.NOT_A_MEMBER: _("This unit or person is not measured by this scheme."),
    Refusal.DAY_TO_COME: _("The day is in the future: enter it when it has come."),
    Refusal.OUTSIDE_PERIOD: _("The period begins after its last day: look at the days."),
    Refusal.REPLACED_ALREADY: _("Somebody entered the same at this moment: load the page again and look."),
    Refusal.UNKNOWN_ITEM: _("There is no such indicator: choose one of the list."),
    Refusal.DECIDED_ALREADY: _("It was decided already."),
    BulletinRefusal.WRONG_STATE: _("The bulletin does not stand so that this could be done: load the page again."),
    BulletinRefusal.SAME_PERSON: _("A second person must sign: whoever drafted or edited a bulletin does not."),
    BulletinRefusal.RUN_NOT_APPROVED: _("The run was not approved yet: have it approved first, then make the bulletin."),
    BulletinRefusal.RUN_REPLACED: _("Another run took the place of this one: make the bulletin of the newer run."),
    BulletinRefusal.RUN_WRONG: _(
        "An objection to the run was upheld, or a false report touches it: make the bulletin of the run that takes its place."
    ),
    BulletinRefusal.SIGNED_ALREADY: _("A bulletin of this run is signed and stands: have it withdrawn first, with a reason."),
    BulletinRefusal.OF_PERSONS: _("No bulletin is made of persons: it would name every group, and each is told of his own only."),
    BulletinRefusal.HEAD_MISSING: _("The head is not whole: whose paper it is, its number and its title must stand above the line ---."),
    BulletinRefusal.NUMBER_SIGN_MISSING: _(
        "The number in the head needs the sign № once: the running number of the year takes its place when it is signed."
    ),
    BulletinRefusal.TOO_LONG: _("The text is too long: 200,000 signs at most."),
    BulletinRefusal.FIGURES_UNLIKE: _("Figures of the text are not those of the run: correct them, or write why they stand so."),
    BulletinRefusal.FILES_NOT_READY: _("The files are not made yet: wait until Word and Excel are there, then file it."),
    BulletinRefusal.REASON_MISSING: _("A reason is missing: write why, so that nobody asks again."),
    BulletinRefusal.TEMPLATE_FAULTY: _("The template has a fault: mend it first; the preview tells the line."),
    BulletinRefusal.NOTHING_CHANGED: _("Nothing was changed, so there is nothing to keep."),
    RewardRefusal.WRONG_STATE: _("The claim does not stand so that this could be done: load the page again."),
    RewardRefusal.SAME_PERSON: _(
        "A second person must decide: whoever claimed it, entered facts of it, computed it, gets it, or registered an introducer, does not."
    ),
    RewardRefusal.REASON_MISSING: _("A reason is missing: write why, so that nobody asks again."),
    RewardRefusal.NO_RULE: _("No approved version of the reward document holds today: have one approved first."),
    RewardRefusal.UNKNOWN_AWARD: _("The document has no such award: choose one of the list."),
    RewardRefusal.RECIPIENT_MISSING: _("It is not said for whom: choose the officer, or the registration of the introducer or adviser."),
    RewardRefusal.WRONG_RECIPIENT: _("The award is for somebody else: look at whom the document names, and choose only him."),
    RewardRefusal.OTHER_PROJECT: _("The registration is for another project: choose that of this project or its lead."),
    RewardRefusal.CLAIMED_ALREADY: _("The same was claimed already for this project and recipient: go on with that claim."),
    RewardRefusal.CLAIMED_BY_ANOTHER: _(
        "Another unit or officer claims this award for the project, and a project pays it once: settle who claims it, and have the other "
        "claim withdrawn. Where each is to have it, the document names the rule under each_by."
    ),
    RewardRefusal.UNKNOWN_FACT: _("The document declares no such fact: load the page again."),
    RewardRefusal.NOT_READABLE: _("A value cannot be read: write it in the unit stated, a day as 2026-03-01, otherwise yes or no."),
    RewardRefusal.SOURCE_MISSING: _("It is not said where a value comes from: name the document."),
    RewardRefusal.DATA_MISSING: _("Data lack, so nothing can be approved: enter them and compute again."),
    RewardRefusal.NOTHING_DUE: _("Nothing is due by the sheet: decline the claim with the reason."),
    RewardRefusal.REVIEW_MISSING: _("The award is tied to tax: name the legality review and compute again before it is approved."),
    RewardRefusal.ABOUT_MISSING: _("Choose either a project or a lead, one of them."),
    RewardRefusal.WHO_MISSING: _("Choose either a person known or a partner, one of them."),
    RewardRefusal.CONSENT_MISSING: _("The person must have agreed to be registered: ask first, then tick it."),
    RewardRefusal.FIRST_THERE: _("Somebody was registered first: a project has one first introducer, or joint ones by shares."),
    RewardRefusal.SHARE_ODD: _("A share is above 0 and at most 100 %, with two digits behind the point."),
    RewardRefusal.MATTER_MISSING: _("The award rests on a project: choose the project, and no run."),
    RewardRefusal.RUN_MISSING: _("The award rests on a published run: choose the run, and no project."),
    RewardRefusal.RUN_NOT_STANDING: _("The run is not published, or another took its place: choose the one that stands."),
    RewardRefusal.OTHER_SCHEME: _("The document names runs of another scheme: choose one of that scheme."),
    RewardRefusal.NOT_MEASURED: _("The run does not measure the unit or officer whom the award is for."),
    RewardRefusal.FOREIGN_UNIT: _("The award is for the unit that hosts the project or found it; yours does neither."),
    RewardRefusal.FOREIGN_OFFICER: _("The award is for an officer of the unit that claims; he is not posted there today."),
    RewardRefusal.RUN_WRONG: _(
        "An objection to the run was upheld, or a false report touches it: claim by the run that takes its place, once it is published."
    ),
    RewardRefusal.RUN_DISPUTED: _("An objection to the run is open: approve once it is decided."),
    RewardRefusal.PERIOD_CLAIMED: _(
        "The award was claimed already by another run of the same time, and is given once: go on with that claim, or withdraw it."
    ),
    RewardRefusal.SHEET_OLD: _("Since it was computed, data or another claim changed what it comes to: compute it again, then decide."),
    RewardRefusal.REGISTRATION_WITHDRAWN: _("The registration was withdrawn and counts no more: choose another, or register anew."),
    RewardRefusal.WITHDRAWAL_WAITS: _("The withdrawal was asked for already: it waits for the decision of a second person."),
    RewardRefusal.WITHDRAWAL_DECIDED: _("The withdrawal was decided already, or not asked for: load the page again."),
    RewardRefusal.WITHDRAWAL_BY_ONE: _(
        "A second person must decide: whoever registered it, asked for the withdrawal, or registered another for the same project does not."
    ),
    RewardRefusal.SIGNED_ALREADY: _(
        "The contract is signed: from the day of the signing a registration stays, for nobody else can be registered instead of it."
    ),
    RewardRefusal.CLAIM_RESTS_ON_IT: _("A claim of a reward rests on it: withdraw or decline that claim first."),
    VersionRefusal.WRONG_STATE: _("This version is no longer in the state for that; load the page again."),
    VersionRefusal.NOTHING_CHANGED: _("Nothing was changed yet, so there is nothing to submit."),
    VersionRefusal.HAS_FAULTS: _("The text still has faults; mend those that are listed first."),
    VersionRefusal.NO_REASON: _("Give a reason: whoever reads the history must understand it."),
    VersionRefusal.OWN_VERSION: _("Whoever wrote or submitted a version does not approve it; a second person must."),
    VersionRefusal.BASE_OUTDATED: _("Another version was approved meanwhile; withdraw this one and begin from the newest."),
    VersionRefusal.OPEN_ALREADY: _("There is a draft already; go on with that one, or withdraw it first."),
}


def in_words(refusals: Iterable[StrEnum]) -> list[str]:
    """Each in a sentence."""
    return [str(WORDS[one]) for one in refusals]
