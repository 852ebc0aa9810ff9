"""What a person types or uploads about an import or an export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.web.batches.actions.imports import LONGEST_CELL
from wutong.web.batches.models import ImportBatch, ImportBatchQuerySet
from wutong.web.batches.models.exports import FORMATS
from wutong.web.batches.models.imports import STATES
from wutong.web.batches.queries import pages, registry
from wutong.web.batches.rules import Format
from wutong.web.lib import exchange

LONG_CELL = 60


class UploadForm(forms.Form):
    """A file to import."""

    file = forms.FileField(label=gettext_lazy("File"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _("An Excel workbook (XLSX) or a CSV file of at most %(most)s MB.") % {"most": settings.IMPORT_LARGEST_MB}
        self.fields["file"].help_text = words


class ColumnsForm(forms.Form):
    """Which column of the file stands for which field."""

    def __init__(self, *args: Any, batch: ImportBatch, mapped: tuple[pages.Mapped, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("", _("no column")),
            *((str(at), header or _("column %(number)s") % {"number": at + 1}) for at, header in enumerate(batch.headers)),
        ]
        for one in mapped:
            self.fields[f"f-{one.name}"] = forms.ChoiceField(
                label=one.label, choices=choices, required=False, initial="" if one.position is None else str(one.position),
                widget=forms.Select(attrs={"class": "form-select"}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """No column stands for two fields."""
        found = super().clean() or {}
        taken = [value for value in found.values() if value]
        if len(set(taken)) != len(taken):
            raise forms.ValidationError(_("One column cannot stand for two fields."))
        return found

    def columns(self) -> dict[str, int]:
        """Field → position of its column."""
        return {name.removeprefix("f-"): int(value) for name, value in self.cleaned_data.items() if value}


class LineForm(forms.Form):
    """The cells of a line, as one row or as several that stand for it; what is wrong with a cell stands under it."""

    def __init__(
        self, *args: Any, batch: ImportBatch, rows: list[list[str]], faults: Sequence[tuple[int, str, str, str]], **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self._width, self._count = len(batch.headers), len(rows)
        wrong: dict[str, list[str]] = {}
        for _row, header, _value, expected in faults:
            wrong.setdefault(header, []).append(expected)
        mapped = set(batch.columns.values())
        order = sorted(range(self._width), key=lambda at: (batch.headers[at] not in wrong, at not in mapped, at))
        for part, row in enumerate(rows):
            for at in order:
                text = row[at] if at < len(row) else ""
                self.fields[f"r{part}-{at}"] = _cell(batch.headers[at] or _("column %(number)s") % {"number": at + 1}, text)
                self.fields[f"r{part}-{at}"].help_text = "; ".join(wrong.get(batch.headers[at], ()))

    def parts(self) -> list[list[forms.BoundField]]:
        """The fields of each row."""
        return [[self[name] for name in self.fields if name.startswith(f"r{part}-")] for part in range(self._count)]

    def rows(self) -> list[list[str]]:
        """The cells of each row, in the order of the file."""
        return [[self.cleaned_data.get(f"r{part}-{at}", "") for at in range(self._width)] for part in range(self._count)]


def _cell(label: str, text: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2}) if len(text) > LONG_CELL or "\n" in text else forms.TextInput()
    return forms.CharField(label=label, required=False, max_length=LONGEST_CELL, initial=text, widget=widget)


class StartForm(forms.Form):
    """All rows or none, or the good rows only."""

    mode = forms.ChoiceField(choices=[("whole", ""), ("good", "")])


class ImportFilter(forms.Form):
    """What to look for among imports."""

    text = forms.CharField(label=gettext_lazy("File"), required=False, max_length=100)
    kind = forms.ChoiceField(label=pgettext_lazy("import", "Kind"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(one.code, one.label) for one in exchange.importings().values()]
        self.fields["kind"].choices = [("", _("All kinds")), *kinds]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("All states")), *((s.value, label) for s, label in STATES.items())]  # type: ignore[attr-defined]

    def filtered(self, found: ImportBatchQuerySet) -> ImportBatchQuerySet:
        """The imports that match."""
        self.is_valid()
        return pages.matching(found, **self.cleaned_data)


class ExportForm(forms.Form):
    """In which format an export is wanted."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=[(f.value, label) for f, label in FORMATS.items()], initial=Format.XLSX,
        widget=forms.RadioSelect,
    )  # fmt: skip


class RegistryUploadForm(forms.Form):
    """A registry file."""

    file = forms.FileField(
        label=gettext_lazy("Registry file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.parquet,.txt"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _("CSV, Excel (XLSX) or Parquet, at most %(most)s MB.") % {"most": settings.REGISTRY_LARGEST_MB}
        self.fields["file"].help_text = words


class RegistryColumnsForm(forms.Form):
    """Which header of a registry file stands for which column."""

    def __init__(self, *args: Any, headers: list[str], columns: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("no column")), *((header, header) for header in dict.fromkeys(headers) if header)]
        for column, label, header in registry.labelled(columns):
            self.fields[column] = forms.ChoiceField(
                label=label, choices=choices, required=column == "name", initial=header, widget=forms.Select(attrs={"class": "form-select"})
            )

    def columns(self) -> dict[str, str]:
        """Column of the build → header of the file."""
        return {column: header for column, header in self.cleaned_data.items() if header}
