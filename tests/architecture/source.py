"""What import-linter cannot say, read from the source itself.

Each function takes a `src` folder and returns its faults as `file:line what is wrong`, so that the same function judges
the project and a copy of it with faults planted.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

LONGEST_FILE = 600
LONGEST_VIEW = 20
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager", "managers", "handler", "handlers"}
NO_MODELS = {"portal", "cockpit"}
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
CLOCK_ATTRIBUTES = {"now", "utcnow", "today", "localdate", "auto_now", "auto_now_add"}
# Row access needs the present day; this one door is injectable (`access.on_day`), so a test can set it.
CLOCK_DOORS = {"access.today"}
CLOCK_SQL = re.compile(r"\b(now\(\)|current_date|current_timestamp|today\(\)|get_current_timestamp\(\))", re.IGNORECASE)
BY_STRING = {"import_module", "__import__", "import_string", "autodiscover_modules"}
SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\bwhere\b\s+[\w.]+\s*(=|in\b|<|>|like\b|between\b)|\binsert\s+into\b|\border\s+by\b|\bgroup\s+by\b"
    r"|\b(left|inner|cross)\s+join\b|\bcopy\s*\(|\bcreate\s+(or\s+replace\s+)?(temp\s+)?(table|view)\b|\bread_(parquet|csv)\s*\(",
    re.IGNORECASE | re.DOTALL,
)
SQL_CALLS = {"execute", "executemany", "executescript", "sql", "query", "ask"}


def _python(folder: Path, pattern: str = "**/*.py") -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.glob(pattern)):
        if "node_modules" not in path.parts:
            yield path, ast.parse(path.read_text("utf-8"), str(path))


def _at(src: Path, path: Path, node: ast.AST | None, text: str) -> str:
    return f"{path.relative_to(src)}:{getattr(node, 'lineno', 1)} {text}"


def _rooms(src: Path) -> list[Path]:
    """Every folder of web that holds Python; assets, templates and catalogues are none."""
    return sorted(folder for folder in (src / "wutong/web").iterdir() if folder.is_dir() and any(folder.rglob("*.py")))


def _files_named(src: Path, *names: str) -> Iterator[tuple[Path, ast.Module]]:
    """Files of these names in every room, or the packages that they grew into."""
    for room in _rooms(src):
        for name in names:
            yield from _python(room, f"{name}.py")
            yield from _python(room, f"{name}/**/*.py")


def _imports(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                yield node, f"{module}.{alias.name}"


def _is_docstring_only(tree: ast.Module) -> bool:
    return ast.get_docstring(tree) is not None and len(tree.body) == 1


# ── layout ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def rooms_without_init(src: Path) -> list[str]:
    """A folder without `__init__.py` is invisible to the import contracts."""
    folders = {path.parent for path in (src / "wutong").rglob("*.py")}
    return [
        f"{folder.relative_to(src)}:1 holds Python but no __init__.py"
        for folder in sorted(folders)
        if not (folder / "__init__.py").exists()
    ]


def code_in_init(src: Path) -> list[str]:
    """An `__init__.py` is one paragraph. Migrations have an empty one, as Django makes it; packages of nouns may re-export."""
    faults = []
    for path, tree in _python(src / "wutong", "**/__init__.py"):
        if path.parent.name in {"migrations", "management", "commands", "templatetags", "models"}:
            continue
        if not _is_docstring_only(tree):
            faults.append(_at(src, path, None, "must be a docstring and nothing else"))
    return faults


def banned_names(src: Path) -> list[str]:
    """Names that say nothing collect everything."""
    return [
        f"{path.relative_to(src)}:1 is named {path.stem}: say what it holds"
        for path in sorted((src / "wutong").rglob("*"))
        if path.stem in BANNED_NAMES and (path.is_dir() or path.suffix in {".py", ".js", ".html"})
    ]


def long_files(src: Path) -> list[str]:
    """Past 600 lines a file becomes a package of nouns."""
    return [
        f"{path.relative_to(src)}:{lines} lines, {LONGEST_FILE} at most"
        for path in sorted((src / "wutong").rglob("*.py"))
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    ]


def models_where_none_belong(src: Path) -> list[str]:
    """portal, cockpit and lib have no models."""
    faults = []
    for name in sorted(NO_MODELS | {"lib"}):
        for path, tree in _python(src / "wutong/web" / name):
            if path.stem in {"models", "migrations"} or "models" in path.parts[-2:-1] or "migrations" in path.parts[-2:-1]:
                faults.append(_at(src, path, None, f"{name} has no models"))
            faults += [_at(src, path, node, f"{name} has no models") for node in ast.walk(tree) if _is_model(node)]
    return faults


def _is_model(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(ast.unparse(base) in {"models.Model", "Model"} for base in node.bases)


# ── who may know what ────────────────────────────────────────────────────────────────────────────────────────────────────


def rules_beyond_standard_library(src: Path) -> list[str]:
    """`rules.py` sees the standard library, lower rooms' rules and wutong.rulebook only."""
    faults = []
    for path, tree in _files_named(src, "rules"):
        for node, name in _imports(tree):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or name.startswith("wutong.rulebook"):
                continue
            if (
                re.match(r"wutong\.web\.\w+\.rules(\.|$)", name)
                or name.startswith(".rules")
                or ("rules" in path.parts and name.startswith("."))
            ):
                continue
            faults.append(_at(src, path, node, f"rules may not import {name}"))
    return faults


def imports_by_string(src: Path) -> list[str]:
    """An import that no contract can see. `lib.hooks` alone may: it collects every room's hooks."""
    faults = []
    for path, tree in _python(src / "wutong"):
        if path.relative_to(src / "wutong").as_posix() == "web/lib/hooks.py":
            continue
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) in BY_STRING]
        faults += [_at(src, path, node, f"imports by string with {_called(node)}") for node in calls]
        faults += [_at(src, path, node, f"imports {name}") for node, name in _imports(tree) if name.split(".")[-1] in BY_STRING]
    return faults


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def clock(src: Path) -> list[str]:
    """Time comes in as `at=`, `on=` or `as_of=`; measuring a duration (perf_counter, monotonic) is none of this."""
    faults = []
    timeless = [*_python(src / "wutong/rulebook"), *_python(src / "wutong/engine"), *_files_named(src, "rules", "models")]
    for path, tree in timeless:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in CLOCK_ATTRIBUTES and ast.unparse(node) not in CLOCK_DOORS:
                faults.append(_at(src, path, node, f"reads the clock: {ast.unparse(node)}"))
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"time.time", "time.time_ns", "time.localtime", "time.gmtime"}:
                faults.append(_at(src, path, node, f"reads the clock: {ast.unparse(node)}"))
            if isinstance(node, ast.keyword) and node.arg in CLOCK_ATTRIBUTES:
                faults.append(_at(src, path, node.value, f"reads the clock: {node.arg}"))
        for node, name in _imports(tree):
            if name in {"time.time", "time.time_ns", "django.utils.timezone.now", "django.utils.timezone.localdate"}:
                faults.append(_at(src, path, node, f"reads the clock: {name}"))
    for path in sorted((src / "wutong/engine").rglob("*.sql")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if CLOCK_SQL.search(line):
                faults.append(f"{path.relative_to(src)}:{number} reads the clock: {line.strip()}")
    return faults


def pasted_sql(src: Path) -> list[str]:
    """Values bind as `$name`: no f-string, `%`, `+` or `.format` in SQL."""
    faults = []
    for path, tree in _python(src / "wutong/engine"):
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                text = "".join(part.value if isinstance(part, ast.Constant) else " x " for part in node.values)
                if SQL.search(text):
                    faults.append(_at(src, path, node, "SQL in an f-string"))
            if isinstance(node, ast.Call) and _called(node) in SQL_CALLS and node.args and _is_pasted(node.args[0]):
                faults.append(_at(src, path, node, f"text pasted together for {_called(node)}()"))
            if isinstance(node, ast.Call) and _called(node) == "format" and _sql_constant(getattr(node.func, "value", None)):
                faults.append(_at(src, path, node, "SQL with .format()"))
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _sql_constant(node.left):
                faults.append(_at(src, path, node, "SQL with %"))
    return faults


def _is_pasted(node: ast.expr) -> bool:
    """An f-string, `.format`, `%`, or a sum that puts something between quotes. A sum of conditions, which hold no values, is none."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        return isinstance(node.op, ast.Mod) or any(text.endswith("'") for text in texts) or any(map(_is_pasted, (node.left, node.right)))
    return isinstance(node, ast.Call) and _called(node) == "format"


def _sql_constant(node: object) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value) is not None


# ── the files of a feature ───────────────────────────────────────────────────────────────────────────────────────────────


def writes_outside_actions(src: Path) -> list[str]:
    """Every write is an action: views, api, queries, forms, sheets and tasks have none."""
    faults = []
    for path, tree in _files_named(src, "views", "api", "queries", "sheets", "tasks"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
                owner = ast.unparse(node.func.value)
                if owner.split(".")[-1] != "actions":
                    faults.append(_at(src, path, node, f"writes: {owner}.{node.func.attr}()"))
    for path, tree in _files_named(src, "forms"):
        faults += [_at(src, path, node, "a form does not save") for node in ast.walk(tree) if _is_save(node)]
    return faults


def _is_save(node: ast.AST) -> bool:
    return (isinstance(node, ast.FunctionDef) and node.name == "save") or (isinstance(node, ast.Call) and _called(node) == "save")


def long_views(src: Path) -> list[str]:
    """A view loads, makes one call and renders: a function of at most 20 lines, its docstring not counted."""
    faults = []
    for path, tree in _files_named(src, "views"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("View") for base in node.bases):
                faults.append(_at(src, path, node, f"{node.name}: views are functions"))
            if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "request":
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if ast.get_docstring(node) is not None:
                    lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
                if lines > LONGEST_VIEW:
                    faults.append(_at(src, path, node, f"{node.name}: {lines} lines, {LONGEST_VIEW} at most"))
    return faults


def actions_out_of_shape(src: Path) -> list[str]:
    """One verb a function, keyword-only, `by=` (or `user=` for what a person does to oneself) and `at=`; what writes is atomic.

    An action that only leaves an entry in the audit chain needs no transaction of its own: `audit.record` has one.
    """
    faults = []
    for path, tree in _files_named(src, "actions"):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and (_writes(node) or _records(node)):
                faults += [_at(src, path, node, f"{node.name}: {fault}") for fault in _faults_of_action(node)]
    return faults


def _writes(node: ast.FunctionDef) -> bool:
    return any(isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in WRITES for call in ast.walk(node))


def _records(node: ast.FunctionDef) -> bool:
    return any(isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record" for call in ast.walk(node))


def _faults_of_action(node: ast.FunctionDef) -> list[str]:
    arguments = {argument.arg for argument in node.args.kwonlyargs}
    faults = []
    if node.args.args or node.args.posonlyargs:
        faults.append("arguments are keyword-only")
    if "at" not in arguments:
        faults.append("takes at=")
    if not {"by", "user", "username"} & arguments:
        faults.append("takes by=")
    if _writes(node) and not any("atomic" in ast.unparse(decorator) for decorator in node.decorator_list):
        faults.append("is not @transaction.atomic")
    return faults


def signals(src: Path) -> list[str]:
    """What happens on a write stands in the action, not in a signal of the model."""
    return [
        _at(src, path, node, f"uses a signal of models: {name}")
        for path, tree in _python(src / "wutong/web")
        for node, name in _imports(tree)
        if name.startswith(("django.db.models.signals", "django.db.models.signals."))
    ]


CHECKS: tuple[Callable[[Path], list[str]], ...] = (
    rooms_without_init,
    code_in_init,
    banned_names,
    long_files,
    models_where_none_belong,
    rules_beyond_standard_library,
    imports_by_string,
    clock,
    pasted_sql,
    writes_outside_actions,
    long_views,
    actions_out_of_shape,
    signals,
)
