"""What is said of a project, as people type it: names, figures in 10,000 yuan and which are not provided, site, capital, company, plan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.rulebook.lifecycle import FIGURES
from wutong.rulebook.opportunities import KindFact, kind_facts
from wutong.web.accounts.models.units import named
from wutong.web.leads.queries import places, rows
from wutong.web.lib.money import WAN
from wutong.web.projects.forms.fields import PLACE_BOX, Day, words
from wutong.web.projects.forms.verbs import VerbForm
from wutong.web.projects.models import KINDS, MODES, ORIGIN_KINDS, PLAN, SITE_KINDS, Project
from wutong.web.projects.queries.figures import PLANNED
from wutong.web.projects.queries.refusals import FIGURE_LABELS
from wutong.web.projects.rules.stages import Kind, Origin

PLAIN = (
    "name_zh", "name_en", "kind", "mode", "is_chain_project", "site_text", "site_kind", "origin_kind", "landed_name", "landed_uscc", "note"
)  # fmt: skip


class ChangeForm(VerbForm):
    """All that can be said of a project beside its stage, status and owner."""

    name_zh = forms.CharField(label=_("Name of the project"), max_length=120)
    name_en = forms.CharField(label=_("English name"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind of project"), choices=words(KINDS), help_text=_("Each kind has facts of its own, shown once saved.")
    )
    mode = forms.ChoiceField(label=_("Mode of investment"), choices=words(MODES))
    segment = forms.ChoiceField(label=_("Chain and segment"), required=False)
    is_chain_project = forms.BooleanField(label=_("Chain project"), required=False)
    site_text = forms.CharField(
        label=pgettext_lazy("project", "Site"), required=False, max_length=200, help_text=_("Park, plot or address.")
    )
    site_place = forms.CharField(
        label=_("Region of the site"), required=False, max_length=60, widget=forms.TextInput(attrs=PLACE_BOX),
        help_text=_("Name or code of a region."),
    )  # fmt: skip
    site_kind = forms.ChoiceField(
        label=_("Kind of site"), required=False, choices=[("", _("not known yet")), *words(SITE_KINDS)],
        help_text=_("Limits after signing go by it."),
    )  # fmt: skip
    origin_kind = forms.ChoiceField(label=_("Capital"), required=False, choices=[("", _("not known yet")), *words(ORIGIN_KINDS)])
    origin_place = forms.CharField(
        label=_("Where the capital comes from"), required=False, max_length=60, widget=forms.TextInput(attrs=PLACE_BOX),
        help_text=_("Foreign capital: the country as two letters, such as DE; other capital: a region."),
    )  # fmt: skip
    landed_name = forms.CharField(label=_("Project company"), required=False, max_length=300)
    landed_uscc = forms.CharField(label=_("Credit code of the project company"), required=False, max_length=18)
    plan_reason = forms.CharField(
        label=_("Why total investment or planned days change"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where one that was given before changes. Rates of earlier days keep what stood then."),
    )  # fmt: skip
    project_code = forms.CharField(
        label=_("Project code"), required=False, max_length=24, help_text=_("24 characters, such as 2601-990121-04-01-123456.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, project=project, **{**kwargs, "initial": said_of(project)})
        bare = [(f"{project.chain}/", rows.chain_name(project.chain))] if project.chain and not project.segment else []
        self.fields["segment"].choices = [("", _("none chosen")), *bare, *places.segments()]  # type: ignore[attr-defined]
        for name in FIGURES:
            self.fields[name] = _figure(name)
            self.fields[f"no_{name}"] = forms.BooleanField(label=_("not provided by the investor"), required=False)
        for name in PLAN:
            self.fields[name] = Day(label=PLANNED[name], required=False)
        chosen = str(self.data.get("kind", ""))  # of another kind what gates ask of it is typed with it
        self.of = chosen if chosen in kind_facts() else project.kind
        self.kind_facts = kind_facts()[self.of]
        for fact in self.kind_facts:
            self.fields[f"fact_{fact.key}"] = _of_kind(fact)

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Each figure with its box “not provided”."""
        return [(self[name], self[f"no_{name}"]) for name in FIGURES]

    @property
    def planned(self) -> list[Any]:
        """The days planned."""
        return [self[name] for name in PLAN]

    @property
    def why(self) -> Any:
        """The reason of a change of total or planned days."""
        return self["plan_reason"]

    @property
    def of_kind_name(self) -> str:
        """The kind whose facts are asked for."""
        return str(KINDS[Kind(self.of)])

    @property
    def of_kind(self) -> list[Any]:
        """What projects of its kind say of themselves."""
        return [self[f"fact_{fact.key}"] for fact in self.kind_facts]

    @property
    def plain(self) -> list[Any]:
        """Everything else, in its order."""
        apart = {*FIGURES, *(f"no_{name}" for name in FIGURES), *PLAN, "plan_reason", *(f"fact_{fact.key}" for fact in self.kind_facts)}
        return [field for field in self.visible_fields() if field.name not in apart]

    def clean_site_place(self) -> str:
        """The division code of what was typed."""
        return _adcode(self.cleaned_data["site_place"], self.project.site_adcode)

    def clean(self) -> dict[str, Any]:
        """The country of foreign capital, or the region of other."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        text, is_foreign = given.get("origin_place", "").strip(), given.get("origin_kind") == Origin.FOREIGN
        given["origin_country"], given["origin_adcode"] = "", ""
        if is_foreign and text:
            if not (len(text) == 2 and text.isascii() and text.isalpha()):
                self.add_error("origin_place", _("Foreign capital: the country as two letters, such as DE; other capital: a region."))
            given["origin_country"] = text.upper()
        elif text:
            try:
                given["origin_adcode"] = _adcode(text, self.project.origin_adcode)
            except forms.ValidationError as fault:
                self.add_error("origin_place", fault)
        return given

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        chain, _slash, segment = given["segment"].partition("/")
        figures = {name: self._given(name) for name in FIGURES}
        facts = {fact.key: _text(given[f"fact_{fact.key}"]) for fact in self.kind_facts}
        said = {name: given[name] for name in (*PLAIN, *PLAN, "origin_country", "origin_adcode")}
        return {
            "values": {
                **said, **figures, "project_code": given["project_code"].strip(), "chain": chain, "segment": segment,
                "site_adcode": given["site_place"], "not_provided": [name for name in FIGURES if given[f"no_{name}"]],
                "kind_facts": facts,
            },
            "reason": given["plan_reason"],
        }  # fmt: skip

    def _given(self, name: str) -> Any:
        """A figure as typed. Why the project's own where nobody touched it: the form shows it rounded. Units: money in yuan."""
        given = self.cleaned_data[name]
        if given is None or "_yuan" not in name:
            return given
        return getattr(self.project, name) if _short(given) == self.initial[name] else given * WAN


def _figure(name: str) -> forms.Field:
    if name == "jobs":
        return forms.IntegerField(label=FIGURE_LABELS[name], required=False, min_value=0, max_value=2_000_000)
    return forms.DecimalField(label=FIGURE_LABELS[name], required=False, min_value=0, max_digits=12, decimal_places=2)


def _of_kind(fact: KindFact) -> forms.Field:
    label = named(fact.zh, fact.en)
    if fact.is_number:
        return forms.DecimalField(label=label, required=False, min_value=0, max_digits=14, decimal_places=2)
    return forms.CharField(label=label, required=False, max_length=300)


def _text(given: Any) -> str:
    """A value as it is kept: text, of figures without zeros behind the point that say nothing."""
    return "" if given is None else _short(given) if isinstance(given, Decimal) else str(given)


def _adcode(text: str, kept: str) -> str:
    """The division code of what was typed; what was not touched stays, also where no build knows the code."""
    if not text.strip():
        return ""
    if kept and text.strip() == places.name_of(kept):
        return kept
    code = places.adcode_of(text)
    if code is None:
        raise forms.ValidationError(_("No region is called so: write its name as on the map, or its division code."))
    return code


def said_of(project: Project) -> dict[str, Any]:
    """What a project says, as the form shows it."""
    shown = {name: getattr(project, name) for name in (*PLAIN, *PLAN, *FIGURES, "project_code")}
    for name in FIGURES:
        if "_yuan" in name and shown[name] is not None:
            shown[name] = _short(shown[name] / WAN)
        shown[f"no_{name}"] = name in project.not_provided
    return {
        **shown, "segment": f"{project.chain}/{project.segment}" if project.chain else "",
        **{f"fact_{key}": value for key, value in project.kind_facts.items()},
        "site_place": places.name_of(project.site_adcode), "origin_place": project.origin_country or places.name_of(project.origin_adcode),
    }  # fmt: skip


def _short(number: Any) -> str:
    """Without the zeros behind the point that say nothing."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
