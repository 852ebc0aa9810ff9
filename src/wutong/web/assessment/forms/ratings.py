"""What people type of rounds of ratings: the round, whom it rates and who rates, filters, and a rater's own sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.assessment.actions.ratings import Asked, Sheet
from wutong.web.assessment.forms.schemes import Day
from wutong.web.assessment.models import RATER_CLASSES, ROUND_STATES, SCALES, RatingRound, Scheme
from wutong.web.assessment.queries import rating_files, rating_pages, ratings
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules.ratings import POINTS, RaterClass, Scale
from wutong.web.assessment.rules.runs import Measures
from wutong.web.lib import access

_QUESTION = re.compile(r"(?:(?P<code>[a-z][a-z0-9_]{0,58})\s*[:：]\s*)?(?P<text>.+)")
_WORDS = {"rows": 5}
UNABLE = "unable"


def _choices(words: Any) -> list[tuple[str, Any]]:
    return [(one.value, label) for one, label in words.items()]


class RoundForm(forms.Form):
    """A round of ratings."""

    scheme = forms.ModelChoiceField(
        label=_("Scheme"), queryset=Scheme.objects.none(), to_field_name="public_id", empty_label=None,
        help_text=_("Units or persons that it measures can be rated, and its rule can count the means."),
    )  # fmt: skip
    title = forms.CharField(label=pgettext_lazy("rating", "Title"), max_length=120)
    sheet = forms.RegexField(
        r"^[a-z][a-z0-9_]*$", label=pgettext_lazy("rating", "Code of the sheet"), max_length=60,
        help_text=_("Small letters, digits and underscores, such as service. A rule names the sheet by it, year after year."),
    )  # fmt: skip
    questions = forms.CharField(
        label=pgettext_lazy("rating", "Questions"), max_length=8000, widget=forms.Textarea(attrs=_WORDS),
        help_text=_("One a line. A code may stand before it, such as “speed: How fast it goes”, by which a rule asks for one question."),
    )  # fmt: skip
    scale = forms.ChoiceField(label=pgettext_lazy("rating", "Scale"), choices=_choices(SCALES))
    starts_on = Day(label=pgettext_lazy("rating", "First day"))
    last_on = Day(label=pgettext_lazy("rating", "Last day"))
    is_anonymous = forms.BooleanField(
        label=pgettext_lazy("rating", "Anonymous"), required=False, initial=True,
        help_text=_("Nobody sees who answered what, and ballots are destroyed at closing. Otherwise whoever keeps the scheme may look."),
    )  # fmt: skip
    least_answers_count = forms.IntegerField(
        label=pgettext_lazy("rating", "Least number of answers"), min_value=1, max_value=1000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=_("With fewer answers of a class nothing is told of them. It may be higher than the rulebook says, never lower."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, round: RatingRound | None = None, **kwargs: Any) -> None:
        today = access.today()
        super().__init__(*args, initial=_initial(round) if round else {"least_answers_count": ratings.least_count(today)}, **kwargs)
        if round is None:
            self.fields["scheme"].queryset = rating_pages.schemes_to_rate(user)  # type: ignore[attr-defined]
        else:
            del self.fields["scheme"]

    def clean_questions(self) -> list[tuple[str, str]]:
        """Code and text of each line; without a code the place makes one."""
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["questions"].splitlines())):
            told = _QUESTION.fullmatch(line)
            text = told["text"].strip() if told else ""
            if not text or len(text) > 200:
                raise forms.ValidationError(_("A question has at most 200 signs: shorten “%(line)s…”.") % {"line": line[:40]})
            found.append(((told and told["code"]) or f"q{len(found) + 1}", text))
        if len({code for code, _text in found}) < len(found):
            raise forms.ValidationError(_("Two questions bear the same code: give each its own."))
        return found

    def told(self) -> Sheet:
        """For the action."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "scheme"}
        return Sheet(**{**given, "scale": Scale(given["scale"])})


def _initial(round_: RatingRound) -> dict[str, Any]:
    names = ("title", "sheet", "scale", "starts_on", "last_on", "is_anonymous")
    least = round_.least_answers_count or ratings.least_count(access.today())
    lines = "\n".join(f"{one.code}: {one.text}" for one in round_.questions.all())
    return {**{name: getattr(round_, name) for name in names}, "least_answers_count": least, "questions": lines}


class RatersForm(forms.Form):
    """Whom a round rates, and who rates: all that may be are ticked where nobody was chosen yet."""

    def __init__(self, *args: Any, user: Any, round: RatingRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rated, raters = {one.id for one in ratings.rated(round)}, list(round.raters.all())
        chosen = {(one.rater_class, one.unit_id or one.account_id) for one in raters}
        self.units = {str(one.key): one for one in rating_pages.to_rate(round)}
        ticked = [key for key, one in self.units.items() if not rated or one.id in rated]
        of_persons = round.scheme.measures == Measures.PERSONS
        label = _("Persons that are rated") if of_persons else _("Units that are rated")
        self.fields["units"] = _ticks(label, [(key, one.full_name) for key, one in self.units.items()], ticked)
        if of_persons and self.units:
            self.fields["units"].help_text = _("Nobody rates himself: a unit is not asked about whoever serves at it.")
        self.asked: dict[str, dict[str, Any]] = {}
        for of, label in RATER_CLASSES.items():
            there = rating_pages.investors_to_ask(user) if of is RaterClass.INVESTORS else rating_pages.units_to_ask(user, of)
            self.asked[of] = {str(one.public_id): one for one in there}
            names = [(key, _name(one)) for key, one in self.asked[of].items()]
            ticked = [key for key, one in self.asked[of].items() if not raters or (of, one.pk) in chosen]
            self.fields[of] = _ticks(_("Who rates: %(class)s") % {"class": label}, names, ticked)

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        raters = []
        for of in RaterClass:
            kind = "account" if of is RaterClass.INVESTORS else "unit"
            raters += [Asked(of, **{kind: self.asked[of][key]}) for key in given[of]]
        chosen: list[One] = [self.units[key] for key in given["units"]]
        units, persons = [one.unit for one in chosen if one.person is None], [one.person for one in chosen if one.person is not None]
        return {"units": units, "persons": persons, "raters": raters}


def _ticks(label: Any, choices: list[tuple[str, str]], ticked: list[str]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, initial=ticked, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="" if choices else _("There is none within reach."),
    )  # fmt: skip


def _name(one: Any) -> str:
    if not isinstance(one, Unit):
        return f"{one.firm.name} · {one.unit.name}"
    return f"{one.name} · {one.parent.name}" if one.parent else one.name


class RoundFilter(forms.Form):
    """Which rounds."""

    text = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.ChoiceField(label=pgettext_lazy("rating", "State"), required=False, choices=[("", _("All")), *_choices(ROUND_STATES)])

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return dict(getattr(self, "cleaned_data", {}))


class PaperFileForm(forms.Form):
    """Into which round ballots on paper are entered."""

    round = forms.ModelChoiceField(
        label=_("Round of ratings"), queryset=RatingRound.objects.none(), to_field_name="public_id", empty_label=None,
        help_text=_("Take its sheet from the page of the round: it has a column for each unit and question."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["round"].queryset = rating_files.rounds_to_fill(user)  # type: ignore[attr-defined]


class BallotForm(forms.Form):
    """A rater's sheet: of each question and unit the points, or that he cannot judge; and what he writes of the units."""

    def __init__(self, *args: Any, sheet: rating_pages.Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.scale = sheet, Scale(sheet.rater.round.scale)
        least, most = POINTS[self.scale]
        self.is_by_choice = self.scale is Scale.FIVE
        for question in sheet.questions:
            for unit in sheet.units:
                key = (question.code, unit.id)
                kept, there = sheet.answers.get(key), key in sheet.answers
                name, is_unable = _field(question.code, unit), there and kept is None
                if self.is_by_choice:
                    points = [(str(one), str(one)) for one in range(most, least - 1, -1)]
                    self.fields[name] = forms.ChoiceField(
                        label=unit.full_name, required=False, choices=[*points, (UNABLE, pgettext_lazy("rating", "Cannot judge"))],
                        widget=forms.RadioSelect, initial=UNABLE if is_unable else None if kept is None else str(kept),
                    )  # fmt: skip
                    continue
                box = {"inputmode": "numeric", "min": str(least), "max": str(most), "class": "form-control form-control-lg"}
                self.fields[name] = forms.IntegerField(
                    label=unit.full_name, required=False, min_value=least, max_value=most, initial=kept, widget=forms.NumberInput(attrs=box)
                )
                self.fields[f"{name}-{UNABLE}"] = forms.BooleanField(
                    label=pgettext_lazy("rating", "Cannot judge"), required=False, initial=is_unable
                )
        for unit in sheet.units:
            self.fields[f"comment-{unit.key}"] = forms.CharField(
                label=unit.full_name, required=False, max_length=ratings.MOST_COMMENT, widget=forms.Textarea(attrs={"rows": 2}),
                initial=sheet.comments.get(unit.id, ""),
            )  # fmt: skip

    def cards(self) -> Iterator[tuple[Any, list[tuple[One, Any, Any]]]]:
        """Question → its units, each with the box for points and the one for “cannot judge” (None where it is one of the choices)."""
        for question in self.sheet.questions:
            names = [(unit, _field(question.code, unit)) for unit in self.sheet.units]
            yield question, [(unit, self[name], None if self.is_by_choice else self[f"{name}-{UNABLE}"]) for unit, name in names]

    def comment_fields(self) -> list[Any]:
        """A box a unit."""
        return [self[f"comment-{unit.key}"] for unit in self.sheet.units]

    def values(self) -> dict[str, Any]:
        """For the action: what was left open is not among the answers."""
        given, answers = self.cleaned_data, {}
        for question in self.sheet.questions:
            for unit in self.sheet.units:
                name = _field(question.code, unit)
                if given.get(name) == UNABLE or given.get(f"{name}-{UNABLE}"):
                    answers[question.code, unit.id] = None
                elif given.get(name) not in (None, ""):
                    answers[question.code, unit.id] = int(given[name])
        return {"answers": answers, "comments": {unit.id: given[f"comment-{unit.key}"] for unit in self.sheet.units}}


def _field(code: str, unit: One) -> str:
    return f"{code}-{unit.key}"
