"""What `wutong check --coverage` says: how well thesaurus and chains cover what the registry writes."""

from __future__ import annotations

import argparse

from wutong.cli.session import count, out, warehouse_folder
from wutong.engine import coverage
from wutong.engine.answers import plain
from wutong.engine.plain_text import table
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

TERMS_SHOWN = 40
EMPTY_SHOWN = 6


def show(arguments: argparse.Namespace, rulebook: Rulebook) -> int:
    """Measure and print. Raises: WarehouseMissing."""
    warehouse = Warehouse.open(warehouse_folder())
    rulebook = rulebook if arguments.rulebook else warehouse.rulebook
    found = coverage.of(warehouse, rulebook, top=arguments.top, only_made=arguments.made)
    if arguments.json:
        values = plain(found)
        never = [{"product": row.product, "term": row.term} for row in found.never_met]
        out({"build": values.pop("build_id"), "rulebook": values.pop("rulebook_hash"), **values, "never_met": never})
        return 0
    if not found.is_of_build:
        print("词库在建库之后改过：短语按现行词库重新比对，产业链仍是建库时的归入；可运行 wutong build --only placing")
        print("The rulebook changed after this build: phrases are matched anew, chains show what the build placed.\n")
    _print(found, everything=arguments.all)
    return 0


def _print(found: coverage.Coverage, *, everything: bool) -> None:
    rows = [(r.role, f"{r.mentions:,}", _share(r.named_mentions, r.mentions), _share(r.special_mentions, r.mentions)) for r in found.roles]
    print(table(("作用 role", "次 mentions", "认得产品 named", "其中非泛称 special"), rows))
    chains = [
        (c.chain, c.name_zh, str(c.segments), f"{c.firms:,}", f"{c.placements:,}", str(len(c.empty)),
         ", ".join(c.empty[:EMPTY_SHOWN]) + (" …" if len(c.empty) > EMPTY_SHOWN else ""))
        for c in found.chains
    ]  # fmt: skip
    print("\n" + table(("产业链 chain", "名称 name", "环节", "企业 firms", "归入", "空 empty", "空环节 empty segments"), chains))
    print("\n常见而不认得的短语 phrases often met and not known")
    unknown = [(u.phrase, f"{u.mentions:,}", f"{u.made_mentions:,}", f"{u.before}【{u.phrase}】{u.after}") for u in found.unknown]
    print(table(("短语 phrase", "次 mentions", "生产或提供 made", "上下文 around"), unknown))
    never = found.never_met if everything else found.never_met[:TERMS_SHOWN]
    print("\n从未出现的词 terms never met")
    print(table(("product", "词 term"), ((row.product, row.term) for row in never)))
    met = len(found.terms) - len(found.never_met)
    print(f"\n{met:,} of {len(found.terms):,} terms are met in {found.phrases:,} phrases")
    print(f"rulebook {found.rulebook_hash}, build {found.build_id}")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} % ({part:,}/{whole:,})" if whole else "-"


def register(made: argparse.ArgumentParser) -> None:
    """Its options, beside those of `check`."""
    made.add_argument("--coverage", action="store_true", help="how well thesaurus and chains cover the registry (词库覆盖)")
    made.add_argument("--made", action="store_true", help="with --coverage: unknown phrases by how often they are made or provided")
    made.add_argument("--top", type=count, default=coverage.UNKNOWN_SHOWN, metavar="N", help="with --coverage: unknown phrases; 0 = all")
