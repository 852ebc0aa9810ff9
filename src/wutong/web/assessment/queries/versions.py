"""Rules of schemes: which holds on a day, what is wrong with a text, and how a version stands for the rules of approval."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import OrderedDict
from threading import Lock
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.rulebook.formulas.faults import Fault, RuleError
from wutong.rulebook.rewards import reading as reward_reading
from wutong.rulebook.rewards.shape import RewardRule
from wutong.rulebook.scoring import reading
from wutong.rulebook.scoring.facts import FactsError
from wutong.rulebook.scoring.shape import ScoringRule
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Run, Scheme, SchemeVersion
from wutong.web.assessment.queries import reward_sources, sources
from wutong.web.assessment.rules.rewards import SchemeKind
from wutong.web.assessment.rules.runs import Measures
from wutong.web.lib.access import is_chinese
from wutong.web.rulebooks.queries import versions as approval
from wutong.web.rulebooks.rules import State, VersionFacts

FILE = "rule.yaml"
MOST_CHARACTERS = 1_000_000
"""Of the texts whose rules a process keeps; the rule of 80 indicators in four groups has some 60,000."""


class _Kept:
    """The rules read last, by the hash of their text: reading takes a tenth of a second, and a rule never changes once it is read.

    Why bounded by the length of the texts: what is made of a text takes many times its memory.
    """

    def __init__(self, most_characters: int) -> None:
        self._most, self._held = most_characters, 0
        self._rules: OrderedDict[str, tuple[int, ScoringRule | RuleError]] = OrderedDict()
        self._lock = Lock()

    def rule(self, text: str) -> ScoringRule:
        """The rule that a text writes. Raises: RuleError."""
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        with self._lock:
            found = self._rules.get(key)
            if found is not None:
                self._rules.move_to_end(key)
        made = found[1] if found is not None else self._read(key, text)
        if isinstance(made, RuleError):
            raise RuleError(list(made.faults))
        return made

    def _read(self, key: str, text: str) -> ScoringRule | RuleError:
        made: ScoringRule | RuleError
        try:
            made = reading.rule_from(text, file=FILE)
        except RuleError as error:
            made = RuleError(list(error.faults))
        with self._lock:
            if key not in self._rules:
                self._rules[key] = len(text), made
                self._held += len(text)
            while self._held > self._most:
                _key, (length, _rule) = self._rules.popitem(last=False)
                self._held -= length
        return made


_KEPT = _Kept(MOST_CHARACTERS)


def read(text: str, *, is_of_persons: bool = False) -> tuple[ScoringRule | None, tuple[Fault, ...]]:
    """The rule that a text writes, and every fault of it: of the language, and of where facts are said to come from."""
    try:
        rule = _KEPT.rule(text)
    except RuleError as error:
        return None, error.faults
    return rule, sources.faults(rule, FILE, is_of_persons=is_of_persons)


def read_reward(text: str) -> tuple[RewardRule | None, tuple[Fault, ...]]:
    """The reward document that a text writes, and every fault of it: of the language, and of where facts are said to come from."""
    try:
        rule = reward_reading.rule_from(text, file=FILE)
    except RuleError as error:
        return None, error.faults
    return rule, (*reward_sources.faults(rule, FILE), *reward_reading.uncited(rule, FILE))


def read_of(scheme: Scheme, text: str) -> tuple[ScoringRule | RewardRule | None, tuple[Fault, ...]]:
    """What a text of a scheme or of a reward document writes, and its faults."""
    if scheme.kind == SchemeKind.REWARD:
        return read_reward(text)
    return read(text, is_of_persons=scheme.measures == Measures.PERSONS)


def rule_of(version: SchemeVersion) -> ScoringRule:
    """The rule of a version that has no faults. Raises: RuleError."""
    return _KEPT.rule(version.text)


class Unreadable(RuleError):  # noqa: N818 - what it is, in words
    """The rule of a run was approved once and has a fault by the grammar of today: what was kept stands, nothing is worked out anew."""

    def __str__(self) -> str:
        fault = self.say("zh" if is_chinese() else "en")[:300]
        return _("The rule of this run cannot be read by this version: %(fault)s") % {"fault": fault}


def rule_of_run(run: Run) -> ScoringRule:
    """The rule by which a run was worked out. Raises: Unreadable."""
    try:
        return rule_of(run.version)
    except RuleError as error:
        raise Unreadable(list(error.faults)) from error


def why_not(error: RuleError | FactsError) -> str:
    """Why the rule of a run, or the facts kept with it, cannot be taken anew, in words."""
    return str(error) if isinstance(error, Unreadable) else error.say("zh" if is_chinese() else "en")[:300]


def said(fault: Fault) -> tuple[int, str, str]:
    """A fault in the language of the page: line, what is wrong, what to do."""
    lang = "zh" if is_chinese() else "en"
    return fault.line, fault.what(lang), fault.remedy(lang)


def in_force(scheme: Scheme, on: dt.date) -> SchemeVersion | None:
    """The newest approved version whose rule holds on a day."""
    for version in scheme.versions.approved().order_by("-number"):
        rule, _faults = read_of(scheme, version.text)
        if rule is not None and rule.begins_on <= on and (rule.ends_on is None or on < rule.ends_on):
            found: SchemeVersion = version
            return found
    return None


def unreadable(scheme: Scheme, on: dt.date) -> SchemeVersion | None:
    """The approved version that would hold on a day but has faults by the checks of this release; None where the newest can be read.

    Why: an older rule must not take its place without a word.
    """
    for version in scheme.versions.approved().order_by("-number"):
        rule, _faults = read_of(scheme, version.text)
        if rule is None and _may_hold(version.text, on):
            found: SchemeVersion = version
            return found
        if rule is not None and rule.begins_on <= on and (rule.ends_on is None or on < rule.ends_on):
            return None
    return None


def fault_words(version: SchemeVersion) -> str:
    """That an approved version has a fault by now, the first by its line, and what to do; "" where it has none."""
    rule, faults = read_of(version.scheme, version.text)
    if rule is not None or not faults:
        return ""
    line, what, remedy = said(faults[0])
    return _(
        "Version %(number)s was approved, but its text has a fault by the checks of this release, so nothing is worked out by it. "
        "Line %(line)s: %(what)s → %(remedy)s. Begin a draft, correct it, and have it approved."
    ) % {"number": version.number, "line": line, "what": what, "remedy": remedy}


_VALID = re.compile(r"^valid:.*(?:\n[ \t].*)*", re.MULTILINE)
_ENDS = {name: re.compile(rf"\b{name}:\s*['\"]?(\d{{4}}-\d{{2}}-\d{{2}})") for name in ("from", "to")}


def _may_hold(text: str, on: dt.date) -> bool:
    """Whether a text that cannot be read may hold on a day, by the days that it names; where it names none it may."""
    told = _VALID.search(text)
    days = {name: found[1] for name, end in _ENDS.items() if told is not None and (found := end.search(told[0]))}
    return days.get("from", "") <= str(on) and ("to" not in days or str(on) < days["to"])


def latest(scheme: Scheme) -> SchemeVersion | None:
    """The newest approved version."""
    found: SchemeVersion | None = scheme.versions.approved().order_by("-number").first()
    return found


def newest(scheme: Scheme) -> SchemeVersion | None:
    """The newest version that tells which groups there are: an approved one, else the draft."""
    return latest(scheme) or scheme.versions.open().first()


def group_titles(version: SchemeVersion) -> dict[str, str]:
    """Code → title of the groups of a version."""
    rule = read(version.text)[0]
    return {} if rule is None else {code: group.zh if is_chinese() else group.en for code, group in rule.groups.items()}


def groups(scheme: Scheme) -> dict[str, str]:
    """Code → title of the groups of the newest rule; empty where there is none without faults."""
    version = newest(scheme)
    return group_titles(version) if version else {}


def facts(version: SchemeVersion) -> VersionFacts:
    """A version as the rules of approval see it."""
    base = latest(version.scheme)
    has_faults = version.is_open and bool(read_of(version.scheme, version.text)[1])
    return VersionFacts(
        State(version.state), version.text_hash, version.base_hash, version.base_number, base.number if base else 0, version.note,
        approval.authors(version), has_faults, version.number,
    )  # fmt: skip


def message_of(version: SchemeVersion) -> tuple[str, str]:
    """What is told of a version in its present state: title and text."""
    titles = {
        State.SUBMITTED: _("%(scheme)s, version %(number)s waits for your decision"),
        State.APPROVED: _("%(scheme)s, version %(number)s was approved"),
        State.SENT_BACK: _("%(scheme)s, version %(number)s was sent back"),
        State.WITHDRAWN: _("%(scheme)s, version %(number)s was withdrawn"),
    }
    is_new = version.state == State.SUBMITTED
    person, words = (version.submitted_by, version.note) if is_new else (version.decided_by, version.decision)
    title = titles[State(version.state)] % {"scheme": version.scheme.title, "number": version.number}
    return title, _("%(person)s: %(said)s") % {"person": person, "said": words} if words else str(person)


def address_of(version: SchemeVersion) -> str:
    """The page of a version."""
    return reverse("assessment:version", args=[version.public_id])


_COUNTIES = "counties:\n    title: {zh: 县区, en: counties}"


def template(scheme: Scheme, on: dt.date) -> str:
    """The text with which the first draft of a scheme begins: the shortest rule there is, to be written on."""
    if scheme.kind == SchemeKind.REWARD:
        return _reward_template(scheme, on)
    group = "officers:\n    title: {zh: 招商干部, en: officers}" if scheme.measures == Measures.PERSONS else _COUNTIES
    return f"""# 计分规则怎样写，见使用手册“计分规则”；写错了，旁边随时列出行号和改法。
rule: {scheme.code}
title: {scheme.title}
source: {{title: {scheme.title}, date: {on:%Y-%m-%d}}}
valid: {{from: {on.year}-01-01, to: {on.year + 1}-01-01}}
facts:
  started: {{zh: 开工项目, en: projects started, unit: 个, from: projects.started}}
  target: {{zh: 开工目标, en: target of projects started, unit: 个}}
groups:
  {group}
    full_points: 100
    total: {{round: 2}}
    rank: {{ties: skip}}
    items:
      - id: started
        title: {{zh: 开工项目, en: projects started}}
        points: 100
        formula: {{completion: {{actual: started, target: target, points: 100, cap: 100%}}}}
"""


def _reward_template(scheme: Scheme, on: dt.date) -> str:
    return f"""# 奖励办法怎样写，见使用手册“奖励办法”；写错了，旁边随时列出行号和改法。
reward: {scheme.code}
title: {scheme.title}
source: {{title: {scheme.title}, date: {on:%Y-%m-%d}}}
valid: {{from: {on.year}-01-01, to: {on.year + 1}-01-01}}
facts:
  arrived: {{zh: 认定到位资金, en: recognised funds in place, unit: 万元, from: project.arrived}}
awards:
  unit:
    title: {{zh: 招商单位奖励, en: award to the unit}}
    to: units
    basis: recognised
    unit: 万元
    whose: own
    formula: {{product: [arrived, 1‰]}}
"""


def may(user: Any, version: SchemeVersion) -> dict[str, bool]:
    """What a person is offered about a version."""
    target = version.unit.target()
    may_decide = (
        not version.is_draft
        and version.is_open
        and user.may(Permission.ASSESSMENT_APPROVE, target)
        and user.pk not in approval.authors(version)
    )
    return {
        "may_edit": version.is_draft and user.may(Permission.ASSESSMENT_EDIT, target),
        "may_decide": may_decide,
        "may_withdraw": approval.is_his_to_withdraw(version, user, Permission.ASSESSMENT_EDIT, may_decide=may_decide),
    }
