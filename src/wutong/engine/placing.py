"""Firms on the segments of chains: who makes (or provides) what, and on which proof.

Three proofs, strongest first. `scope`: the scope says with a verb that the firm makes the product. `name`: the firm's name says it and
the scope does not speak against it. `inferred`: the scope lists the product without a verb, and the firm is a maker otherwise.
Who only sells is no maker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from daachorse import CharwiseDoubleArrayAhoCorasick

from wutong.engine import tables
from wutong.engine.products import DONE, Matcher
from wutong.engine.scopes import Role
from wutong.rulebook.load import Rulebook
from wutong.rulebook.shapes import Segment

MAKING = (Role.MAKES, Role.PROCESSES, Role.GROWS)
SERVING = (Role.PROVIDES, Role.STORES, Role.TRANSPORTS)
DOING = {Role[name.upper()]: name for name in DONE}
"""Roles that are a product by themselves where the thesaurus says so: who repairs 工程机械 provides 工程机械维修."""
CARRYING = (Role.STORES, Role.TRANSPORTS)
_BY_SEGMENT = {"makes": MAKING, "grows": (Role.GROWS, Role.MAKES), "processes": (Role.PROCESSES, Role.MAKES)}
"""What a firm of a segment does with its product: who slices potatoes does not grow them."""
DEALING = (Role.UNSTATED, Role.SELLS)
PROOF_ORDER = ("scope", "name", "inferred")
FEW_WORDS = 12
NUMBERED = ("chain", "segment", "root")
"""Columns whose texts are few: while proofs are compared they stand as numbers in the order of the texts."""
PROVING = ("is", *DONE)
"""Relations of a phrase to a product that may prove a segment."""
_ROLE_RANK = {Role.MAKES: 0, Role.PROCESSES: 1, Role.GROWS: 2, Role.PROVIDES: 3, Role.STORES: 4, Role.TRANSPORTS: 5, Role.UNSTATED: 9}
_BRACKETS = re.compile(r"\([^()]*\)")
_LEGAL_FORM = re.compile(r"(?:\([^()]*\)|有限责任|股份有限|股份|有限|集团|总公司|公司|合作|社|普通合伙|企业|本部)++$")
_WORKS = re.compile(
    "(?:工业|实业|科技|技术|发展|开发|制造|制作|生产|加工|专业|总厂|分厂|厂|集团|股份|产业|管理|服务|公司|总|第?[一二三四五六七八九十])++$"
)
# What a name goes on with when it is about another thing than the word before: 锂电设备 makes no batteries.
_ANOTHER_THING = re.compile("设备|装备|机械|机具|机组|机床|机$|仪器|仪表|配件|零件|部件|附件|元件|材料|原料|助剂|模具|工具")
_ANOTHER_WORD = ("械", "因", "源")
"""Characters that make another word of the one before: 激光器械 are instruments, 生物基因 is about genes, 国储能源 is in energy."""
# 植物油集团公司饲料厂 is about feed.
_ANOTHER_WORKS = re.compile("公司.{2,}[厂场店部站]$")
# What may stand between the trade of a name and its legal form: 华阳轴承科技有限公司. 轴承机电设备 is about plant, not bearings.
_AFTER_TRADE = "科技|技术|实业|工业|制品|发展|集团|总|开发|产业|控股|材料|用品|印务|装潢|印刷|装备|部件|元件|配件"


@dataclass(frozen=True, slots=True)
class SaidOf:
    """Numbers of phrases that tell of who says them: 制作广告 makes no goods; 生化药品 is a word of dealers' licences."""

    no_making: pl.Series
    licensed: pl.Series
    traded: pl.Series
    software: pl.Series

    @classmethod
    def read(cls, phrases: pl.Series, scope_words: Mapping[str, object]) -> SaidOf:
        """Raises: KeyError where a list is missing."""
        dealers = list(cast(Iterable[str], scope_words["dealer_goods"]))
        makes_nothing = "|".join(map(re.escape, cast(Iterable[str], scope_words["made_but_no_goods"])))
        traded = list(cast(Iterable[str], scope_words["traded_goods"]))
        told = (phrases.str.contains(makes_nothing), phrases.is_in(dealers), phrases.is_in(traded), phrases.str.contains("软件"))
        return cls(*(mask.arg_true().cast(pl.Int32) for mask in told))


@dataclass(frozen=True, slots=True)
class NameWords:
    """What in a firm's name says that it makes things, or that it only trades (rulebook `scope_words.yaml`, 十)."""

    maker: str
    weak_maker: str
    trader: str
    no_firm: str

    @classmethod
    def read(cls, scope_words: Mapping[str, object]) -> NameWords:
        """Raises: KeyError where a list is missing."""

        def any_of(name: str) -> str:
            return "|".join(re.escape(word) for word in sorted(cast(Iterable[str], scope_words[name]), key=len, reverse=True))

        ends = any_of("maker_name_ends")
        strong = f"(?:{ends})(?:有限|股份|集团|总公司|公司|\\(|$)|制造|制品|生产|制药"
        last = f"(?:{any_of('maker_names')})(?:{_AFTER_TRADE})*(?:有限|股份|公司|企业|\\(|$)"
        no_firm = f"(?:{'|'.join(cast(Iterable[str], scope_words['no_firm_names']))})$"
        return cls(maker=strong, weak_maker=last, trader=any_of("trader_names"), no_firm=no_firm)

    def kind(self, name: str) -> str:
        """maker, weak (its trade is one of makers), trader, or "" where the name says nothing, as that of a trade union does."""
        if re.search(self.no_firm, name):
            return ""
        if re.search(self.trader, name):
            return "trader"
        if re.search(self.maker, name):
            return "maker"
        return "weak" if re.search(self.weak_maker, name) else ""

    def kind_expression(self, name: pl.Expr) -> pl.Expr:
        """`kind` over a column."""
        return (
            pl.when(name.str.contains(self.no_firm))
            .then(pl.lit(""))
            .when(name.str.contains(self.trader))
            .then(pl.lit("trader"))
            .when(name.str.contains(self.maker))
            .then(pl.lit("maker"))
            .when(name.str.contains(self.weak_maker))
            .then(pl.lit("weak"))
            .otherwise(pl.lit(""))
        )


def name_roles(name: str, scope_words: Mapping[str, object]) -> tuple[Role, ...]:
    """The roles that a firm's name shows by itself: a works (厂) makes, a trading company sells."""
    kind = NameWords.read(scope_words).kind(name)
    return {"maker": (Role.MAKES,), "trader": (Role.SELLS,)}.get(kind, ())


def name_core(name: str) -> str:
    """The part of a name that says its trade: 某某液压油缸厂 → 某某液压油缸.

    Why: what stands last before the legal form is what the firm is about; 粉丝机制造厂 is about machines, not about vermicelli.
    """
    core = _without_brackets(name)
    for _ in range(3):
        before, core = core, _LEGAL_FORM.sub("", core)
        if core == before:
            break
    return _WORKS.sub("", core)


def _without_brackets(name: str) -> str:
    return _BRACKETS.sub("", name) if "(" in name else name


def products_of_name(name: str, matcher: Matcher) -> frozenset[str]:
    """The products that a name is about."""
    return frozenset(product for product, relation in matcher.match(name_core(name)) if relation == "is")


def is_about(name: str, proof: re.Pattern[str]) -> bool:
    """Whether the words of `proof` stand at the head of a name, not before a machine or a part, or end it (集团有限公司)."""
    found = None
    for found in proof.finditer(name):  # noqa: B007
        pass
    if found is not None and found.end() == len(name):
        return True
    core = name_core(name)
    found = None
    for found in proof.finditer(core):  # noqa: B007
        pass
    if found is None or found[0].endswith("公司"):
        return False  # 集团有限公司 in a branch's name is about its parent
    if core[found.end() : found.end() + 1] in _ANOTHER_WORD:
        return False
    return not (_ANOTHER_THING.search(core, found.end()) or _ANOTHER_WORKS.search(_without_brackets(name), found.end()))


def trusted(is_about_it: pl.Expr) -> pl.Expr:
    """Whether a thing listed without a verb is made by the firm: columns `kind`, `makes`, `deals`, `first_sale`, and the thing's `start`.

    Why: what stands after a sale is mostly sold too (销售化肥;饲料), so only a works, or a name about the thing, is believed there.
    Who lists the goods of a dealer's licence (中成药、化学药制剂、生化药品) sells the rest of the list too, though its name be 药业; and so
    does who lists 五金交电 or 百货 among things without a verb.
    """
    is_unsold = pl.col("first_sale").is_null() | (pl.col("start") <= pl.col("first_sale"))
    is_maker = (pl.col("makes") | (pl.col("kind") == "weak")) & ~pl.col("deals")
    return (pl.col("kind") != "trader") & ((pl.col("kind") == "maker") | is_about_it | is_unsold & is_maker)


def without_goods(services: pl.DataFrame, seen: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Without `provides` of what the firm makes, sells or installs: 冷库的制造、安装、技术咨询 builds cold stores, and lets none.

    Nor is it a service to develop what one makes oneself (机器人的研发、生产): `made` has firm_no and phrase_no of that, without software.
    """
    thought = pl.col("role").is_in([int(Role.RESEARCHES), int(Role.DESIGNS)])
    services = pl.concat([services.filter(~thought), services.filter(thought).join(made, on=["firm_no", "phrase_no"], how="anti")])
    goods = seen.filter(pl.col("role").is_in([int(r) for r in (Role.MAKES, Role.SELLS, Role.INSTALLS, Role.DESIGNS)]))
    provided = services.filter(pl.col("role") == int(Role.PROVIDES)).join(goods, on=["firm_no", "phrase_no"], how="anti")
    return pl.concat([services.filter(pl.col("role") != int(Role.PROVIDES)), provided])


@dataclass(frozen=True)
class Ground:
    """What placing stands on and no chain changes: the firms, what their scopes say, and what their names say of them.

    Shape: `people` one row a firm at its firm_no; `said` one row a mention; `making`, `carrying` and `dealing` one entry a firm;
    `software` numbers of phrases.
    """

    people: pl.DataFrame
    said: pl.DataFrame
    words: NameWords
    making: pl.Series
    carrying: pl.Series
    dealing: pl.Series
    software: pl.Series

    @classmethod
    def of(cls, people: pl.DataFrame, said: pl.DataFrame, phrases: pl.Series, scope_words: Mapping[str, object]) -> Ground:
        """From firms (firm_no, name), mentions and phrases."""
        said_of = SaidOf.read(phrases, scope_words)
        making = _flags(said.filter(~pl.col("phrase_no").is_in(said_of.no_making.implode())), MAKING, people.height)
        carrying = _flags(said, CARRYING, people.height)
        dealing = _flags(said.filter(pl.col("phrase_no").is_in(said_of.licensed.implode())), DEALING, people.height)
        dealing |= _flags(said.filter(pl.col("phrase_no").is_in(said_of.traded.implode())), (Role.UNSTATED,), people.height)
        return cls(people, said, NameWords.read(scope_words), making, carrying, dealing, said_of.software)

    @cached_property
    def listed(self) -> pl.DataFrame:
        """Every firm with what its name says of it (`kind`) and whether its scope shows making or carrying at all; no trade unions."""
        firms = self.people.filter(~pl.col("name").fill_null("").str.contains(self.words.no_firm))
        listed = firms.select("firm_no", "name", kind=self.words.kind_expression(pl.col("name")))
        return listed.with_columns(makes=self.making.gather(listed["firm_no"]), carries=self.carrying.gather(listed["firm_no"]))

    @cached_property
    def usable(self) -> pl.DataFrame:
        """Firms whose name may prove what they make: no traders, and makers or carriers otherwise."""
        return self.listed.filter((pl.col("kind") != "trader") & (pl.col("makes") | (pl.col("kind") == "maker") | pl.col("carries")))

    @cached_property
    def is_usable(self) -> npt.NDArray[np.bool_]:
        """Whether each row of `listed` is one of `usable`."""
        marked = np.zeros(self.people.height, dtype=bool)
        marked[self.usable["firm_no"].to_numpy()] = True
        result: npt.NDArray[np.bool_] = marked[self.listed["firm_no"].to_numpy()]
        return result

    def bearing(self, words: Sequence[str]) -> dict[str, npt.NDArray[np.int64]]:
        """Per word the rows of `listed` whose name bears it.

        Why: all names are searched for all words as one text; a thousand segments that each read every name took most of the time. A few
        words, as of one edited segment, are found sooner one by one.
        """
        if len(words) <= FEW_WORDS:
            alone = self.listed["name"].fill_null("")
            return {word: alone.str.contains(word, literal=True).arg_true().to_numpy().astype(np.int64) for word in words}
        found: dict[str, list[npt.NDArray[np.int64]]] = {word: [] for word in words}
        finder = CharwiseDoubleArrayAhoCorasick(list(words))
        names = self.listed["name"]
        for begin in range(0, len(names), 100_000):
            part = [(name or "").replace("\n", " ") for name in names[begin : begin + 100_000].to_list()]
            ends = np.cumsum(np.array([len(name) + 1 for name in part], dtype=np.int64))
            hits = np.array(finder.find_overlapping("\n".join(part)), dtype=np.int64).reshape(-1, 3)
            rows, order = np.searchsorted(ends, hits[:, 0], side="right") + begin, np.argsort(hits[:, 2], kind="stable")
            cuts = np.searchsorted(hits[order, 2], np.arange(len(words) + 1))
            for number, word in enumerate(words):
                found[word].append(rows[order[cuts[number] : cuts[number + 1]]])
        return {word: np.concatenate([np.zeros(0, dtype=np.int64), *rows]) for word, rows in found.items()}

    @cached_property
    def growers(self) -> pl.Series:
        """Firms that grow anything at all."""
        return growers(self.said)


def place(firms: pa.Table, phrases: pa.Table, mentions: pa.Table, phrase_products: pa.Table, rulebook: Rulebook) -> pa.Table:
    """The table `placements`. Firms need no scope column. Grain: one row per chain, segment and firm; the best proof wins."""
    wanted = wanted_by(rulebook)
    if wanted.is_empty() or firms.num_rows == 0:
        return tables.PLACEMENTS.schema.empty_table()
    words = cast(pl.Series, pl.from_arrow(phrases["phrase"])).cast(pl.String)
    ground = Ground.of(pl.DataFrame(pl.from_arrow(firms)), pl.DataFrame(pl.from_arrow(mentions)), words, rulebook.scope_words)
    proving = pl.DataFrame(pl.from_arrow(phrase_products)).filter(pl.col("relation").is_in(PROVING))
    best = best_proofs(ground, wanted, proving, ground.said, _named(ground, name_matcher(rulebook, wanted)), with_proofs(rulebook))
    columns = [column.name for column in tables.PLACEMENTS.columns]
    copied = ground.people.select("firm_no", "registered_on", "adcode", "lon", "lat", "capital_yuan", "group_no", "is_branch")
    placed = best.join(copied, on="firm_no", how="left").sort("chain", "segment", "firm_no").select(columns)
    return placed.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(tables.PLACEMENTS.schema)


def best_proofs(  # noqa: PLR0917
    ground: Ground, wanted: pl.DataFrame, proving: pl.DataFrame, said: pl.DataFrame, named: pl.DataFrame, proofs: Iterable[NameProof]
) -> pl.DataFrame:
    """The best proof of each firm on each segment of `wanted`, with the columns of `placements` that are not copied from firms.

    `proving`: rows of phrase_products that prove; `said`: mentions, of the phrases of `proving` at least; `named`: firm_no and product
    of firms whose name is about a product; `proofs`: words in names, of segments of `wanted`.
    """
    wanted = wanted.with_columns(pl.col(name).cast(pl.Enum(wanted[name].unique().sort())) for name in NUMBERED)
    named_phrases = proving.join(wanted, on="product")
    seen = said.filter(pl.col("phrase_no").is_in(named_phrases["phrase_no"].unique().implode())).join(
        named_phrases.select("chain", "segment", "does", "serves", "root", "phrase_no", "relation"), on="phrase_no"
    )
    seen = seen.filter((pl.col("relation") == "is") | (pl.col("relation") == _named_role(pl.col("role"))))
    proven = _from_scopes(seen, made_things(said, seen["phrase_no"], ground.software), ground)
    by_name = _from_names(ground, wanted, seen, named, proofs)
    growing = wanted.filter(pl.col("does") == "grows").select("chain", "segment").unique()
    only_named = by_name.filter(~pl.col("firm_no").is_in(ground.growers.implode())).join(growing, on=["chain", "segment"])
    by_name = by_name.join(only_named, on=["chain", "segment", "firm_no"], how="anti")
    found = pl.concat([proven, by_name], how="diagonal_relaxed")
    return (
        found.with_columns(
            rank=pl.col("proof").replace_strict({proof: rank for rank, proof in enumerate(PROOF_ORDER)}, return_dtype=pl.Int8),
            role_rank=pl.col("role").replace_strict(
                {int(role): rank for role, rank in _ROLE_RANK.items()}, default=8, return_dtype=pl.Int8
            ),
            products=pl.col("root").n_unique().over("chain", "segment", "firm_no").cast(pl.Int16),
        )
        .sort("chain", "segment", "firm_no", "rank", "role_rank", "start", "root", nulls_last=True)
        .unique(["chain", "segment", "firm_no"], keep="first", maintain_order=True)
        .with_columns(pl.col(name).cast(pl.String) for name in NUMBERED)
        .rename({"root": "product"})
    )


def wanted_by(rulebook: Rulebook) -> pl.DataFrame:
    """Grain: one row per chain, segment and product that counts for it; `root` is the segment's own product that it is a kind of."""
    return wanted_of(rulebook, [(chain.id, segment) for chain in rulebook.chains.values() for segment in chain.segments])


def wanted_of(rulebook: Rulebook, segments: Iterable[tuple[str, Segment]]) -> pl.DataFrame:
    """As `wanted_by`, of some segments only."""
    rows: dict[tuple[str, str, str], tuple[str, str, str, bool, str, str]] = {}
    for chain_id, segment in segments:
        for root in segment.products:
            for product in sorted(rulebook.narrower(root)):
                key = (chain_id, segment.id, product)
                if key not in rows or product == root:
                    rows[key] = (chain_id, segment.id, segment.role, segment.role == "provides", root, product)
    schema = {"chain": pl.String, "segment": pl.String, "does": pl.String, "serves": pl.Boolean, "root": pl.String, "product": pl.String}
    return pl.DataFrame(list(rows.values()), schema=schema, orient="row")


def name_matcher(rulebook: Rulebook, wanted: pl.DataFrame) -> Matcher:
    """What finds products in names: only those that count for some segment are looked for."""
    products = set(wanted["product"])
    return Matcher({key: product for key, product in rulebook.products.items() if key in products})


def _flags(said: pl.DataFrame, roles: Iterable[Role], firms: int) -> pl.Series:
    """For every firm_no whether its scope shows one of the roles at all."""
    flags = np.zeros(firms, dtype=bool)
    flags[said.filter(pl.col("role").is_in([int(role) for role in roles]))["firm_no"].to_numpy()] = True
    return pl.Series("flag", flags)


def _named_role(role: pl.Expr) -> pl.Expr:
    """The relation that a role is (`repairs`), "" for roles that are none."""
    return role.replace_strict({int(r): name for r, name in DOING.items()}, default="", return_dtype=pl.String)


def _from_scopes(seen: pl.DataFrame, made: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Rows that a mention proves: by a verb, or without one in a firm that makes things otherwise."""
    role = pl.col("role")
    fits = pl.any_horizontal((pl.col("does") == does) & role.is_in([int(r) for r in roles]) for does, roles in _BY_SEGMENT.items())
    developed = (pl.col("relation") == "researches") & ~pl.col("serves")
    verbs = seen.filter(fits | developed).with_columns(proof=pl.lit("scope"))
    serving = role.is_in([int(r) for r in SERVING]) & (pl.col("relation") == "is") | (pl.col("relation") != "is")
    services = seen.filter(serving & pl.col("serves")).with_columns(proof=pl.lit("scope"))
    silent = seen.filter(role == int(Role.UNSTATED))
    kinds = ground.people.filter(pl.col("firm_no").is_in(silent["firm_no"].unique().implode())).select(
        "firm_no", kind=ground.words.kind_expression(pl.col("name"))
    )
    kinds = kinds.with_columns(makes=ground.making.gather(kinds["firm_no"]), deals=ground.dealing.gather(kinds["firm_no"]))
    kinds = kinds.join(first_sales(ground.said, kinds["firm_no"]), on="firm_no", how="left")
    believed = trusted(pl.lit(False)) & ((pl.col("does") != "grows") | pl.col("firm_no").is_in(ground.growers.implode()))
    inferred = silent.join(kinds, on="firm_no").filter(pl.col("serves") | believed).with_columns(proof=pl.lit("inferred"))
    columns = ["chain", "segment", "root", "firm_no", "role", "phrase_no", "start", "end", "proof"]
    return pl.concat([verbs.select(columns), without_goods(services, seen, made).select(columns), inferred.select(columns)])


def made_things(said: pl.DataFrame, phrases: pl.Series, software: pl.Series) -> pl.DataFrame:
    """Grain: one row per firm and phrase, of these phrases, that the firm makes; who develops software and makes it serves all the same."""
    things = set(phrases.to_list()) - set(software.to_list())
    makes = said.filter(pl.col("role") == int(Role.MAKES)).select("firm_no", "phrase_no")
    return makes.filter(pl.col("phrase_no").is_in(pl.Series(sorted(things), dtype=pl.Int32).implode())).unique()


def growers(said: pl.DataFrame) -> pl.Series:
    """Firms that grow anything at all."""
    return said.filter(pl.col("role") == int(Role.GROWS))["firm_no"].unique()


def first_sales(said: pl.DataFrame, firms: pl.Series) -> pl.DataFrame:
    """Grain: one row per firm that sells: where its first sold thing stands (`first_sale`)."""
    sold = said.filter((pl.col("role") == int(Role.SELLS)) & pl.col("firm_no").is_in(firms.implode()))
    return sold.group_by("firm_no").agg(first_sale=pl.col("start").min())


def _named(ground: Ground, matcher: Matcher) -> pl.DataFrame:
    """Grain: one row per usable firm and product that its name is about."""
    names, numbers = ground.usable["name"].to_list(), ground.usable["firm_no"].to_list()
    rows = [(numbers[at], product) for at in matcher.holding(names) for product in products_of_name(names[at], matcher)]
    return pl.DataFrame(rows, schema={"firm_no": pl.Int32, "product": pl.String}, orient="row")


def _from_names(ground: Ground, wanted: pl.DataFrame, seen: pl.DataFrame, named: pl.DataFrame, proofs: Iterable[NameProof]) -> pl.DataFrame:
    """Rows that a name proves: 某某变速器厂 with a scope that is only generic.

    A scope that says what else it does with the product wins over the name. A segment's own words prove a service by themselves: a hotel
    (酒店) need not say so in its scope, and an agency (代理) is no trader there.
    """
    frame = named.join(wanted, on="product").select("chain", "segment", "serves", "root", "firm_no", says=pl.lit(False))
    proofs, extras = list(proofs), [frame]
    bearing = ground.bearing(sorted({word for proof in proofs for word in proof.segment.name_proofs}))
    spoken = seen.select("chain", "segment", "firm_no").unique()
    saying = spoken.partition_by("chain", "segment", as_dict=True) if proofs else {}
    for proof in proofs:
        is_service = proof.segment.role == "provides"
        at = np.unique(np.concatenate([bearing[word] for word in proof.segment.name_proofs]))
        if not at.size:
            continue
        holding = ground.listed[at].filter(pl.lit(is_service) | pl.Series(ground.is_usable[at])).select("firm_no", "name")
        said = saying.get((proof.chain, proof.segment.id))
        holding = holding if said is None else holding.filter(~pl.col("firm_no").is_in(said["firm_no"].implode()))
        about = pl.Series([is_about(name, proof.pattern) for name in holding["name"]], dtype=pl.Boolean)
        extra = holding.filter(about).select(
            "firm_no",
            chain=pl.lit(proof.chain, frame.schema["chain"]),
            segment=pl.lit(proof.segment.id, frame.schema["segment"]),
            serves=pl.lit(is_service),
            root=pl.lit(proof.segment.products[0], frame.schema["root"]),
            says=pl.lit(is_service),
        )
        extras.append(extra.select(frame.columns))
    frame = pl.concat(extras)
    frame = frame.sort("says", descending=True).unique(["chain", "segment", "root", "firm_no"], keep="first", maintain_order=True)
    frame = frame.join(ground.listed.select("firm_no", "makes", "carries", "kind"), on="firm_no")
    makes = pl.col("makes") | (pl.col("kind") == "maker")
    proves = pl.when("says").then(pl.lit(True)).when("serves").then("carries").otherwise(makes)
    kept = frame.filter(proves).join(spoken, on=["chain", "segment", "firm_no"], how="anti")
    role = pl.when(pl.col("serves")).then(int(Role.PROVIDES)).otherwise(int(Role.MAKES)).cast(pl.Int8)
    return kept.select("chain", "segment", "root", "firm_no", role.alias("role"), proof=pl.lit("name"))


@dataclass(frozen=True, slots=True)
class NameProof:
    """Words that prove a segment where they stand in a firm's name."""

    chain: str
    segment: Segment
    pattern: re.Pattern[str]


@lru_cache(maxsize=10_000)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Why kept: there are more of them than `re` keeps, and a worker places again and again."""
    return re.compile("|".join(map(re.escape, words)))


def with_proofs(rulebook: Rulebook) -> list[NameProof]:
    """Every segment that words in names prove."""
    return proofs_of((chain.id, segment) for chain in rulebook.chains.values() for segment in chain.segments)


def proofs_of(segments: Iterable[tuple[str, Segment]]) -> list[NameProof]:
    """As `with_proofs`, of some segments only."""
    return [NameProof(chain_id, segment, _any_of(tuple(segment.name_proofs))) for chain_id, segment in segments if segment.name_proofs]
