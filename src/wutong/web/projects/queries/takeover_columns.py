"""The columns of a ledger of projects that is taken over (项目台账): their headers in many bureaus, and how each cell is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.engine import ledger_cells, ledger_layout
from wutong.engine.ledger_cells import Amount, Day
from wutong.engine.list_files import USCC, Field, Unlike, Wanted
from wutong.rulebook.lifecycle import LedgerWord, Lifecycle
from wutong.web.lib import access, rulebook
from wutong.web.lib.exchange import SheetColumn, choice_of, one_of
from wutong.web.projects.models import KINDS, MODES, PROJECT_STAGES, SITE_KINDS
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules import opening as rules
from wutong.web.projects.rules.stages import Kind, Stage, Status

LEAST_LEAF, MOST_LEAF = "projects.ledger_least_yuan", "projects.ledger_most_yuan"
DAYS: Mapping[Stage, str] = {
    Stage.TALKS: "talks_on", Stage.APPRAISAL: "appraised_on", Stage.SIGNED: "signed_on", Stage.REGISTERED: "registered_on",
    Stage.LAND_GRANTED: "land_on", Stage.STARTED: "started_on", Stage.COMPLETED: "completed_on", Stage.PRODUCTION: "produced_on",
    Stage.FULL_CAPACITY: "full_on",
}  # fmt: skip
"""Stage → the column with the day on which it was entered."""
PLANNED = ("planned_start_on", "planned_completion_on", "planned_production_on", "planned_full_on")
FIGURES = ("total_yuan", "fixed_yuan", "equipment_yuan", "output_yuan_a_year", "tax_yuan_a_year")
_SHORT, _LONG = gettext_lazy("text of at most 120 characters"), gettext_lazy("text of at most 2,000 characters")
_AMOUNT = gettext_lazy("an amount with its unit, in the cell or the header")
_A_DAY = gettext_lazy("a day such as 2025-06-30, or a month")
_CODE = gettext_lazy("24 characters such as 2601-990121-04-01-123456")
_BRACKET = re.compile("[（(]([^（()）]*)[）)]")
_BEFORE, _BEHIND = re.compile("^(?:已经|正在|已|正|目前)"), re.compile("(?:项目|阶段|状态|情况|之中|中)$")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a word of a ledger says of how a project stands: a stage, a status, or both."""

    stage: Stage | None = None
    status: Status | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.stage, self.status)))


class Words:
    """What ledgers call stages, statuses and kinds: the words of the life of a project, and its own names for stages."""

    def __init__(self, life: Lifecycle) -> None:
        self._words: dict[str, LedgerWord] = {}
        for code, rule in life.stages.items():
            for name in (code, rule.zh, rule.en, str(PROJECT_STAGES[Stage(code)])):
                self._words[_key(name)] = LedgerWord(word=name, stage=rule.code)
        self._words |= {_key(word): meaning for word, meaning in life.words.items()}

    def meaning(self, text: str) -> LedgerWord | None:
        """What a word means, with “已” before it or “项目” behind it too; None where it is not known."""
        key = _key(text)
        for one in (key, _BEHIND.sub("", key), _BEFORE.sub("", key), _BEFORE.sub("", _BEHIND.sub("", key))):
            if one in self._words:
                return self._words[one]
        return None

    def standing(self, text: str) -> Standing:
        """Stage and status, of which the one may stand in brackets behind the other. Raises: ValueError."""
        whole = self.meaning(text)
        parts = [whole] if whole else [self.meaning(part) for part in (_BRACKET.sub("", text), *_BRACKET.findall(text)) if part.strip()]
        stages = {part.stage for part in parts if part and part.stage}
        statuses = {part.status for part in parts if part and part.status}
        if None in parts or len(stages) > 1 or len(statuses) > 1 or not (stages or statuses):
            raise ValueError(text)
        return Standing(
            Stage(stages.pop()) if stages else None, Status(statuses.pop()) if statuses else None
        )  # fmt: skip

    def kind(self, text: str) -> str:
        """A kind of project. Raises: ValueError."""
        found = self.meaning(text)
        return found.kind if found and found.kind else choice_of(KINDS)(text)


def _key(text: str) -> str:
    return ledger_cells.plain(text).casefold()


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text.strip()) > most:
            raise ValueError(text)
        return " ".join(text.split())

    return read


def _title(text: str) -> str:
    """The one project that a cell names. Raises: Unlike where it names several."""
    found = ledger_cells.names_in(text)
    if len(found) > 1:
        raise Unlike(_("one project a row; this names %(n)s: %(names)s"), {"n": len(found), "names": " | ".join(found)})
    return _text(120)(found[0])


def _uscc(text: str) -> str:
    plain = ledger_cells.plain(text).upper()
    if not re.fullmatch("[0-9A-Z]{18}", plain):
        raise ValueError(text)
    return plain


def _code(text: str) -> str:
    plain = ledger_cells.plain(text)
    if not rules.is_project_code(plain):
        raise ValueError(text)
    return plain


def _contacts(text: str) -> str:
    return "、".join(ledger_cells.telephone(part) for part in re.split(r"[、/;；,，\s]+", text.strip()) if part)


def _person(text: str) -> str:
    """A name, without a telephone number beside it. Raises: ValueError where several stand there."""
    name = re.sub(r"[\d\-+()（）\s]{7,}", "", text).strip()
    if not name or re.search(r"[、/;；,，\n]", name):
        raise ValueError(text)
    return name


def _planned(text: str) -> Day:
    return ledger_cells.day(re.sub("(?:之前|以前|前)$", "", text.strip()))


def _money(least: Decimal | None, most: Decimal) -> Callable[[str, str], Callable[[str], Amount]]:
    def under(header: str, above: str) -> Callable[[str], Amount]:
        def read(text: str) -> Amount:
            found = ledger_cells.amount(text, header, above)
            if found.yuan > most or (least is not None and found.yuan < least):
                raise Unlike(Wanted.AMOUNT_BELIEVED, {"least": f"{least or 0:,.0f}", "most": f"{most:,.0f}"})
            return found

        return read

    return under


def _number(units: Mapping[str, Decimal], *, is_whole: bool = False) -> Callable[[str, str], Callable[[str], Decimal | int]]:
    def under(header: str, above: str) -> Callable[[str], Decimal | int]:
        def read(text: str) -> Decimal | int:
            found = ledger_cells.number(text, units, header)
            if is_whole and found != int(found):
                raise Unlike(Wanted.NUMBER, {"units": "、".join(unit for unit in units if unit)})
            return int(found) if is_whole else found

        return read

    return under


def _one(
    name: str, headers: tuple[str, ...], label: Any, told: Any = "", *, read: Any = str, under: Any = None, expected: Any = _SHORT,
    spans: bool = False, is_needed: bool = False, example: str = "", choices: tuple[str, ...] = (), width: int = 16,
) -> SheetColumn:  # fmt: skip
    field = Field(name, headers, is_needed=is_needed, read=read, expected=expected, under=under, spans=spans)
    return SheetColumn(field, label, told, example, choices, width)


def columns(user: Any, units: tuple[str, ...] = ()) -> tuple[SheetColumn, ...]:
    """The columns, with drop-downs of what a cell may say; `units`: whose projects the person directs."""
    words, life = Words(lifecycles.in_force()), lifecycles.in_force()
    stages = tuple(lifecycles.stage_name(code) for code in life.order)
    return (
        _one("title", ("项目名称", "招商项目名称", "招商项目", "项目", "工程名称", "project"), pgettext_lazy("column", "Project"),
             read=_title, is_needed=True, example="高端液压件生产项目", width=34),
        _one("unit", ("落地单位", "责任单位", "承接单位", "落户园区", "所属园区", "所在园区", "属地", "单位", "县区", "园区", "host unit"),
             _("Host unit"), _("A unit whose projects you direct: its name, a former or a short one."), read=_text(120), spans=True,
             choices=units[:200], is_needed=True, width=24),
        _one("stage", ("项目阶段", "所处阶段", "当前阶段", "阶段", "项目进度", "进度", "建设状态", "项目状态", "推进阶段", "stage"),
             pgettext_lazy("project", "Stage"), _("Any usual word; a section above the rows may say it too."), read=words.standing,
             expected=one_of(stages), choices=stages, spans=True),
        _one("status", ("推进状态", "运行状态", "是否停滞", "状态", "status"), pgettext_lazy("project", "State"), _("Empty: worked on."),
             read=words.standing, expected=_("worked on, paused, dormant or lost, in a usual word"), spans=True),
        _one("name", ("投资方", "投资企业", "投资主体", "投资单位", "投资公司", "投资商", "投资方名称", "客商", "企业名称", "investor"),
             _("Investor"), read=_text(300), expected=_("text of at most 300 characters"), spans=True, width=34),
        _uscc_column(),
        _one("owner", ("项目负责人", "负责人", "责任人", "承办人", "专班责任人", "项目专员", "owner"), pgettext_lazy("project", "Owner"),
             _("Name or user name of somebody who works on projects of the unit."), read=_person, expected=_("the name of one person"),
             spans=True),
        _one("finder", ("引进单位", "招引单位", "首谈单位", "信息提供单位", "招商单位", "found by"), _("Found by"),
             _("Empty: the host unit."), read=_text(120), spans=True, width=24),
        _one("telephone", ("联系电话", "联系方式", "电话", "手机", "投资方电话", "telephone"), _("Telephone of the investor"),
             _("Only a digest is kept, by which double leads are noticed."), read=_contacts, expected=Wanted.TELEPHONE, spans=True),
        _one("kind", ("项目类别", "产业类别", "项目类型", "行业类别", "类别", "产业", "kind"), _("Kind of project"), _("Empty: industry."),
             read=words.kind, expected=one_of(KINDS), choices=tuple(str(label) for label in KINDS.values()), spans=True),
        _one("mode", ("合作方式", "投资方式", "mode"), _("Mode of investment"), _("Empty: direct investment."), read=choice_of(MODES),
             expected=one_of(MODES), choices=tuple(str(label) for label in MODES.values()), spans=True),
        _one("site_kind", ("用地方式", "kind of site"), _("Kind of site"), _("Limits after signing go by it."),
             read=choice_of(SITE_KINDS), expected=one_of(SITE_KINDS), choices=tuple(str(label) for label in SITE_KINDS.values()),
             spans=True),
        *_amounts(), *_numbers(), *_days(),
        _one("site_text", ("项目选址", "建设地点", "选址", "地址", "建设地址", "落地位置", "site"), _("Site"), read=_text(200),
             expected=_("text of at most 200 characters"), spans=True, width=30),
        _one("project_code", ("项目代码", "备案代码", "项目编码", "在线平台代码", "project code"), _("Project code"), read=_code,
             expected=_CODE, width=28),
        _one("landed_name", ("项目公司", "落地公司", "注册公司", "落地企业", "项目公司名称", "project company"), _("Project company"),
             read=_text(300), expected=_("text of at most 300 characters"), width=34),
        _one("went_to", ("去向", "流失去向", "转投地", "where it went"), _("Where it went"), read=_text(120)),
        _one("reason", ("停滞原因", "流失原因", "终止原因", "原因", "存在问题", "reason"), _("Reason"), read=_text(2000), expected=_LONG),
        _one("content", ("建设内容", "主要建设内容", "建设规模及内容", "项目内容", "主要产品", "content"), _("What is built"),
             read=_text(2000), expected=_LONG, width=36),
        _one("note", ("备注", "说明", "进展情况", "项目进展", "最新进展", "工作进展", "note"), _("Note"), read=_text(2000), expected=_LONG,
             width=36),
        _one("section", (ledger_layout.SECTION,), _("Section of the ledger"), _("Filled by itself."), read=str),
    )  # fmt: skip


def _uscc_column() -> SheetColumn:
    return _one("uscc", (*USCC.headers, "投资方信用代码"), _("Credit code"), read=_uscc, expected=Wanted.CREDIT_CODE, width=24)


def _amounts() -> tuple[SheetColumn, ...]:
    book, on = rulebook.in_force(), access.today()
    least, most = (Decimal(str(book.number(leaf, on))) for leaf in (LEAST_LEAF, MOST_LEAF))
    believed, small = _money(least, most), _money(None, most)
    unit = _("With its unit in the cell or in the header.")
    return (
        _one("total_yuan", ("总投资", "计划总投资", "投资总额", "总投资额", "投资额", "协议投资额", "合同投资额", "签约金额", "投资规模",
                            "total investment"),
             pgettext_lazy("project", "Total investment"), unit, under=believed, expected=_AMOUNT, example="1.2亿元"),
        _one("fixed_yuan", ("固定资产投资", "固定资产", "固投", "固定资产投资额", "fixed assets"),
             pgettext_lazy("project", "Fixed assets"), unit, under=believed, expected=_AMOUNT),
        _one("equipment_yuan", ("设备投资", "设备投资额", "equipment"), pgettext_lazy("project", "Equipment"), unit, under=believed,
             expected=_AMOUNT),
        _one("output_yuan_a_year", ("年产值", "预计年产值", "达产产值", "达产后年产值", "年营业收入", "output a year"),
             pgettext_lazy("project", "Output a year"), unit, under=small, expected=_AMOUNT),
        _one("tax_yuan_a_year", ("年税收", "预计年税收", "年纳税", "达产税收", "达产后年税收", "tax a year"),
             pgettext_lazy("project", "Tax a year"), unit, under=small, expected=_AMOUNT),
    )  # fmt: skip


def _numbers() -> tuple[SheetColumn, ...]:
    expected = _("one number with its unit, in the cell or the header")
    return (
        _one("jobs", ("就业", "就业人数", "带动就业", "用工人数", "吸纳就业", "jobs"), pgettext_lazy("project", "Jobs"),
             under=_number(ledger_cells.PERSONS, is_whole=True), expected=expected),
        _one("land_mu", ("用地面积", "占地面积", "用地", "占地", "用地规模", "land"), pgettext_lazy("project", "Land"),
             under=_number(ledger_cells.MU_UNITS), expected=expected, example="50亩"),
        _one("building_sqm", ("建筑面积", "总建筑面积", "厂房面积", "floor space"), pgettext_lazy("project", "Floor space"),
             under=_number(ledger_cells.SQM_UNITS), expected=expected),
        _one("energy_tce_a_year", ("年能耗", "能耗", "综合能耗", "energy a year"), pgettext_lazy("project", "Energy a year"),
             under=_number(ledger_cells.TCE), expected=expected),
    )  # fmt: skip


def _days() -> tuple[SheetColumn, ...]:
    headers: dict[str, tuple[tuple[str, ...], Any]] = {
        "talks_on": (("洽谈日期", "对接日期", "接洽时间", "洽谈时间", "入库时间", "入库日期"), _("In negotiation since")),
        "appraised_on": (("评审日期", "评审时间", "论证时间"), _("Appraisal since")),
        "signed_on": (("签约日期", "签约时间", "签订日期", "合同签订日期", "合同签订时间", "签约"), _("Signed on")),
        "registered_on": (("注册日期", "注册时间", "落地时间", "落地日期", "备案日期", "备案时间"), _("Registered on")),
        "land_on": (("供地日期", "供地时间", "拿地时间", "拿地日期", "摘牌时间", "摘牌日期"), _("Land granted on")),
        "started_on": (("开工日期", "开工时间", "实际开工时间", "实际开工日期", "开工"), _("Building started on")),
        "completed_on": (("竣工日期", "竣工时间", "实际竣工时间", "实际竣工日期", "竣工"), _("Completed on")),
        "produced_on": (("投产日期", "投产时间", "实际投产时间", "实际投产日期", "投产"), _("In production since")),
        "full_on": (("达产日期", "达产时间", "实际达产时间", "达效时间", "达产"), _("Full capacity since")),
        "since_on": (("本阶段起始日期", "进入阶段时间", "阶段起始", "阶段起始日期"), _("In this stage since")),
    }
    plans: dict[str, tuple[tuple[str, ...], Any]] = {
        "planned_start_on": (("计划开工日期", "计划开工时间", "计划开工", "拟开工时间", "预计开工时间"), _("Start planned on")),
        "planned_completion_on": (("计划竣工日期", "计划竣工时间", "计划竣工", "预计竣工时间"), _("Completion planned on")),
        "planned_production_on": (("计划投产日期", "计划投产时间", "计划投产", "预计投产时间"), _("Production planned on")),
        "planned_full_on": (("计划达产日期", "计划达产时间", "计划达产", "预计达产时间"), _("Full capacity planned on")),
    }
    return (
        *(_one(name, some, label, read=ledger_cells.day, expected=_A_DAY, spans=True) for name, (some, label) in headers.items()),
        *(_one(name, some, label, read=_planned, expected=_A_DAY, spans=True) for name, (some, label) in plans.items()),
    )


def kind_of(values: Mapping[str, Any]) -> Kind:
    """The kind of project that a row says; industry where it says none."""
    return Kind(values.get("kind", Kind.INDUSTRY))
