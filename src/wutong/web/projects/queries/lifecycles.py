"""The life of a project and the definitions of rates as they are kept here: those that ship, with the region's own files over them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from wutong.rulebook import lifecycle, rates
from wutong.rulebook.calendar import Due
from wutong.rulebook.lifecycle import Lifecycle, NodeRule, Which
from wutong.rulebook.load import RulebookError
from wutong.rulebook.rates import Rates
from wutong.web.accounts.models.units import named
from wutong.web.journal.queries import calendar
from wutong.web.lib import access, rulebook
from wutong.web.lib.health import Finding, State
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.stages import YELLOW_LEAF, Stage


def in_force() -> Lifecycle:
    """Stages, nodes and what gates ask for. Raises: RulebookError where the region's file has a fault, OSError where it is not there."""
    found: Lifecycle = access.once("projects.lifecycle", lambda: lifecycle.with_file(settings.LIFECYCLE_FILE))
    return found


def rates_known() -> Rates:
    """The definitions of the rates, those of the region's own file with them. Raises: RulebookError where the file has a fault."""
    return rates.with_file(settings.RATES_FILE)


def rates_or_shipped() -> Rates:
    """The same for what is read while the program starts: where the file has a fault, those that ship, for the fault is told elsewhere."""
    try:
        return rates_known()
    except RulebookError:
        return rates.rates()


def faults() -> dict[str, str]:
    """Setting → what is wrong with the region's own file that it names: file, line and remedy of every fault."""
    found = dict[str, str]()
    for name, read in (("WUTONG_LIFECYCLE", lambda: lifecycle.with_file(settings.LIFECYCLE_FILE)), ("WUTONG_RATES", rates_known)):
        try:
            read()
        except (RulebookError, OSError, UnicodeDecodeError) as error:
            found[name] = str(error)
    return found


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of the region's own files: which are in use, and what is wrong with them."""
    wrong = faults()
    for name, text in wrong.items():
        said = gettext("%(setting)s: the file has faults, and nobody can work with projects. %(faults)s")
        said %= {"setting": name, "faults": text}
        yield Finding(f"projects.{name.lower()}", State.FAULT, said, gettext("Mend the lines named and start the service anew."))
    if "WUTONG_RATES" not in wrong and settings.RATES_FILE:
        told = {"file": settings.RATES_FILE, "n": len(rates_known().own), "hash": rates_known().hash}
        text = gettext("Definitions of rates: %(n)s of our own from %(file)s over those that ship (version %(hash)s).") % told
        yield Finding("projects.wutong_rates", State.WELL, text)
    elif "WUTONG_RATES" not in wrong:
        yield Finding("projects.wutong_rates", State.WELL, gettext("Definitions of rates: those that ship; WUTONG_RATES names no file."))


def is_before_signing(stage: str) -> bool:
    """Whether a project in a stage has yet to come to the one from which it enters the signing: no contract is signed before."""
    return stages.is_early(Stage(stage), Stage.SIGNED, in_force())


def yellow_days(on: dt.date) -> int:
    """From how many days before its day on a node is amber."""
    return int(rulebook.in_force().number(YELLOW_LEAF, on))


def day_of(at: dt.datetime) -> dt.date:
    """The day of a moment in the office's time zone."""
    return timezone.localdate(at)


def due(days: int | None, since: dt.date | None) -> Due | None:
    """The day so many working days after another; None where there is no time, or nothing to count from yet."""
    return None if days is None or since is None else calendar.calendar().add_working_days(since, days)


def due_of(rule: NodeRule, *, since: dt.date, done: Mapping[str, dt.date]) -> Due | None:
    """By when a node is due: counted from the entry of its stage, or from the day on which the node before it was done."""
    return due(rule.days, done.get(rule.after) if rule.after else since)


# --- in words ---------------------------------------------------------------------------------------------------------------------------
_KNOWN_SOURCES = {
    "Wutong default": gettext_lazy("Wutong default"), "公开文件所见": gettext_lazy("as found in published rules"),
    "各地重点产业自定，出厂只举一例": gettext_lazy("every bureau says it otherwise; shipped as an example"),
}  # fmt: skip
"""What the sources of shipped rules say → the same in the language of the page."""


def source_of(rule: Which) -> str:
    """Where a rule is from: its title, document and day."""
    source = rule.source
    told = (_KNOWN_SOURCES.get(one, one) for one in (source.title, source.document))
    return " · ".join(str(one) for one in (*told, f"{source.date:%Y-%m-%d}" if source.date else "") if one)


def limit_name(code: str) -> str:
    """A limit in the language of the page; its code where the rules know it no more."""
    rule = in_force().limits.get(code)
    return named(rule.zh, rule.en) if rule else code


def stage_name(code: str) -> str:
    """A stage as the region calls it."""
    rule = in_force().stages.get(code)
    return named(rule.zh, rule.en) if rule else code


def node_name(key: str) -> str:
    """A node in the language of the page; its key where the rules know it no more."""
    rule = in_force().nodes.get(key)
    return named(rule.zh, rule.en) if rule else key


def evidence_name(kind: str) -> str:
    """A kind of evidence in the language of the page."""
    rule = in_force().evidence.get(kind)
    return named(rule.zh, rule.en) if rule else kind


def function_name(key: str) -> str:
    """Who is responsible for a node by the rules: what such a unit does."""
    life = in_force()
    rule = life.nodes.get(key)
    function = life.functions.get(rule.unit) if rule else None
    return named(function.zh, function.en) if function else ""
