"""Packaged projects that come in from a file: its columns, what each row says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.engine import cleaning
from wutong.engine.list_files import Field
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.queries import rows as chains
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict, choice_of, one_of
from wutong.web.lib.money import WAN
from wutong.web.projects.models import KINDS, MODES, Opportunity
from wutong.web.projects.queries import opportunities
from wutong.web.projects.rules import opportunities as rules

LABEL = pgettext_lazy("import", "Packaged projects")
NOT_PROVIDED = ("未提供", "不提供", "not provided")
SHORT = gettext_lazy("text of at most %(n)s characters")
AT_ONCE = 500


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text.strip()) > most:
            raise ValueError(text)
        return text.strip()

    return read


def _day(text: str) -> Any:
    found = cleaning.read_date(text)
    if found is None:
        raise ValueError(text)
    return found


def _figure(text: str) -> str:
    """A figure in the unit of its header, or that it is not provided; kept as text, so that it stays what was written."""
    plain = text.replace(",", "").replace("，", "").strip()
    if plain.casefold() in NOT_PROVIDED:
        return NOT_PROVIDED[-1]
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite() or not 0 <= number < Decimal(10) ** 12:
        raise ValueError(text)
    return f"{number:f}"


def _share(text: str) -> str:
    """A figure in per cent, with the sign or without."""
    return _figure(text.strip().removesuffix("%").removesuffix("％"))


def _segment(text: str) -> str:
    """A segment by its code chain/segment, its name, or chain and segment with · between them."""
    wanted = text.strip().casefold().replace(" ", "")
    for chain_id, chain in chains.chains().items():
        for segment in chain.segments:
            names = {segment.name_zh, segment.name_en}
            whole = {f"{called}·{name}" for called in (chain.name_zh, chain.name_en) for name in names}
            if wanted in {one.casefold().replace(" ", "") for one in (f"{chain_id}/{segment.id}", *names, *whole)}:
                return f"{chain_id}/{segment.id}"
    raise ValueError(text)


HEADERS = {
    "total_yuan": ("总投资（万元）", "总投资(万元)", "总投资"), "fixed_yuan": ("固定资产投资（万元）", "固定资产投资(万元)"),
    "output_yuan_a_year": ("年产值（万元）", "年产值(万元)", "年产值"), "profit_yuan_a_year": ("年利润（万元）", "年利润(万元)"),
    "tax_yuan_a_year": ("年税收（万元）", "年税收(万元)", "年税收"), "payback_years": ("投资回收期（年）", "投资回收期(年)"),
    "return_share": ("内部收益率（%）", "内部收益率(%)", "内部收益率"), "jobs": ("就业（人）", "就业(人)", "就业人数"),
    "land_mu": ("用地（亩）", "用地(亩)", "用地面积（亩）"),
}  # fmt: skip
TEXTS = {
    "title_en": (("英文名称", "english title"), 200), "what_zh": (("项目内容", "建设内容", "what it is"), 2000),
    "what_en": (("英文内容", "what it is (english)"), 4000), "market_zh": (("市场分析", "市场", "market"), 2000),
    "site_zh": (("建设地点", "项目地点", "site"), 300), "partner_zh": (("合作方要求", "合作对象", "partner sought"), 1000),
    "policies_zh": (("优惠政策", "政策", "policies"), 2000), "contact": (("联系电话", "办公电话", "office telephone"), 60),
}  # fmt: skip


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns, with drop-downs of what a cell may say."""

    def one(
        name: str, headers: tuple[str, ...], label: Any, told: Any = "", *, read: Callable[[str], Any], expected: Any,
        choices: tuple[str, ...] = (), example: str = "", width: int = 18, is_needed: bool = False,
    ) -> SheetColumn:  # fmt: skip
        return SheetColumn(Field(name, headers, is_needed=is_needed, read=read, expected=expected), label, told, example, choices, width)

    labels = {f"{name}_zh": label for name, label in opportunities.TEXT_LABELS.items()} | {
        "title_en": _("English title"), "what_en": _("What it is (English)"), "contact": _("Office telephone"),
    }  # fmt: skip
    kinds, modes = (tuple(str(label) for label in table.values()) for table in (KINDS, MODES))
    number = gettext_lazy("a number in the unit of the header, or “not provided”")
    return (
        one("title_zh", ("项目名称", "中文名称", "项目", "title"), _("Chinese title"), read=_text(120),
            expected=SHORT % {"n": 120}, width=34, is_needed=True),
        one("kind", ("项目类别", "类别", "kind of project"), _("Kind of project"), read=choice_of(KINDS), expected=one_of(KINDS),
            choices=kinds, is_needed=True),
        one("mode", ("投资方式", "合作方式", "mode of investment"), _("Mode of investment"), gettext_lazy("Empty: direct investment."),
            read=choice_of(MODES), expected=one_of(MODES), choices=modes),
        one("segment", ("产业链环节", "环节", "segment"), _("Chain and segment"),
            gettext_lazy("Chain · segment, or the name of the segment."), read=_segment,
            expected=gettext_lazy("a segment of a chain, by its name")),
        *(
            one(name, headers, labels[name], read=_text(most), expected=SHORT % {"n": most}, width=30)
            for name, (headers, most) in TEXTS.items()
        ),
        *(
            one(name, HEADERS[name], opportunities.FIGURE_LABELS[name], read=_share if name == "return_share" else _figure, expected=number)
            for name in rules.FIGURES
        ),
        one("source", ("数据来源", "指标来源", "source of the figures"), _("Source of the figures"), read=_text(200),
            expected=SHORT % {"n": 200}, width=28),
        one("valid_until", ("有效期至", "有效期", "valid until"), _("Valid until (not included)"), read=_day,
            expected=gettext_lazy("a day such as 2025-06-30")),
    )  # fmt: skip


def values_of(row: SheetRow) -> dict[str, Any]:
    """What a row says, as the action takes it."""
    source = row.text("source")
    figures, missing = {}, []
    for name in rules.FIGURES:
        text = row.text(name)
        if text == NOT_PROVIDED[-1]:
            missing.append(name)
        elif text:
            figures[name] = (f"{_kept(name, Decimal(text)):f}", source)
    chain, _slash, segment = row.text("segment").partition("/")
    said = {name: row.text(name) for name in ("title_zh", *TEXTS)}
    return {
        **said, "kind": str(row.values["kind"]), "mode": row.text("mode") or "direct", "chain": chain, "segment": segment,
        "figures": figures, "not_provided": missing, "valid_until": row.values.get("valid_until"),
    }  # fmt: skip


def _kept(name: str, number: Decimal) -> Decimal:
    return number * WAN if "_yuan" in name else number / 100 if name.endswith("_share") else number


def read(rows: Sequence[SheetRow], by: Any, unit: Unit) -> tuple[list[SheetRow], list[SheetRow], dict[int, list[tuple[str, str]]]]:
    """Rows that are new, rows whose title stands in the unit's library already, and of the others what was expected."""
    titles = sorted({row.text("title_zh") for row in rows})
    there: set[str] = set()
    for begin in range(0, len(titles), AT_ONCE):
        piece = titles[begin : begin + AT_ONCE]
        there |= set(Opportunity.objects.filter(unit=unit, title_zh__in=piece).values_list("title_zh", flat=True))
    seen: dict[str, int] = {}
    new, same, bad = [], [], {}
    may = by is None or by.may(Permission.PROJECTS_EDIT, unit.target())
    for row in rows:
        title = row.text("title_zh")
        if not may:
            bad[row.row] = [("title_zh", _("a unit for which you may package projects"))]
        elif title in seen:
            bad[row.row] = [("title_zh", _("another title: row %(row)s bears the same") % {"row": seen[title]})]
        else:
            (same if title in there else new).append(row)
        seen.setdefault(title, row.row)
    return new, same, bad


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row: a draft; nothing, where its title stands already; or why it is refused."""
    _new, same, bad = read(rows, by, by.unit)
    there = {row.row for row in same}
    return [Verdict("bad", tuple(bad[row.row])) if row.row in bad else Verdict("same" if row.row in there else "new") for row in rows]
