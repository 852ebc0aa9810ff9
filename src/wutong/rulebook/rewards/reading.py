"""A reward document out of its YAML text: every fault with its line and what to do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from types import MappingProxyType

from ruamel.yaml.nodes import MappingNode
from ruamel.yaml.nodes import Node as YamlNode

from wutong.rulebook import money, texts
from wutong.rulebook.formulas.base import Fact, Node, RecordField, in_hundredths
from wutong.rulebook.formulas.conditions import Condition
from wutong.rulebook.formulas.faults import Expected, Fault, RuleError
from wutong.rulebook.formulas.groupwise import GROUPWISE
from wutong.rulebook.formulas.reading import NOTHING, line_of, measured, shape_of, text_of
from wutong.rulebook.formulas.records import Records
from wutong.rulebook.formulas.syntax import told_of
from wutong.rulebook.rewards import tax_words
from wutong.rulebook.rewards.shape import NEEDS_REGISTRATION, RESULT, Award, Basis, Keep, Other, Raise, RewardRule, Term, To
from wutong.rulebook.scoring.reading import DEEPEST, LARGEST_BYTES, MOST_VALUES, Reading
from wutong.rulebook.scoring.shape import Rounding, Source

_TOP = ("reward", "title", "source", "valid", "facts", "records", "awards")
_AWARD = (
    "title", "to", "basis", "when", "formula", "raises", "at_most", "round", "unit", "not_with", "one_of", "apply", "eligible_by",
    "each_by", "whose",
)  # fmt: skip
_MONEY, _SPAN = Expected("元、万元", "yuan, 10,000 yuan"), Expected("90天、1年", "90天 or 90 days, 1年 or 1 year")
_AMOUNT = Expected("amount: 市级奖励", "amount: the fact that holds it")
_NUMBER = Expected("document: 文号", "document: its number")
_ELIGIBLE = Expected(
    "eligible_by: {title: 办法名称, document: 文号, date: 2026-01-01}",
    "eligible_by: {title: its name, document: its number, date: 2026-01-01}",
)
_NOT_OF_GROUP = Expected(
    "progressive、bands、lookup 或者 at_least、at_most 等界限；按名次奖的，数据写 from: {fact: result.rank, scheme: …}",
    "progressive, bands, lookup, or limits such as at_least, at_most; for a place, a fact with from: {fact: result.rank, scheme: …}",
)
_WITHIN = re.compile(r"(?P<count>[1-9][0-9]{0,3})\s*(?:(?P<days>天|日|days?)|(?P<years>年|years?))")


def rule_from(text: str, *, file: str = "reward.yaml") -> RewardRule:
    """The document that a text writes. Raises: RuleError with every fault found."""
    try:
        texts.handed_in(text, largest_bytes=LARGEST_BYTES, most_values=MOST_VALUES, deepest=DEEPEST)
    except texts.TextError as error:
        raise RuleError([told_of(error, file)]) from error
    root = texts.tree(text)
    reading = _RewardReading(file, root if isinstance(root, MappingNode) else None)
    rule = reading.reward(hashlib.sha256(text.encode()).hexdigest()[:12])
    if rule is None or reading.reader.faults:
        raise RuleError(reading.reader.faults)
    return rule


class _RewardReading(Reading):
    """One reading of a text: head and facts as of a scoring rule, then the awards."""

    def reward(self, digest: str) -> RewardRule | None:
        """The document; None where its outline already fails."""
        top = self.parts(self.root, "reward", _TOP)
        for name, expected in (("reward", "reward: introducers_2026"), ("source", "source: {title: …, date: 2026-01-01}"),
                               ("valid", "valid: {from: 2026-01-01, to: 2027-01-01}"), ("awards", "awards: {…}")):  # fmt: skip
            if name not in top:
                self.reader.fault(1, "not_there", field=name, expected=expected)
        code = self.named(top.get("reward"))
        zh, en = self.titled(top.get("title"), 1, code)
        source, (begins_on, ends_on) = self._source(top.get("source")), self._valid(top.get("valid"))
        self.reader.facts = {one.name: one for one in self._declared(top.get("facts"), "facts")}
        self.reader.records = {one.name: one for one in self._records(top.get("records"))}
        found = self.parts(top.get("awards"), "awards", None) if "awards" in top else {}
        awards = {key: made for key, value in found.items() if (made := self._award(key, value)) is not None}
        if self.reader.faults or source is None or begins_on is None:
            return None
        unused = tuple(name for name in (*self.reader.facts, *self.reader.records) if name not in self.reader.used)
        remarks = tuple(sorted(self.reader.remarks))
        facts, records = MappingProxyType(dict(self.reader.facts)), MappingProxyType(dict(self.reader.records))
        return RewardRule(code, zh, en, source, begins_on, ends_on, facts, records, MappingProxyType(awards), digest, unused, remarks)

    # --- one award ----------------------------------------------------------------------------------------------------------------------
    def _award(self, code: str, raw: YamlNode) -> Award | None:
        count, line = len(self.reader.faults), line_of(raw)
        parts = self.parts(raw, f"awards.{code}", _AWARD)
        for name, expected in (("to", "、".join(To)), ("basis", "、".join(Basis)), ("formula", "formula: {…}")):
            if parts and name not in parts:
                self.reader.fault(line, "not_there", field=f"{code}.{name}", expected=expected)
        zh, en = self.titled(parts.get("title"), line, code)
        unit = (self.reader.unit(parts["unit"]) if "unit" in parts else None) or money.UNITS["yuan"]
        if unit.dimensions != money.UNITS["yuan"].dimensions:
            said = Expected(unit.zh or unit.code, unit.en or unit.code)
            self.reader.fault(line_of(parts["unit"]), "wrong_unit", value=said, expected=_MONEY)
        formula, at_most = self._money(parts.get("formula")), self._money(parts.get("at_most"))
        when = self._alone(self.reader.condition(parts["when"])) if "when" in parts else None
        raises, others = tuple(self._raises(parts.get("raises"))), tuple(self._others(parts.get("not_with")))
        to, basis = self.chosen(parts, "to", tuple(To), To.UNITS), self.chosen(parts, "basis", tuple(Basis), Basis.RESULT)
        term, cited = self._term(parts.get("apply")), self._cited(parts, "eligible_by")
        each_by = self._each_by(parts, To(to))
        rounding, (one_of, keep, is_across) = self._rounded(parts.get("round")), self._one_of(parts.get("one_of"))
        is_own = self.chosen(parts, "whose", ("any", "own"), "any") == "own"
        if len(self.reader.faults) > count or formula is None:
            return None
        looked_at = [node for node in (when, formula, at_most, *(one.when for one in raises)) if node is not None]
        is_of_run = self._is_of_run(code, line, looked_at)
        named = (code, zh, en, *(title for one in raises for title in (one.zh, one.en)), *chain.from_iterable(map(_names, looked_at)))
        is_tied = basis == Basis.TAX or any(map(tax_words.word_in, named))
        return Award(
            code, zh, en, To(to), Basis(basis), is_tied, when, formula, raises, at_most, rounding, unit, others, one_of, keep,
            is_across, is_own, is_of_run, term, cited, each_by, line,
        )  # fmt: skip

    def _refuse_groupwise(self, made: Node) -> None:
        """Nothing compares with a group, wherever it stands: whoever claims stands alone, and would always be the first."""
        for node in made.all():
            if isinstance(node, GROUPWISE):
                self.reader.fault(node.line, "not_here", value=node.CODE, expected=_NOT_OF_GROUP)

    def _alone(self, made: Condition | None) -> Condition | None:
        if made is not None:
            self._refuse_groupwise(made)
        return made

    def _money(self, raw: YamlNode | None) -> Node | None:
        """A formula that gives money, by this recipient alone: there is no group to compare with."""
        made = self.reader.number_node(raw) if raw is not None else None
        if made is None or raw is None:
            return None
        self._refuse_groupwise(made)
        is_nothing = made.words() == "0" and not made.dimensions
        if not is_nothing and made.dimensions != money.UNITS["yuan"].dimensions:
            told = measured(made.dimensions)
            said = Expected(f"{made.words()}（{told.zh}）", f"{made.words('en')} ({told.en})")
            self.reader.fault(line_of(raw), "wrong_unit", value=said, expected=_MONEY)
        return made

    def _rounded(self, raw: YamlNode | None) -> Rounding | None:
        if raw is None:
            return None
        given = self.parts(raw, "round", ("digits", "how")) if isinstance(raw, MappingNode) else {"digits": raw}
        return self.rounding({"round": given["digits"], **given} if "digits" in given else given)

    def _raises(self, raw: YamlNode | None) -> Iterator[Raise]:
        for one in self.listed(raw, "raises"):
            parts = self.parts(one, "raises", ("title", "when", "by"))
            when, by_share = self._alone(self._needed(parts, "when", line_of(one))), self.number(parts.get("by"), "by")
            zh, en = self.titled(parts.get("title"), line_of(one), "上浮")
            if by_share is None:
                self.reader.fault(line_of(one), "not_there", field="by", expected="by: 10%")
            elif by_share < 0:
                self.reader.fault(line_of(parts["by"]), "negative", field="by", value=text_of(parts["by"]))
            elif by_share >= 1 and text_of(parts["by"]).isdecimal():
                self.reader.fault(
                    line_of(parts["by"]), "no_share", field="by", value=text_of(parts["by"]), expected=in_hundredths(by_share)
                )
            elif when is not None:
                yield Raise(zh, en, when, by_share)

    def _others(self, raw: YamlNode | None) -> Iterator[Other]:
        for one in self.listed(raw, "not_with"):
            parts = self.parts(one, "not_with", ("title", "amount"))
            if "amount" not in parts:
                self.reader.fault(line_of(one), "not_there", field="amount", expected=_AMOUNT)
            amount = self._money(parts.get("amount"))
            zh, en = self.titled(parts.get("title"), line_of(one), "其他奖励")
            if amount is not None:
                yield Other(zh, en, amount)

    def _one_of(self, raw: YamlNode | None) -> tuple[str, Keep, bool]:
        """A word alone, or with which of them stands and whether other documents with the word count."""
        if raw is None or not isinstance(raw, MappingNode):
            return text_of(raw), Keep.HIGHEST, False
        parts = self.parts(raw, "one_of", ("word", "keep", "across"))
        if not text_of(parts.get("word")):
            self.reader.fault(line_of(raw), "not_there", field="one_of.word", expected="word: 引荐")
        keep = self.chosen(parts, "keep", tuple(Keep), Keep.HIGHEST)
        return text_of(parts.get("word")), Keep(keep), self.chosen(parts, "across", ("document", "documents"), "document") == "documents"

    def _is_of_run(self, code: str, line: int, looked_at: list[Node | Condition]) -> bool:
        """Whether it rests on a run; such an award looks at no project, for there is none."""
        names = {node.name for top in looked_at for node in top.all() if isinstance(node, Fact)}
        drawn = {one.origin.code for name in names if (one := self.reader.facts[name]).origin is not None}
        of_run = {one for one in drawn if one.startswith(RESULT)}
        if of_run and of_run != drawn:
            said = "、".join(sorted(drawn - of_run))
            self.reader.fault(line, "not_here", value=f"{code}: {said}", expected="、".join(sorted(of_run)))
        return bool(of_run)

    def _term(self, raw: YamlNode | None) -> Term | None:
        if raw is None:
            return None
        parts = self.parts(raw, "apply", ("within", "after"))
        found = _WITHIN.fullmatch(text_of(parts.get("within")))
        if found is None:
            shown = shape_of(parts["within"]) if "within" in parts else NOTHING
            self.reader.fault(line_of(raw), "wrong_shape", field="apply.within", value=shown, expected=_SPAN)
            return None
        return Term(int(found["count"]), found["years"] is not None, self._event(parts))

    def _event(self, parts: Mapping[str, YamlNode]) -> str:
        """The fact that tells the day from which the term runs; "" for the day of signing."""
        word = text_of(parts.get("after"))
        if "after" not in parts or word in ("signed_on", "签约日期"):
            return ""
        told = self.reader.facts.get(word) or next((one for one in self.reader.facts.values() if one.zh == word), None)
        if told is None:
            expected = "、".join(name for name, one in self.reader.facts.items() if one.kind == "date") or "signed_on"
            self.reader.fault(line_of(parts["after"]), "unknown_name", value=word, expected=expected)
            return ""
        if told.kind != "date":
            self.reader.fault(line_of(parts["after"]), "wrong_kind", value=told.name, expected="date")
        self.reader.used.add(told.name)
        return told.name

    def _cited(self, parts: Mapping[str, YamlNode], name: str) -> Source | None:
        """The rule that lets somebody have the award who else has nothing: a named document with its day, or none."""
        raw = parts.get(name)
        found = self._source(raw)
        if raw is not None and found is not None and not found.document:
            self.reader.fault(line_of(raw), "not_there", field=f"{name}.document", expected=_NUMBER)
        return found

    def _each_by(self, parts: Mapping[str, YamlNode], to: To) -> Source | None:
        """The rule by which each has it in full; introducers and advisers have their shares instead."""
        if "each_by" in parts and to in NEEDS_REGISTRATION:
            self.reader.fault(line_of(parts["each_by"]), "not_here", value=f"to: {to}, each_by", expected=f"{To.UNITS}、{To.OFFICERS}")
        return self._cited(parts, "each_by")


def _names(top: Node | Condition) -> Iterator[str]:
    """What it looks at by every name: an award in proportion to tax is one in any wrapping, whatever the document calls its basis."""
    yield from (top.words("zh"), top.words("en"))
    for node in top.all():
        if isinstance(node, Fact | RecordField):
            yield f"{node.zh} {node.name} {node.en}"
        elif isinstance(node, Records):
            yield " ".join(node.of)


def uncited(rule: RewardRule, file: str) -> tuple[Fault, ...]:
    """Awards for officers without the rule that lets civil servants have them. Why apart: what older documents rule can still be read."""
    zh, en = _ELIGIBLE.zh, _ELIGIBLE.en
    lacking = (one for one in rule.awards.values() if one.to is To.OFFICERS and one.eligible_by is None)
    return tuple(Fault(file, one.line, "not_there", field=f"{one.code}.eligible_by", expected=zh, expected_en=en) for one in lacking)


def written_from(text: str, *, file: str = "reward.yaml") -> RewardRule:
    """The document that a text writes, to be used from now on. Raises: RuleError with every fault found."""
    rule = rule_from(text, file=file)
    if found := uncited(rule, file):
        raise RuleError(list(found))
    return rule
