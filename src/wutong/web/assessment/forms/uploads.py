"""Files in forms: several of one name, each looked at by its content."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from wutong.web.journal.queries import files as kept_files
from wutong.web.journal.rules import IMAGES

MOST_FILES = 20


class FilesInput(forms.FileInput):
    """Several files of one name, from the camera and from what the phone holds."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """All of them."""
        return list(files.getlist(name)) if hasattr(files, "getlist") else []

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether none came."""
        return name not in files


class FilesField(forms.Field):
    """Files, none too large."""

    widget = FilesInput
    too_many = _("At most %(n)s files at once: send the others afterwards.")

    def clean(self, value: Any) -> list[Any]:
        """Each looked at."""
        given = list(value or [])
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"])
        if len(given) > MOST_FILES:
            raise forms.ValidationError(self.too_many % {"n": MOST_FILES})
        for file in given:
            if file.size > settings.FILE_MOST_BYTES:
                most = settings.FILE_MOST_BYTES // 1024**2
                raise forms.ValidationError(_("“%(name)s” is too large: at most %(most)s MB.") % {"name": file.name, "most": most})
            self.look(file)
        return given

    def look(self, file: Any) -> None:
        """Whether it is of a kind that is kept: the journal says so where it is hung."""


class PhotosField(FilesField):
    """Photographs: images that every browser shows."""

    too_many = _("At most %(n)s photographs at once: send the others afterwards.")

    def look(self, file: Any) -> None:
        """An image by its content."""
        if kept_files.examine(file).content not in IMAGES:
            raise forms.ValidationError(_("“%(name)s” is no photograph: choose a JPEG, PNG or WebP file.") % {"name": file.name})
