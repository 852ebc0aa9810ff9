"""Refusals about duties, comments, files and calendars in words: what is wrong, and what to do. The one place for them."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from wutong.web.journal.rules import ENDINGS, Refusal

WORDS = {
    Refusal.TITLE_MISSING: _("Write what is to be done."),
    Refusal.DUE_MISSING: _("Give the day on which it is due, or a number of working days."),
    Refusal.DUE_PAST: _("The due day is past. Choose today or a later day."),
    Refusal.OWNER_INACTIVE: _("The account of the person is closed. Choose somebody else."),
    Refusal.OWNER_MAY_NOT_SEE: _("The person may not see this record, so nothing on it can be asked of him."),
    Refusal.NOT_OPEN: _("The duty has ended. Open it again first."),
    Refusal.NOT_ENDED: _("The duty has not ended."),
    Refusal.UNDO_TOO_LATE: _("It ended too long ago to be undone. Whoever asked for it, or the unit's leader, can open it again."),
    Refusal.CLOSES_ITSELF: _("This duty closes by itself: decide on the record that it names."),
    Refusal.RESULT_MISSING: _("Write what came of it."),
    Refusal.REASON_MISSING: _("A reason is missing: write why."),
    Refusal.UNTIL_PAST: _("Give a day later than today until which it is put aside."),
    Refusal.SAME_DAY: _("That is the due day already."),
    Refusal.REQUEST_WAITS: _("A request waits for a decision already. Withdraw it first."),
    Refusal.REQUEST_DECIDED: _("The request was decided already."),
    Refusal.OWN_REQUEST: _("Somebody else has to decide: nobody prolongs his own duty."),
    Refusal.TEXT_MISSING: _("Write something first."),
    Refusal.EDIT_TOO_LATE: _("The comment is too old to be changed. Write another one, or withdraw it."),
    Refusal.WITHDRAWN: _("It was taken back already."),
    Refusal.NOT_HIDDEN: _("The file is not deleted."),
    Refusal.ERASED: _("The file was erased for good."),
    Refusal.FILE_IN_USE: _("The file cannot be deleted, for something rests on it: %(uses)s."),
    Refusal.FILE_LEFT_OUT: _("The file stays deleted, for what it hung on was decided without it."),
    Refusal.FILE_EMPTY: _("The file is empty. Look whether it was saved, and choose it again."),
    Refusal.FILE_TOO_LARGE: _("The file is larger than %(file)s MB. Make it smaller, or split it."),
    Refusal.FILE_NAME: _("The name of the file is empty or longer than 150 signs. Rename it."),
    Refusal.FILE_KIND: _("Files of this kind are not taken. Taken are: %(endings)s. Unpack archives and hang their files one by one."),
    Refusal.FILE_MISMATCH: _(
        "What the file holds is not what its name says. Save it anew in the program that it belongs to; take a password off."
    ),
    Refusal.FILE_MACROS: _("The document brings a program (macro) along. Save it without macros."),
    Refusal.FILE_PIXELS: _("The image has more than 40 million pixels. Make it smaller."),
    Refusal.FILE_BROKEN: _("The image is damaged and cannot be drawn. Save it anew."),
    Refusal.RECORD_FULL: _("The files of this record would take more than %(record)s MB. Delete what is not needed."),
    Refusal.UNIT_FULL: _("The files of the unit would take more than %(unit)s MB. Ask the system administrator."),
    Refusal.DAY_OF_OTHER_YEAR: _("A day belongs to another year."),
    Refusal.DAY_BOTH: _("A day is named as off and as worked."),
    Refusal.DOCUMENT_MISSING: _("Name the notice."),
}


def words(refusals: Iterable[Refusal], uses: Iterable[str] = ()) -> list[str]:
    """Refusals in words, with the bounds that they are about. `uses`: what rests on a file."""
    bounds = {
        "file": settings.FILE_MOST_BYTES // 1024**2, "record": settings.RECORD_MOST_BYTES // 1024**2,
        "unit": settings.UNIT_MOST_BYTES // 1024**2, "endings": " ".join(ENDINGS),
        "uses": pgettext("between faults", "; ").join(uses),
    }  # fmt: skip
    return [str(WORDS[refusal]) % bounds for refusal in refusals]
