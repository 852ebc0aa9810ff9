"""Faults of a rule document in the language of the page: each names the line, what stands there and what was expected."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wutong.rulebook.documents import Fault

SENTENCES = {
    "no_yaml": _("This is no valid YAML: mend the indentation, bracket, quote or double key."),
    "half_character": _("There is half a character here: remove it."),
    "odd_value": _("“%(value)s” is no number and no date: correct it, or write it in quotes as a text."),
    "odd_key": _("A list or a mapping stands where a name belongs: write the name as a word."),
    "too_long": _("The text is longer than 500,000 bytes: give one document only."),
    "too_many": _("The text holds more than 20,000 values: give one document only."),
    "too_deep": _("Lists and mappings stand more than 12 deep in one another: close the brackets."),
    "anchor": _("“%(value)s” is an anchor or alias, which is not taken: write the value out where it is needed."),
    "tag": _("“%(value)s” is a tag, which is not taken: remove it."),
    "no_mapping": _("The text does not consist of rules: begin each with its name and a colon, such as “leads.stale_days:”."),
    "odd_name": _("“%(value)s” is no name of a rule: expected part and name with a full stop between them, such as “leads.stale_days”."),
    "unknown_leaf": _("There is no rule “%(value)s”. Similar names: %(expected)s."),
    "not_held": _("“%(value)s” does not change by a document of this kind; take it out."),
    "no_leaf": _("Nothing is said of this rule: expected unit, source and values below it."),
    "unknown_field": _("The field “%(value)s” is unknown; expected one of %(expected)s."),
    "no_description": _("The description is missing: expected “zh” (and “en”) with what the rule is about."),
    "other_unit": _("The unit is “%(value)s”; expected “%(expected)s”, in which the program counts."),
    "no_unit": _("The unit is missing."),
    "no_source": _("The source is missing: expected the title and the date of the document that this value rests on."),
    "no_source_title": _("The title of the source document is missing."),
    "no_source_date": _("The date of the source document is “%(value)s”; expected year-month-day, such as 2026-11-20."),
    "text_too_long": _("“%(value)s” is longer than %(expected)s characters."),
    "no_url": _("“%(value)s” is no address; expected one that begins with https://."),
    "no_values": _("The values are missing: expected lines with a start date and a value, such as “2026-12-01: 45”."),
    "no_start_date": _("“%(value)s” is no start date; expected year-month-day, such as 2026-12-01."),
    "no_words": _("“%(value)s” is no list of words; expected words in square brackets with commas between them."),
    "no_text": _("“%(value)s” is no text."),
    "no_yes_no": _("“%(value)s” is neither true nor false."),
    "no_number": _("“%(value)s” is no number."),
    "no_share": _("“%(value)s” is no share; expected a number from 0 to 1, such as 0.35 for 35 %%."),
    "not_whole": _("“%(value)s” is no whole number, and this is counted in whole ones."),
    "negative": _("“%(value)s” is below zero; expected 0 or more."),
    "too_large": _("“%(value)s” is too large."),
    "begins_before": _("The value begins on %(value)s, before this version does on %(expected)s; give that day or a later one."),
    "no_weight": _("All weights %(value)s are 0 from %(expected)s: then nothing could be ranked."),
    "no_utf8": _("The file is not UTF-8: save it as UTF-8."),
    "no_such_file": _("The file is neither YAML nor XLSX; give one that ends with .yaml or .xlsx."),
    "not_readable": _("The file cannot be read: %(value)s"),
    "row": _("“%(value)s” is not as expected: %(expected)s"),
    "twice": _("“%(value)s” is there twice for the same day; keep one row."),
}


def told(fault: Fault) -> str:
    """A fault in a sentence; a code that is new here stays as it is."""
    sentence = SENTENCES.get(fault.code)
    nothing = "—"
    if sentence is None:
        return f"{fault.code}: {fault.value}"
    return str(sentence) % {"value": fault.value or nothing, "expected": fault.expected or nothing}
