"""Make the pages of docs/data from `wutong.engine.tables` and the numbers of the rulebook; with --check, name the stale ones (status 1)."""

from __future__ import annotations

import sys
from pathlib import Path

from wutong.engine import tables
from wutong.rulebook import load

FOLDER = Path(__file__).parent / "data"
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
        "The numbers of the rulebook: [parameters](parameters.md).",
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


def _told(value: object) -> object:
    if value is None:
        return "repealed"
    return "、".join(map(str, value)) if isinstance(value, tuple) else value


def pages() -> dict[str, str]:
    """File name → text, of all pages."""
    return {"README.md": index(), "parameters.md": numbers(), **{f"{table.name}.md": page(table) for table in tables.ALL}}


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of pages that are absent, differ, or belong to no table."""
    wanted = pages()
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


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
    return 0


if __name__ == "__main__":
    sys.exit(main())
