"""What was expected of a row that cannot be taken, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_noop

from wutong.engine import ledger_layout
from wutong.engine.list_files import Fault, ListError, Wanted

WORDS = {
    Wanted.READABLE: gettext_noop("a CSV file or an XLSX workbook (%(error)s)"),
    Wanted.ANY_OF: gettext_noop("%(columns)s in each row"),
    Wanted.HEADER: gettext_noop("a header row with %(columns)s and at least one row below it"),
    Wanted.FEWER_ROWS: gettext_noop("at most %(most)s rows; divide the list"),
    Wanted.EXISTS: gettext_noop("a file that exists; no such file"),
    Wanted.SMALLER: gettext_noop("at most %(most)s MB; divide the list"),
    Wanted.WIDTH: gettext_noop("%(width)s fields separated by %(delimiter)s"),
    Wanted.ONCE: gettext_noop("each only once; row %(row)s names it too"),
    Wanted.TEXT: gettext_noop("text"),
    Wanted.FIRM_NAME: gettext_noop("a firm's name"),
    Wanted.CREDIT_CODE: gettext_noop("a credit code"),
    Wanted.AMOUNT: gettext_noop("an amount such as %(examples)s"),
    Wanted.AMOUNT_UNIT: gettext_noop("an amount with its unit, such as %(examples)s: neither the cell nor the header names one"),
    Wanted.AMOUNT_YUAN: gettext_noop("an amount in yuan: a foreign one is not converted"),
    Wanted.AMOUNT_ALONE: gettext_noop("the amount alone: what “%(words)s” means for it is not known"),
    Wanted.AMOUNT_PART: gettext_noop("fixed assets that are not more than the whole"),
    Wanted.AMOUNT_BELIEVED: gettext_noop("an amount from %(least)s to %(most)s yuan: the unit is probably another"),
    Wanted.NO_RANGE: gettext_noop("one number: a range is not guessed"),
    Wanted.ONE_NUMBER: gettext_noop("one number: the cell has several"),
    Wanted.EXACT: gettext_noop("an exact number: “about” or “more than” is not guessed"),
    Wanted.NUMBER: gettext_noop("one number with its unit (%(units)s), in the cell or the header"),
    Wanted.DAY: gettext_noop("a day such as 2025-06-30, or a month such as 2025-06"),
    Wanted.DAY_YEAR: gettext_noop("a day with its year"),
    Wanted.DAY_JANUARY: gettext_noop("%(year)s-01 or %(year)s-10: a spreadsheet writes January and October alike"),
    Wanted.TELEPHONE: gettext_noop("one telephone number"),
    Wanted.NO_ERROR: gettext_noop("a value: the cell holds the error %(text)s; mend its formula"),
    Wanted.RESULT: gettext_noop(
        "a value: the result of the formula was not stored; open the file in a spreadsheet, save it, and hand it in again"
    ),
    Wanted.OF_ITS_OWN: gettext_noop("a value of its own: one merged cell stands for rows %(rows)s together"),
}
"""Every code of the engine with its words as gettext finds them; a test compares the two."""


def passed_over(kind: str) -> str:
    """What a line of a ledger is that is no row of it, translated."""
    told = {
        ledger_layout.TOTAL: _("a total or subtotal: passed over"),
        ledger_layout.NOTE: _("a note beside the table: passed over"),
        ledger_layout.HEADER_AGAIN: _("the header once more: passed over"),
        ledger_layout.SECTION_LINE: _("a section: it says the stage of the rows below where these say none"),
    }
    return told[kind]


def wanted(said: object) -> str:
    """What a field expects, translated: a code of the engine, or a text that translates itself."""
    return translated(said.value) if isinstance(said, Wanted) else str(said)


def expected(fault: Fault) -> str:
    """What was expected, translated."""
    text = wanted(fault.expected)
    return text % fault.params if fault.params else text


def told(fault: Fault) -> str:
    """A fault as one sentence, translated."""
    where = _("%(file)s, row %(row)s") % {"file": fault.file, "row": fault.row} if fault.row else fault.file
    at = _("%(where)s, column %(column)s") % {"where": where, "column": fault.field} if fault.field else where
    return _("%(where)s: “%(value)s”; expected: %(expected)s") % {"where": at, "value": fault.value[:80], "expected": expected(fault)}


def of_list(error: ListError) -> str:
    """Every fault of a list that cannot be taken, a line each, translated."""
    more = error.count - len(error.faults)
    return "\n".join([*map(told, error.faults), *([_("… and %(count)s more") % {"count": more}] if more else [])])
