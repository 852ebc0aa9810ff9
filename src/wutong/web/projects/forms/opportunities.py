"""What people type about packaged projects: texts in two languages, figures with their source or "not provided", facts of the kind."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from wutong.rulebook.opportunities import kind_facts
from wutong.web.accounts.models import Unit, User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Lead
from wutong.web.leads.queries import chosen, places
from wutong.web.leads.rules.leads import LeadState
from wutong.web.lib.access import is_chinese
from wutong.web.lib.money import WAN
from wutong.web.projects.forms.fields import ALL, Day, PersonChoice, UnitChoice, chains, words
from wutong.web.projects.models import (
    KINDS,
    MODES,
    OPPORTUNITY_STATES,
    RESPONSES,
    RETIREMENTS,
    Opportunity,
    OpportunityQuerySet,
    OpportunityVersion,
    Project,
)
from wutong.web.projects.queries import opportunities, opportunity_papers, people
from wutong.web.projects.rules import opportunities as rules
from wutong.web.projects.rules.opportunities import Response, Retirement, State, VersionState

LINES, MORE_LINES = {"rows": 3}, {"rows": 5}
WHICH = (
    ALL,
    ("mine", pgettext_lazy("opportunities", "Mine")),
    ("soon", pgettext_lazy("opportunities", "Aged, or soon")),
    ("aged", pgettext_lazy("opportunities", "Aged or no longer valid")),
    ("never_shown", pgettext_lazy("opportunities", "Never shown to anybody")),
    ("review", pgettext_lazy("opportunities", "In review")),
    ("public", pgettext_lazy("opportunities", "Released to the public")),
    ("gap", pgettext_lazy("opportunities", "Made from a gap")),
)
STATE = (("", pgettext_lazy("opportunities", "not retired")), *words(OPPORTUNITY_STATES), ("all", _("All")))
FIRM_BOX = {"autocomplete": "off", "list": "firm-names"}


def units_to_write_for(user: Any) -> Any:
    """The units for which a person may package projects."""
    return Unit.objects.filter(within(user, Permission.PROJECTS_EDIT, unit=""), closed_on=None)


class OpportunityFilter(forms.Form):
    """What to look for among packaged projects."""

    text = forms.CharField(label=pgettext_lazy("opportunities", "Title or site"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind of project"), required=False, choices=[ALL, *words(KINDS)])
    which = forms.ChoiceField(label=pgettext_lazy("opportunities", "What to look at"), required=False, choices=WHICH)
    state = forms.ChoiceField(label=pgettext_lazy("opportunity", "State"), required=False, choices=STATE)
    chain = forms.ChoiceField(label=_("Chain or segment"), required=False)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    mode = forms.ChoiceField(label=_("Mode of investment"), required=False, choices=[ALL, *words(MODES)])
    total_from = forms.DecimalField(label=_("Investment from (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2)
    total_to = forms.DecimalField(label=_("Investment to (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2)

    def __init__(self, *args: Any, user: Any, is_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        there = Opportunity.objects.visible_to(user).order_by().values("unit")
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=there)  # type: ignore[attr-defined]
        self.fields["chain"].choices = chains(self.data.get("chain", ""))  # type: ignore[attr-defined]
        if is_fixed:
            del self.fields["which"], self.fields["state"]

    def filtered(self, found: OpportunityQuerySet, *, on: Any, **fixed: Any) -> OpportunityQuerySet:
        """The packaged projects that match; a filter that cannot be read is left out."""
        self.is_valid()
        given = dict(self.cleaned_data)
        given["chain"], _slash, given["segment"] = given.get("chain", "").partition("/")
        for name in ("total_from", "total_to"):
            wan = given.pop(name, None)
            given[f"{name}_yuan"] = None if wan is None else wan * WAN
        return opportunities.matching(found, self._user, on=on, **{**given, **fixed})


class KeyedForm(forms.Form):
    """A form of a verb. `key` tells the browser's draft and a form that is sent twice."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, one: Opportunity, user: Any, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": uuid.uuid4(), "shown_on": on, **kwargs.pop("initial", {})}, **kwargs)
        self.one, self.user = one, user

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}


class NewForm(forms.Form):
    """The first words of a packaged project; the rest is written on its page."""

    title_zh = forms.CharField(label=_("Chinese title"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind of project"), choices=words(KINDS))
    mode = forms.ChoiceField(label=_("Mode of investment"), choices=words(MODES))
    segment = forms.ChoiceField(label=_("Chain and segment"), required=False)
    what_zh = forms.CharField(label=_("What it is"), required=False, max_length=2000, widget=forms.Textarea(attrs=LINES))
    unit = UnitChoice(label=_("Unit"), empty_label=None)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"unit": user.unit.public_id}, **kwargs)
        self.fields["segment"].choices = [("", _("none chosen")), *places.segments()]  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units_to_write_for(user)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        unit = given.pop("unit")
        given["chain"], _slash, given["segment"] = given["segment"].partition("/")
        return {"unit": unit, "values": given}


class ChangeForm(forms.Form):
    """All that a version says. `seen`: what the page showed, so that nobody overwrites another."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Kind of project"), choices=words(KINDS), help_text=_("Each kind has facts of its own, shown once saved.")
    )
    mode = forms.ChoiceField(label=_("Mode of investment"), choices=words(MODES))
    segment = forms.ChoiceField(label=_("Chain and segment"), required=False)
    contact = forms.CharField(
        label=_("Office telephone"), required=False, max_length=60, help_text=_("Of the office, not of a person: it stands on the sheet.")
    )
    valid_until = Day(label=_("Valid until (not included)"), required=False)

    def __init__(self, *args: Any, version: OpportunityVersion, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial=said_of(version), **kwargs)
        self.version = version
        self.kind_facts = kind_facts()[version.kind]
        self.fields["segment"].choices = [("", _("none chosen")), *places.segments()]  # type: ignore[attr-defined]
        for name in rules.PAIRS:
            for language in ("zh", "en"):
                self.fields[f"{name}_{language}"] = _text(f"{name}_{language}", opportunities.TEXT_LABELS[name])
        for name in rules.FIGURES:
            self.fields[name] = forms.DecimalField(
                label=opportunities.FIGURE_LABELS[name], required=False, min_value=0, max_digits=14, decimal_places=2
            )
            self.fields[f"source_{name}"] = forms.CharField(label=pgettext_lazy("figure", "Source"), required=False, max_length=200)
            self.fields[f"no_{name}"] = forms.BooleanField(label=pgettext_lazy("figure", "not provided"), required=False)
        for fact in self.kind_facts:
            label = fact.zh if is_chinese() else fact.en
            self.fields[f"fact_{fact.key}"] = (
                forms.DecimalField(label=label, required=False, min_value=0, max_digits=14, decimal_places=2)
                if fact.is_number
                else forms.CharField(label=label, required=False, max_length=300)
            )

    @property
    def plain(self) -> list[Any]:
        """What is neither text, figure nor fact of the kind."""
        return [self[name] for name in ("kind", "mode", "segment")]

    @property
    def ends(self) -> list[Any]:
        """What stands at the foot."""
        return [self[name] for name in ("contact", "valid_until")]

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Each text in Chinese and in English."""
        return [(self[f"{name}_zh"], self[f"{name}_en"]) for name in rules.PAIRS]

    @property
    def figures(self) -> list[tuple[Any, Any, Any]]:
        """Each figure with its source and the box “not provided”."""
        return [(self[name], self[f"source_{name}"], self[f"no_{name}"]) for name in rules.FIGURES]

    @property
    def facts(self) -> list[Any]:
        """The facts of the kind."""
        return [self[f"fact_{fact.key}"] for fact in self.kind_facts]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        chain, _slash, segment = given["segment"].partition("/")
        texts = {f"{name}_{language}": given[f"{name}_{language}"] for name in rules.PAIRS for language in ("zh", "en")}
        facts = {fact.key: str(given[f"fact_{fact.key}"]) for fact in self.kind_facts if given[f"fact_{fact.key}"] not in {None, ""}}
        return {
            "seen": given["seen"],
            "values": {
                **texts, "kind": given["kind"], "mode": given["mode"], "chain": chain, "segment": segment, "contact": given["contact"],
                "valid_until": given["valid_until"], "kind_facts": facts if given["kind"] == self.version.kind else {},
                "figures": {
                    name: (_plain(as_kept(name, given[name])), given[f"source_{name}"]) for name in rules.FIGURES if given[name] is not None
                },
                "not_provided": [name for name in rules.FIGURES if given[f"no_{name}"]],
            },
        }  # fmt: skip


def _text(name: str, label: Any) -> forms.CharField:
    field = OpportunityVersion._meta.get_field(name)
    is_short = name.startswith(("title", "site"))
    return forms.CharField(
        label=label, required=name == "title_zh", max_length=field.max_length,  # type: ignore[union-attr]
        widget=forms.TextInput() if is_short else forms.Textarea(attrs=MORE_LINES),
    )  # fmt: skip


def as_kept(name: str, number: Decimal) -> Decimal:
    """A figure of a form, in the unit of its label, as it is kept."""
    return number * WAN if "_yuan" in name else number / 100 if name.endswith("_share") else number


def _plain(number: Decimal) -> str:
    """Without zeros behind the point that say nothing, and never as a power of ten."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def said_of(version: OpportunityVersion) -> dict[str, Any]:
    """What a version says, as the form shows it."""
    shown: dict[str, Any] = {
        f"{name}_{language}": getattr(version, f"{name}_{language}") for name in rules.PAIRS for language in ("zh", "en")
    }
    shown |= {name: getattr(version, name) for name in ("kind", "mode", "contact", "valid_until")}
    for name in rules.FIGURES:
        number = opportunities.figure_number(name, version.value_of(name))
        shown[name] = None if number is None else _plain(number)
        shown[f"source_{name}"] = version.figures[name][1] if name in version.figures else ""
        shown[f"no_{name}"] = name in version.not_provided
    shown |= {f"fact_{key}": value for key, value in version.kind_facts.items()}
    segment = f"{version.chain}/{version.segment}" if version.segment else ""
    return {**shown, "segment": segment, "seen": version.stamp, "key": uuid.uuid4()}


class PlainForm(KeyedForm):
    """Nothing to type."""

    def values(self) -> dict[str, Any]:
        """Nothing."""
        return {}


class ReasonForm(KeyedForm):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs=LINES))


class ReviewForm(KeyedForm):
    """The answer of the second person. `seen`: what was read, for another text is not released by it."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    is_agreed = forms.TypedChoiceField(
        label=pgettext_lazy("opportunity", "Review"), widget=forms.RadioSelect, coerce=lambda value: value == "yes",
        choices=[("yes", pgettext_lazy("opportunity", "Release it for the office")), ("no", pgettext_lazy("opportunity", "Send it back"))],
    )  # fmt: skip
    words = forms.CharField(
        label=pgettext_lazy("gate", "Opinion"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES),
        help_text=_("A reason is needed where it is sent back."),
    )  # fmt: skip

    def __init__(self, *args: Any, one: Opportunity, **kwargs: Any) -> None:
        version = OpportunityVersion.objects.filter(opportunity=one, state=VersionState.IN_REVIEW).first()
        super().__init__(*args, one=one, **{**kwargs, "initial": {"seen": version.stamp if version else ""}})


class RetireForm(KeyedForm):
    """Why it is offered no longer; what landed names its project."""

    why = forms.TypedChoiceField(
        label=pgettext_lazy("opportunity", "Why"), widget=forms.RadioSelect, choices=words(RETIREMENTS), coerce=Retirement
    )
    project = forms.ModelChoiceField(
        label=pgettext_lazy("opportunity", "Landed as"), required=False, queryset=Project.objects.none(), to_field_name="public_id",
        empty_label=_("no project"), help_text=_("The newest projects that you see; those of the same segment first."),
    )  # fmt: skip
    words = forms.CharField(label=_("Reason"), required=False, max_length=300, widget=forms.Textarea(attrs=LINES))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = Project.objects.visible_to(self.user).filter(is_confidential=False)
        same = list(seen.filter(segment=self.one.segment).exclude(segment="").order_by("-pk").values_list("pk", flat=True)[:50])
        newest = list(seen.order_by("-opened_at").values_list("pk", flat=True)[:200])
        field: Any = self.fields["project"]
        field.queryset = Project.objects.filter(pk__in={*same, *newest})
        named = {project.pk: project for project in field.queryset}
        first = list(dict.fromkeys((*same, *newest)))
        field.choices = [("", field.empty_label), *((str(named[key].public_id), str(named[key])) for key in first if key in named)]


class ShowForm(KeyedForm):
    """To whom it was shown, when, and what came of it."""

    lead = forms.ModelChoiceField(
        label=_("Lead"), required=False, queryset=Lead.objects.none(), to_field_name="public_id", empty_label=_("none"),
        help_text=_("Your own open leads. One of lead, firm and event."),
    )  # fmt: skip
    firm = forms.CharField(label=_("Firm"), required=False, max_length=300, widget=forms.TextInput(attrs=FIRM_BOX))
    event = forms.CharField(label=pgettext_lazy("opportunity", "Event or occasion"), required=False, max_length=200)
    shown_on = Day(label=pgettext_lazy("opportunity", "Shown on"))
    response = forms.TypedChoiceField(label=pgettext_lazy("opportunity", "Answer"), choices=words(RESPONSES), coerce=Response)
    words = forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Lead.objects.visible_to(self.user).filter(owner=self.user, state__in=[LeadState.OPEN, LeadState.PROJECT])
        self.fields["lead"].queryset = mine.order_by("-logged_at")  # type: ignore[attr-defined]

    def clean_firm(self) -> str:
        """The id in the registry of the firm that was typed, "" for none."""
        name = self.cleaned_data["firm"].strip()
        if not name:
            return ""
        found = chosen.firm_id_for(name, "")
        if not found:
            raise forms.ValidationError(_("No firm of the registry bears just this name: choose one that is offered, or write an event."))
        return found

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = super().values()
        given["firm_id"] = given.pop("firm")
        return given


class AnswerForm(KeyedForm):
    """How whoever was shown it answered."""

    response = forms.TypedChoiceField(
        label=pgettext_lazy("opportunity", "Answer"), choices=words(RESPONSES), coerce=Response, widget=forms.RadioSelect
    )
    words = forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))


class LeadForm(KeyedForm):
    """A lead that comes of it: its title, whose it is, and the firm where it is known."""

    title = forms.CharField(label=_("Title of the lead"), max_length=120)
    name = forms.CharField(label=_("Firm"), required=False, max_length=300, widget=forms.TextInput(attrs=FIRM_BOX))

    def __init__(self, *args: Any, one: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, one=one, **{**kwargs, "initial": {"title": one.name[:120]}})

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        return {
            "title": given["title"], "name": given["name"], "unit": self.user.unit, "owner": self.user, "key": str(given["key"] or ""),
        }  # fmt: skip


class AssignForm(KeyedForm):
    """Who answers for it from now on."""

    owner = PersonChoice(label=pgettext_lazy("opportunity", "Contact person"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people.of_unit(self.one.unit)  # type: ignore[attr-defined]


class CollectionForm(forms.Form):
    """Several as one file: its title, format and language."""

    title = forms.CharField(label=pgettext_lazy("collection", "Title"), max_length=120)
    form = forms.ChoiceField(label=pgettext_lazy("collection", "Format"), choices=[("docx", "Word"), ("pdf", "PDF")])
    language = forms.ChoiceField(label=_("Language"), choices=list(opportunity_papers.LANGUAGES.items()))
    one = forms.ModelMultipleChoiceField(queryset=Opportunity.objects.none(), to_field_name="public_id", widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"title": pgettext("collection", "Projects seeking partners")}, **kwargs)
        self.fields["one"].queryset = Opportunity.objects.visible_to(user).filter(state=State.RELEASED)  # type: ignore[attr-defined]
        self.fields["one"].error_messages["required"] = _("Nothing is chosen: tick packaged projects in the list.")

    def clean_one(self) -> Any:
        """As many as one file takes."""
        found = self.cleaned_data["one"]
        if len(found) > opportunity_papers.MOST:
            raise forms.ValidationError(_("One collection takes %(n)s packaged projects at most.") % {"n": opportunity_papers.MOST})
        return found

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        order = {str(key): number for number, key in enumerate(self.data.getlist("one"))}  # type: ignore[attr-defined]
        keys = sorted((str(one.public_id) for one in given["one"]), key=lambda key: order.get(key, len(order)))
        return {"title": given["title"], "form": given["form"], "language": given["language"], "keys": keys}
