"""Make the pages of docs/data from `wutong.engine.tables` and the numbers of the rulebook, and the demo's result in the two READMEs.

With --check, say which pages of docs/data are stale instead (status 1); of the READMEs a test says so, which builds the demo.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from wutong.demo import brief, stage
from wutong.engine import tables, targets, wording
from wutong.engine.places import Places
from wutong.rulebook import lifecycle, load

FOLDER = Path(__file__).parent / "data"
ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.zh.md", "README.md")
BEGIN, END = "<!-- begin of the result; `make fix` makes it again -->", "<!-- end of the result -->"
DEMO_ON = dt.date(2026, 11, 1)
"""The month whose invented registry the READMEs show."""
ALIKE = ("need", "proof")
"""Factors that tell the best targets of one segment apart least."""
NOTICE = "<!-- made by docs/generate.py from src/wutong/engine/tables.py; `make fix` makes it again -->"


def page(table: tables.Table) -> str:
    """The page of one table, in Markdown."""
    lines = [
        NOTICE,
        f"# {table.name}",
        "",
        f"Grain: {table.grain}.",
        "",
        f"Key: {', '.join(f'`{name}`' for name in table.key)}. "
        + (f"Sorted by {', '.join(f'`{name}`' for name in table.sorted_by)}. " if table.sorted_by else "")
        + f"Source: {table.source}.",
        "",
        "| column | type | unit | may be null | what it holds |",
        "|---|---|---|---|---|",
    ]
    for column in table.columns:
        note = column.note.replace("|", "\\|")
        lines.append(f"| `{column.name}` | {column.type} | {column.unit} | {'yes' if column.nullable else ''} | {note} |")
    return "\n".join(lines) + "\n"


def index() -> str:
    """The page that lists all tables."""
    lines = [
        NOTICE,
        "# Tables of a warehouse",
        "",
        "`wutong build` writes each as `<name>.parquet` into `builds/<build id>/` of the warehouse folder;",
        "`current` names the build that serves.",
        "",
        "| table | grain | columns |",
        "|---|---|---|",
        *(f"| [{table.name}]({table.name}.md) | {table.grain} | {len(table.columns)} |" for table in tables.ALL),
        "",
        "Small tables that the office hands to the engine with a question; without its database they are empty:",
        "",
        "| table | grain | columns |",
        "|---|---|---|",
        *(f"| [{table.name}]({table.name}.md) | {table.grain} | {len(table.columns)} |" for table in tables.OWN),
        "",
        "The numbers of the rulebook: [parameters](parameters.md). The life of a project: [lifecycle](lifecycle.md).",
    ]
    return "\n".join(lines) + "\n"


def numbers() -> str:
    """The page of every number of the rulebook: what it means, its unit, its values by start date, its source."""
    lines = [
        NOTICE.replace("src/wutong/engine/tables.py", "src/wutong/rulebook/parameters/"),
        "# Numbers of the rulebook 规则参数",
        "",
        "How they are read and written: [parameters](../rulebook/parameters.md). A long series shows its first and its last value.",
        "",
        "| name | meaning | unit | values from | source |",
        "|---|---|---|---|---|",
    ]
    for name, leaf in sorted(load.rulebook().leaves.items()):
        told = [f"{day}: {_told(value)}" for day, value in sorted(leaf.values.items())]
        shown = told if len(told) <= 2 else [told[0], f"… ({len(told)})", told[-1]]
        cells = (f"`{name}`", f"{leaf.description_zh}<br>{leaf.description_en}", leaf.unit, "<br>".join(shown), leaf.source.title)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def life() -> str:
    """The page of the stages of a project: what each gate asks for, and every node with unit, days and evidence."""
    found = lifecycle.lifecycle()
    lines = [
        NOTICE.replace("src/wutong/engine/tables.py", "src/wutong/rulebook/lifecycle.yaml"),
        "# The life of a project 项目全生命周期",
        "",
        "How it is read, and how a region changes it: [lifecycle](../rulebook/lifecycle.md). "
        f"{len(found.nodes)} sub-nodes; source where a row names none: {found.source.title}.",
    ]
    for code in found.order:
        stage = found.stages[code]
        two = ", two persons decide 双人核准" if stage.two_persons else ""
        limit = f", {stage.days} working days 工作日" if stage.days is not None else ""
        lines += ["", f"## {stage.zh} {stage.en} (`{code}`{limit}{two})", ""]
        for kind, needed in found.required.get(code, {}).items():
            lines.append(f"* {kind}: " + "; ".join(_asked(needed, found)))
        lines += [
            "",
            "| node 子节点 | unit 责任单位 | working days 工作日 | evidence 佐证 | kinds 类别 | gate waits 关口必办 |",
            "|---|---|--:|---|---|---|",
        ]
        lines += [_node(node, found) for node in found.nodes.values() if node.stage == code]
    files = "、".join(one.zh for one in found.evidence.values() if one.file)
    lines += ["", "## Evidence that is a file 须附文件的佐证", "", f"{files}。 Of others the number of the paper is enough 其余可填文号。"]
    lines += ["", "## Size tiers 规模档次", "", "| tier | from (yuan) |", "|---|--:|"]
    lines += [f"| {tier.zh} {tier.en} (`{tier.code}`) | {tier.from_yuan:,} |" for tier in found.tiers]
    lines += ["", "## Words of ledgers 台账用语", "", "| meaning 含义 | words 用语 |", "|---|---|"]
    meanings: dict[str, list[str]] = {}
    for word, one in found.words.items():
        meanings.setdefault(" ".join(filter(None, (one.stage, one.status, one.kind))), []).append(word)
    lines += [f"| `{meaning}` | {'、'.join(words)} |" for meaning, words in meanings.items()]
    return "\n".join(lines) + "\n"


def _asked(needed: lifecycle.Requirement, found: lifecycle.Lifecycle) -> list[str]:
    proofs = "、".join(found.evidence[kind].zh for kind in needed.evidence)
    parts = (
        ("given 必填", ", ".join(f"`{name}`" for name in needed.facts)),
        ("given or not provided 填写或注明未提供", ", ".join(f"`{name}`" for name in needed.said)),
        ("evidence 佐证", proofs),
    )
    return [f"{label}: {told}" for label, told in parts if told]


def _node(node: lifecycle.NodeRule, found: lifecycle.Lifecycle) -> str:
    function = found.functions[node.unit]
    after = f" after `{node.after}`" if node.after else ""
    proofs = "、".join(found.evidence[kind].zh for kind in node.evidence)
    kinds = "" if len(node.kinds) == len(lifecycle.KINDS) else ", ".join(node.kinds)
    cells = (
        f"{node.zh} {node.en} (`{node.key}`)", f"{function.zh} {function.en}", f"{'' if node.days is None else node.days}{after}", proofs,
        kinds, "" if node.optional else "yes 是",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _told(value: object) -> object:
    if value is None:
        return "repealed"
    return "、".join(map(str, value)) if isinstance(value, tuple) else value


def pages() -> dict[str, str]:
    """File name → text, of all pages."""
    fixed = {"README.md": index(), "parameters.md": numbers(), "lifecycle.md": life()}
    return {**fixed, **{f"{table.name}.md": page(table) for table in (*tables.ALL, *tables.OWN)}}


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of pages that are absent, differ, or belong to no table."""
    wanted = pages()
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def results() -> tuple[str, str]:
    """The demo's worst gap and its ten best targets, as the READMEs show them: Chinese, English."""
    rulebook = load.rulebook()
    with tempfile.TemporaryDirectory() as folder:
        there = stage.Stage(Path(folder))
        stage.prepare(there, rulebook=rulebook, today=DEMO_ON, say=lambda _: None)
        with brief.opened(there.warehouse) as warehouse:
            home = brief.home(warehouse, there.root)
            region = Places(warehouse, there.root / "places").region(home.adcode)
            found = brief.worst_gap(warehouse, rulebook, region)
            if found is None:
                raise RuntimeError("the demo has no gap to show")
            gaps, gap = found
            ranking = targets.rank(warehouse, rulebook, region, gaps.chain_id, segment=gap.segment, top=brief.TOP)
    here, chain = gaps.registry, rulebook.chains[gaps.chain_id]
    verdicts, rules = wording.VERDICTS[gap.verdict], wording.of_rule(gap.rule)
    zh = [
        f"演示结果（企业、地名均为虚构）：{region.full_name}，本地 {here.firms_here:,} 家，全库 {here.firms:,} 家。"
        f"最大缺口为{chain.name_zh}产业链的**{gap.name_zh}**，判定**{verdicts[0]}**：{full_width(rules[0])}。"
        f"能补上的企业 {ranking.total} 家，前十名：",
        "",
        "| 名次 | 得分 | 企业 | 所在地 | 距离（公里） | 依据（经营范围） | "
        "得分最多的几项[因素](docs/guide/zh/figures.md)（各家相同的缺口、证明除外） |",
    ]
    en = [
        f"The demo's result, all firms and places invented: in {region.full_name} ({here.firms_here:,} of {here.firms:,} firms) the worst "
        f"gap on the chain of {chain.name_en.lower()} is **{gap.name_en.lower()}**, verdict **{verdicts[1]}** ({verdicts[0]}): {rules[1]}. "
        f"{ranking.total} firms could fill it; the best ten:",
        "",
        "| rank | score | firm | place | km | evidence (scope) | "
        "[reasons](docs/guide/en/figures.md) that gave most points, but for gap and proof, which are alike |",
    ]
    for lines in (zh, en):
        lines.append("|--:|--:|---|---|--:|---|---|")
    for row in ranking.rows:
        apart = wording.main_reasons([reason for reason in row.reasons if reason.factor not in ALIKE])
        km = ("不详", "unknown") if row.distance_km is None else (f"{row.distance_km:,.0f}",) * 2
        score = Decimal(str(row.score)).quantize(Decimal("0.1"), ROUND_HALF_UP)  # as the pages round
        evidence = row.evidence.replace("|", "\\|")
        for language, lines in enumerate((zh, en)):
            lines.append(f"| {row.rank} | {score} | {row.name} | {row.place} | {km[language]} | {evidence} | {apart[language]} |")
    return "\n".join(zh), "\n".join(en)


def full_width(text: str) -> str:
    """Chinese text with its own punctuation."""
    return re.sub("(?<=[一-鿿]),|,(?=[一-鿿])", "，", text).replace(":", "：")


def with_result(readme: str, result: str) -> str:
    """A README that shows this result between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"a README without {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{result}\n{END}{after}"


def main() -> int:
    """Write the pages, or check them."""
    names = stale()
    if "--check" in sys.argv[1:]:
        if names:
            sys.stderr.write(f"stale in docs/data: {', '.join(names)}; run `make fix`\n")
        return 1 if names else 0
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for name in names:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], "utf-8")
        else:
            (FOLDER / name).unlink()
    for readme, result in zip(READMES, results(), strict=True):
        path = ROOT / readme
        path.write_text(with_result(path.read_text("utf-8"), result), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
