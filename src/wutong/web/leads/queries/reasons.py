"""Why two leads may be about one firm, in words: for whoever may see both; codes are all that others are ever kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, pgettext, pgettext_lazy

from wutong.engine.filed_likeness import Kind
from wutong.web.leads.models import Lead
from wutong.web.leads.queries import duplicates
from wutong.web.leads.rules.claims import Verdict

_AGAINST = frozenset(
    {Kind.OTHER_CODE, Kind.OTHER_FIRM, Kind.OTHER_FORM, Kind.OTHER_PRODUCT, Kind.OTHER_PLACE, Kind.OTHER_AMOUNT, Kind.RIVALS,
     Kind.SLIP_SERIAL, Kind.SLIP_KNOWN, Kind.UNNAMED, Kind.UNLIKE}
)  # fmt: skip
"""What speaks against two leads being of one firm."""
WORDS = {
    Kind.CODE: pgettext_lazy("why two leads may be one", "the same credit code"),
    Kind.OTHER_CODE: pgettext_lazy("why two leads may be one", "both give a valid credit code, and these differ"),
    Kind.FIRM: pgettext_lazy("why two leads may be one", "the same firm of the registry"),
    Kind.OTHER_FIRM: pgettext_lazy("why two leads may be one", "different firms of the registry"),
    Kind.NAME: pgettext_lazy("why two leads may be one", "the same name, present or former"),
    Kind.SHORT_NAME_SAME: pgettext_lazy("why two leads may be one", "the same short name"),
    Kind.FORM: pgettext_lazy("why two leads may be one", "names that differ in the legal form only"),
    Kind.OTHER_FORM: pgettext_lazy("why two leads may be one", "one is a works, the other a company"),
    Kind.GROUP_WORD: pgettext_lazy("why two leads may be one", "names that differ in the word “group” only"),
    Kind.REGION_LEFT_OUT: pgettext_lazy("why two leads may be one", "names that differ only in the place in front, which one leaves out"),
    Kind.REGION_WIDER: pgettext_lazy("why two leads may be one", "names that differ only in the place in front, one the wider"),
    Kind.REGION_MOVED: pgettext_lazy("why two leads may be one", "the place stands in front in one name, in brackets in the other"),
    Kind.SLIP: pgettext_lazy("why two leads may be one", "full names that differ in one character"),
    Kind.SLIP_SOUND: pgettext_lazy("why two leads may be one", "the characters that differ sound alike"),
    Kind.SLIP_SWAP: pgettext_lazy("why two leads may be one", "two neighbouring characters are swapped"),
    Kind.SLIP_MISSING: pgettext_lazy("why two leads may be one", "one character is missing or too many"),
    Kind.SLIP_SERIAL: pgettext_lazy("why two leads may be one", "what differs is a number or a direction, as among sister firms"),
    Kind.SLIP_KNOWN: pgettext_lazy("why two leads may be one", "other firms are really called as each of the two"),
    Kind.SLIP_SHORT: pgettext_lazy("why two leads may be one", "the name is short, so one character says much"),
    Kind.SOUND: pgettext_lazy("why two leads may be one", "names that sound the same"),
    Kind.SHORT_NAME: pgettext_lazy("why two leads may be one", "one is a short name of the other"),
    Kind.SHORT_FIT: pgettext_lazy("why two leads may be one", "how well the short name fits the full one"),
    Kind.SHORT_BEGINS: pgettext_lazy("why two leads may be one", "the full name begins with the short one"),
    Kind.SHORT_REGION: pgettext_lazy("why two leads may be one", "the short name says the place of the firm"),
    Kind.SHORT_SLIP: pgettext_lazy("why two leads may be one", "a character of the short name was taken for one of the same sound"),
    Kind.RIVALS: pgettext_lazy("why two leads may be one", "the short name fits other firms as well"),
    Kind.PLACE: pgettext_lazy("why two leads may be one", "the same place"),
    Kind.CITY: pgettext_lazy("why two leads may be one", "the same city"),
    Kind.OTHER_PLACE: pgettext_lazy("why two leads may be one", "different places"),
    Kind.PRODUCT: pgettext_lazy("why two leads may be one", "the same product"),
    Kind.OTHER_PRODUCT: pgettext_lazy("why two leads may be one", "different products, perhaps another project of the firm"),
    Kind.CONTACT: pgettext_lazy("why two leads may be one", "the same telephone number or e-mail address of a contact"),
    Kind.AMOUNT: pgettext_lazy("why two leads may be one", "nearly the same amount"),
    Kind.OTHER_AMOUNT: pgettext_lazy("why two leads may be one", "very different amounts"),
    Kind.UNNAMED: pgettext_lazy("why two leads may be one", "one of them does not name the investor"),
    Kind.UNLIKE: pgettext_lazy("why two leads may be one", "the names are not alike"),
    Kind.BRANCH: pgettext_lazy("why two leads may be one", "one is a branch of the other"),
    Kind.SIBLING: pgettext_lazy("why two leads may be one", "branches of one firm"),
    Kind.BRAND: pgettext_lazy("why two leads may be one", "firms of one rare trade name"),
    duplicates.GROUP: pgettext_lazy("why two leads may be one", "the registry counts both among one group"),
    "uscc": pgettext_lazy("why two leads may be one", "the same credit code"),
    "further_name": pgettext_lazy("why two leads may be one", "a further name agrees"),
}
UNKNOWN = pgettext_lazy("why two leads may be one", "another reason, kept by an earlier version")
_SAYS_WHAT = frozenset(
    {Kind.CODE, Kind.OTHER_CODE, Kind.NAME, Kind.SLIP, Kind.SHORT_NAME, Kind.PRODUCT, Kind.OTHER_PRODUCT, Kind.AMOUNT, Kind.OTHER_AMOUNT}
)
_TECHNICAL = frozenset({Kind.SHORT_FIT, Kind.SLIP_SHORT, Kind.SHORT_BEGINS})


@dataclass(frozen=True, slots=True)
class Told:
    """One reason in words; `ours` and `theirs` where it rests on a text of each."""

    code: str
    words: Any  # lazy text
    ours: str = ""
    theirs: str = ""

    @property
    def is_against(self) -> bool:
        """Whether it speaks against the two being one."""
        return self.code in _AGAINST


def in_words(codes: Iterable[str]) -> tuple[Told, ...]:
    """Reasons that a filing or a pair kept as codes; never a code itself, whatever an earlier version kept."""
    return tuple(Told(code, WORDS.get(code, UNKNOWN)) for code in codes if code not in _TECHNICAL)


def in_a_line(codes: Iterable[str]) -> str:
    """Reasons in one line: what speaks for it first, then what against."""
    told = in_words(codes)
    pro = pgettext("between items", ", ").join(str(one.words) for one in told if not one.is_against)
    con = pgettext("between items", ", ").join(str(one.words) for one in told if one.is_against)
    return " · ".join(part for part in (pro, gettext("against it: %(reasons)s") % {"reasons": con} if con else "") if part)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two leads beside each other, as they stand now. `verdict` None: nothing ties them any more."""

    verdict: Verdict | None
    firm_share: float
    reasons: tuple[Told, ...]


def between(lead: Lead, other: Lead) -> Compared:
    """Why two leads may be one, with what stands in either. Only for whoever may see both."""
    found = duplicates.between(lead, other)
    if found is None:
        return Compared(None, 0.0, ())
    rows = tuple(
        Told(code, WORDS.get(code, UNKNOWN), *((ours, theirs) if code in _SAYS_WHAT else ("", "")))
        for code, ours, theirs in found.reasons
        if code not in _TECHNICAL
    )
    return Compared(found.verdict, found.firm_share, rows)
