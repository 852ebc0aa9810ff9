"""Comments and attachments."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.models.records import OnRecord, on_seen, within_reach
from wutong.web.journal.rules import IMAGES, Content

CONTENTS = {
    Content.PDF: "PDF",
    Content.OFD: "OFD",
    Content.WORD: "Word",
    Content.EXCEL: "Excel",
    Content.SLIDES: "PowerPoint",
    Content.OLE: _("older Office or WPS document"),
    Content.JPEG: "JPEG",
    Content.PNG: "PNG",
    Content.GIF: "GIF",
    Content.WEBP: "WebP",
    Content.TEXT: pgettext_lazy("file", "text"),
    Content.UNKNOWN: pgettext_lazy("file", "unknown"),
}


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those on records that the person may see; on firms, only of units within reach, and those that name him."""
        if not (user.is_authenticated and user.may(Permission.JOURNAL_VIEW)):
            return self.none()
        named = Comment.mentions.through._default_manager.filter(user_id=user.pk).values("comment_id")
        return self.filter(on_seen(user), within_reach(user, owner="by") | Q(pk__in=named))


class Comment(OnRecord):
    """Somebody says something about a record (留言). Grain: one row a comment; withdrawn, it leaves a trace without its text."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.TextField(_("comment"), max_length=4000)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True, verbose_name=_("people named"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("written"))
    edited_at = models.DateTimeField(_("changed"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("model", "record", "-at"), name="journal_comment_of_record"),)

    def __str__(self) -> str:
        return f"{self.by} · {timezone.localtime(self.at):%Y-%m-%d %H:%M}"  # the audit keeps this: never what was said


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Attachments; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those on records that the person may see; on firms, only of units within reach."""
        if not (user.is_authenticated and user.may(Permission.JOURNAL_VIEW)):
            return self.none()
        return self.filter(on_seen(user), within_reach(user, owner="by"))

    def shown(self) -> Self:
        """What nobody deleted."""
        return self.filter(hidden_at=None)

    def stored(self) -> Self:
        """What still has its file."""
        return self.filter(erased_at=None)


class Attachment(OnRecord):
    """A file that hangs on a record (附件). Grain: one row a version of a name; deleted, it is hidden first and erased later.

    `stored` is the random name under which the file lies in the data folder, outside of what a web server serves.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(pgettext_lazy("file", "name"), max_length=150)
    version_no = models.PositiveIntegerField(pgettext_lazy("file", "version"))
    content = models.CharField(pgettext_lazy("file", "kind"), max_length=10, choices=[(c.value, label) for c, label in CONTENTS.items()])
    size_bytes = models.BigIntegerField(_("size (bytes)"))
    sha256 = models.CharField(_("hash of the file"), max_length=64)
    stored = models.CharField(max_length=64, unique=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_sensitive = models.BooleanField(pgettext_lazy("file", "sensitive"), default=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("added at"))
    hidden_at = models.DateTimeField(_("deleted at"), null=True, blank=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("deleted by"))
    hiding_reason = models.CharField(_("why deleted"), max_length=200, blank=True)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(fields=("model", "record", "name", "version_no"), name="journal_version_of_name_once"),)
        indexes = (
            models.Index(fields=("model", "record", "-at"), name="journal_file_of_record"),
            models.Index(fields=("sha256",), name="journal_file_hash"),
        )

    def __str__(self) -> str:
        return f"{self.get_content_display()} · {self.sha256[:12]}"  # the audit keeps this: a name may tell business

    @property
    def is_image(self) -> bool:
        """Whether there is a small picture of it."""
        return self.content in IMAGES
