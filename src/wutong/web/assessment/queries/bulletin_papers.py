"""A bulletin as an official document (Word, PDF) and as a spreadsheet of its ranking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.utils import timezone

from wutong.web.assessment.models import Bulletin
from wutong.web.assessment.rules import bulletins as rules
from wutong.web.lib import official, papers, spreadsheets
from wutong.web.lib.spreadsheets import Column

COLUMNS = ("组别", "名次", "单位", "得分", "上期名次", "升降", "等次")
WIDTHS = (16, 8, 24, 12, 10, 8, 10)


def paper(bulletin: Bulletin) -> official.Official:
    """The bulletin in the official form; before it is signed it says that it is a draft and has neither number nor day."""
    text = rules.read(bulletin.text)
    head = text.head
    day = rules.in_words(timezone.localdate(bulletin.signed_at)) if bulletin.signed_at else "年 月 日"
    return official.Official(
        head.get("标志", ""), rules.numbered(head.get("字号", ""), bulletin.number, bulletin.year), head.get("标题", ""),
        tuple(_part(piece) for piece in text.pieces), head.get("主送", ""), head.get("署名", ""), day,
        head.get("抄送", ""), head.get("印发机关", ""), day, "" if bulletin.is_out else "送审稿",
    )  # fmt: skip


def _part(piece: rules.Piece) -> official.Part:
    if piece.kind != "table":
        return official.Part(piece.kind, piece.text)  # type: ignore[arg-type]
    figures = [at for at in range(len(piece.rows[0])) if any(rules.is_figure(row[at]) for row in piece.rows[1:])]
    return official.Part("table", rows=piece.rows, figures=tuple(figures))


def sheet(bulletin: Bulletin) -> bytes:
    """The ranking of every group as the run holds it, and the text of the bulletin as notes."""
    facts = rules.restored(bulletin.facts)
    digits = max((len(row.total.partition(".")[2]) for group in facts.groups for row in group.rows if row.total), default=0)
    columns = [Column(name, width, digits if name == "得分" else 0) for name, width in zip(COLUMNS, WIDTHS, strict=True)]
    buffer = BytesIO()
    spreadsheets.write(buffer, columns, _rows(facts), title="考核排名", notes=_notes(bulletin, facts))
    return buffer.getvalue()


def _rows(facts: rules.BulletinFacts) -> Iterator[tuple[Any, ...]]:
    for group in facts.groups:
        for row in rules.given(facts)["groups"][facts.groups.index(group)]["rows"]:
            yield (group.title, row["rank"], row["unit"], row["total"], row["rank_before"], row["change"], row["grade"])


def _notes(bulletin: Bulletin, facts: rules.BulletinFacts) -> list[str]:
    text = rules.read(bulletin.text)
    head = [text.head.get("标题", "").replace("\n", ""), rules.numbered(text.head.get("字号", ""), bulletin.number, bulletin.year)]
    body = [piece.text for piece in text.pieces if piece.kind != "table"]
    return [*head, *body, f"SHA-256 {facts.run_digest}"]


def files(bulletin: Bulletin, *, at: dt.datetime) -> Iterator[tuple[str, bytes | None]]:
    """Each form with its file; None where this server has no Chinese font."""
    told = paper(bulletin)
    yield "docx", official.word(told, at=at)
    yield "xlsx", sheet(bulletin)
    try:
        yield "pdf", official.pdf(told, at=at)
    except papers.NoChineseFont:
        yield "pdf", None


def media_type(form: str) -> str:
    """The type of a file by its form."""
    return papers.TYPES.get(form, spreadsheets.TYPE)
