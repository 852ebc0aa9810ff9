"""Tables of accounts: units and their history, people and postings, proposed postings, promotion officers, who needs to know, log-in."""

from wutong.web.accounts.models.logins import ApiToken, LoginSession
from wutong.web.accounts.models.need_to_know import Confidential, NeedToKnow
from wutong.web.accounts.models.officers import OfficerSkill, PromotionOfficer, Training
from wutong.web.accounts.models.people import Posting, PostingQuerySet, SavedView, StandIn, User, UserQuerySet
from wutong.web.accounts.models.proposals import ProposedPosting
from wutong.web.accounts.models.units import EVERYTHING, NOTHING, Unit, UnitChange, UnitQuerySet, within, within_units

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "ApiToken",
    "Confidential",
    "LoginSession",
    "NeedToKnow",
    "OfficerSkill",
    "Posting",
    "PostingQuerySet",
    "PromotionOfficer",
    "ProposedPosting",
    "SavedView",
    "StandIn",
    "Training",
    "Unit",
    "UnitChange",
    "UnitQuerySet",
    "User",
    "UserQuerySet",
    "within",
    "within_units",
]
