"""Tables of leads: target lists, rows, knocks; leads, information handed in; claims; disputes, transfers; introductions."""

from wutong.web.leads.models.claims import (
    CLAIM_STATES,
    OUTCOMES,
    SHARE_ROLES,
    VERDICTS,
    Claim,
    ClaimShare,
    Filing,
    FilingMatch,
    Progress,
    Register,
)
from wutong.web.leads.models.disputes import DECISIONS, LEADERS, TRANSFER_STATES, Dispute, Transfer
from wutong.web.leads.models.handed_in import TOLD, HandIn, HandInQuerySet
from wutong.web.leads.models.introductions import (
    INTRODUCTION_STATES,
    PARTY_KINDS,
    STEP_KINDS,
    Introduction,
    IntroductionQuerySet,
    IntroductionStep,
    Merit,
    Party,
    reach_of_introductions,
)
from wutong.web.leads.models.leads import (
    LEAD_KINDS,
    LEAD_NAME_KINDS,
    LEAD_STATES,
    SOURCE_KINDS,
    STAGES,
    TO_ANSWER,
    TO_TRIAGE,
    UNANSWERED,
    Lead,
    LeadContact,
    LeadName,
    LeadQuerySet,
    new_stamp,
    not_over,
    of_few_leads,
    of_seen_leads,
    reach_of_leads,
)
from wutong.web.leads.models.lists import (
    CHANGES,
    HOWS,
    LINES,
    LIST_STATES,
    ORIGINS,
    RESULTS,
    ROW_STATES,
    Knock,
    KnockQuerySet,
    ListedFirm,
    ListedFirmQuerySet,
    RowChange,
    TargetList,
    TargetListQuerySet,
    of_seen,
    reach,
)
from wutong.web.leads.models.pairs import PAIR_STATES, Compared, LeadPair

__all__ = [
    "CHANGES", "CLAIM_STATES", "DECISIONS", "HOWS", "INTRODUCTION_STATES", "LEADERS", "LEAD_KINDS", "LEAD_NAME_KINDS", "LEAD_STATES",
    "LINES", "LIST_STATES", "ORIGINS", "OUTCOMES", "PAIR_STATES", "PARTY_KINDS", "RESULTS", "ROW_STATES", "SHARE_ROLES", "SOURCE_KINDS",
    "STAGES", "STEP_KINDS", "TOLD", "TO_ANSWER", "TO_TRIAGE", "TRANSFER_STATES", "UNANSWERED", "VERDICTS", "Claim", "ClaimShare",
    "Compared", "Dispute", "Filing", "FilingMatch", "HandIn", "HandInQuerySet", "Introduction", "IntroductionQuerySet",
    "IntroductionStep", "Knock", "KnockQuerySet", "Lead", "LeadContact", "LeadName", "LeadPair", "LeadQuerySet", "ListedFirm",
    "ListedFirmQuerySet", "Merit", "Party", "Progress", "Register", "RowChange", "TargetList", "TargetListQuerySet", "Transfer",
    "new_stamp", "not_over", "of_few_leads", "of_seen", "of_seen_leads", "reach", "reach_of_introductions", "reach_of_leads",
]  # fmt: skip
