"""What was expected of a row that cannot be taken, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_noop

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
}
"""Every code of the engine with its words as gettext finds them; a test compares the two."""


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
