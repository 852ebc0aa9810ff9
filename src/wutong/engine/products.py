"""Which products of the thesaurus a phrase names, and how: the product itself, a part of it, a machine for it, its waste …"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

import daachorse
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wutong.engine import tables
from wutong.rulebook.load import Product

DONE = ("processes", "repairs", "installs", "researches", "designs", "sells")
"""Names of roles that make a product of their own: doing that to the thing that the phrase names is the product (农产品加工, 叉车修理)."""

DEEDS = DONE[1:]
"""Those of them that are services."""

RELATIONS = ("is", "generic", *DONE, "part_of", "machine_for", "made_with", "waste")
"""From the strongest to the weakest; a phrase has one relation to a product, and what may be done to it besides."""
_RANKS = {relation: rank for rank, relation in enumerate(RELATIONS)}

# A term that is a thing and what is done to it: scopes also say 维修:工程机械, or 工程机械的销售、维修. Collecting waste is buying it.
_DONE_TO = re.compile(
    r"(?P<thing>(?!系统集成)..+?)的?(?:(?P<processes>(?:初级?|粗|精深?|深)?加工)|(?P<repairs>维修|修理|检修|大修|修配|维护|保养|养护|改造)|(?P<installs>安装|施工|集成)|(?P<researches>研发|研究|研制|开发)|(?P<designs>设计)"
    r"|(?P<sells>回收|收购|收集))(?:保养|改造|利用|处理|拆解)?(?:服务|业务)?(?:[A-D]级)?"
)
_MODEL = r"[A-Z0-9.≤≦≥φΦ~～×/\-]"
# What may follow the head of a phrase and change nothing: 液压缸系列产品, 变速器总成, 变压器等机电产品. Who grows 核桃树 grows walnuts.
_AFTER = re.compile(
    rf"(?:系列|产品|成品|半成品|总成|整机|成套|品种|类|等|型|系列化|商品|新产品|{_MODEL})*(?:(?<=等)(?!的|加工|生产|制造|软件|软硬件|高新技术)[^的]{{1,10}}|[树林仁])?"
)
# The same for a service: 冷库出租, 冷链物流配送服务.
_AFTER_SERVICE = re.compile(
    "(?:技术服务|技术支持|施工|总承包|专业承包|分包|[一二三四壹贰叁肆特]级|服务|业务|经营|租赁|出租|出借|转租|库房|仓库|配送|仓储|储存|储藏|贮存|贮藏|储运|存储|堆存|代储|寄存|运输|运营|管理|代理|物流|货运"
    rf"|项目|活动|场地|及|的|类|等|产品|专用|货物|保鲜|[A-D]级|保养|维护|养护|{_MODEL})*"
)
_DOING = (
    "生产|加工|制造|制作|检测|测试|检验|试验|成型|成形|焊接|组装|装配|包装|处理|清洗|切割|切片|粉碎|提取|提炼|分选|烘干|干燥|涂布|印刷|钻孔|回收|维修|储存|输送"
    "|自动化?|清理|冷却|控制|安装|修理|钻|磨|切"
)
_MACHINE = re.compile(
    rf"的?(?:{_DOING}|专用|用|成套|全自动|半自动|数控|自动|通用)*(?:设备|机械设备|机械|机具|机组|机器|生产线|流水线|模具|模|仪器|仪|装置|机床|机|工装|夹具|治具|工具|器械|试验台|试验机|夹|刀具|台|线|钻头|检测系统)(?:系列|产品|类|等)*"
)
_PART = re.compile(
    r"的?(?:专用|用|关键|核心|主要|及|相关)*(?:零部件|零配件|零附件|配套件|配套产品|配件|零件|附件|备件|备品备件|部件|组件|元件|元器件|构件|外壳|壳体|壳|套件|毛坯|坯件|坯|铸件|锻件|铸锻件|半成品配件|材料|原料|原材料|辅料|辅助材料|耗材)(?:系列|产品|类|等)*"
)
_WASTE = re.compile(r"(?:废旧|废弃|废|报废|旧|二手|回收|再生资源)(?:的|旧|[^的]{0,2})$")
_IS_WASTE = re.compile("废|旧|报废|老旧")
_MADE_WITH = re.compile(r"(?:以|用|由)[^以用由]{0,8}$")
_MADE_WITH_AFTER = re.compile(r"(?:[^为]{0,8})(?:为|作)(?:主要)?(?:原料|原材料|主料|基料|基材)|(?:制|做)(?:成)?的?")
_NOT = re.compile(r"(?:非|无|免|代|仿|防|除|不含|未)$")


# A service that scopes also put under a verb of sale: 进出口代理 is itself a sale, and 住宿、餐饮、卷烟零售 offers beds and meals.
_SOLD_SERVICE = re.compile(
    "代理|进出口|邮购|代购|拍卖|超市|便利店|购物|寄卖|展销|旧货|经纪|典当|网上商"
    "|(?:服务|管理|咨询|策划|培训|住宿|餐饮|旅馆|宾馆|酒店|旅游|娱乐|歌舞|歌厅|舞厅|KTV|OK|洗浴|足浴|桑拿|沐浴|浴室|健身|游泳|棋牌|台球|会议|会务|展览"
    "|展示|会展|礼仪|婚庆|庆典|摄影|照相|彩扩|扩印|广告|茶座|酒吧|咖啡厅|垂钓|电子商务)$"
)

ASKED = "asked"
"""The product id of a word that `Matcher.alone` was asked for."""
_SERVICE_WORD = re.compile("(?:服务|维修|修理|安装|租赁|出租|检测|检验|测试|咨询|培训|回收|运输|仓储|物流|配送|处理|设计|研发|代理|管理)$")


_LIST = re.compile(r"[、,;:。\uff0c\uff1b\uff1a]")


def levelled(text: str) -> str:
    """Upper case, no blanks: how terms and phrases are compared."""
    return "".join(text.upper().split())


@lru_cache(maxsize=200_000)
def _term(text: str) -> str:
    """As `levelled`. Why kept: a thesaurus has forty thousand terms, and matchers of nearly the same terms are made again and again."""
    return levelled(text)


@lru_cache(maxsize=200_000)
def _done_to(term: str) -> tuple[tuple[str, str], ...]:
    return tuple(done_to(term))


class Matcher:
    """Finds the products of the thesaurus in phrases. The longest term wins; only the head of a phrase says what it is."""

    def __init__(self, products: Mapping[str, Product]) -> None:
        self._products = products
        owners: dict[str, list[str]] = defaultdict(list)
        for product_id, product in sorted(products.items()):
            for term in product.terms:
                key = _term(term)
                if key and product_id not in owners[key]:
                    owners[key].append(product_id)
        self._things: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for product_id, product in sorted(products.items()):
            for thing, relation in dict.fromkeys(done for term in product.terms for done in _done_to(term)):
                is_work = product.kind == "good" and not product.generic and relation == "processes"
                if is_work or (relation in DEEDS and product.kind == "service"):
                    self._things[thing].append((product_id, relation))
            developed = [_term(term) for term in product.terms if product.kind == "good" and term.endswith("软件")]
            for thing in () if product.generic else developed:  # software is made by developing it
                self._things[thing].append((product_id, "researches"))
        self._terms = sorted({*owners, *self._things})
        excludes = {product_id: tuple(map(_term, product.excludes)) for product_id, product in products.items()}
        kinds = {product_id: (product.kind == "service", product.generic) for product_id, product in products.items()}
        self._owners = [tuple((owner, *kinds[owner], excludes[owner]) for owner in owners.get(term, ())) for term in self._terms]
        self._done = [tuple((owner, done, excludes[owner]) for owner, done in self._things.get(term, ())) for term in self._terms]
        self._finder = daachorse.CharwiseDoubleArrayAhoCorasick(self._terms) if self._terms else None
        self._words: dict[str, str] = {}
        for product_id, product in sorted(products.items()):
            for word in (product.id, *product.en_terms):
                self._words.setdefault(word.casefold(), product_id)
        for product_id, product in sorted(products.items()):
            for word in product.synonyms:
                self._words.setdefault(_term(word).casefold(), product_id)
        for product_id, product in sorted(products.items()):
            self._words[_term(product.zh).casefold()] = product_id
        self._known: dict[str, tuple[tuple[str, str], ...]] = {}

    def product(self, product_id: str) -> Product:
        """Raises: KeyError for a product that this matcher does not know."""
        return self._products[product_id]

    def resolve(self, word: str) -> str | None:
        """The product that a word names, in Chinese or English; None where the thesaurus does not know it."""
        return self._words.get(word.strip().casefold()) or self._words.get(levelled(word).casefold())

    def head_of(self, word: str) -> str | None:
        """Product of the longest known word that `word` ends with: 锂电池隔膜 is a 电池隔膜; None for a list, or where there is none."""
        term = levelled(word)
        if _LIST.search(term):
            return None
        return next((found for at in range(1, len(term) - 1) if (found := self.resolve(term[at:]))), None)

    def alone(self, word: str) -> Matcher:
        """A matcher for a word without an entry of its own, so that the same rules hold for it.

        A kind of a product bears that product's exclusions; a word that is a thing and what is done to it is a service.
        """
        term = levelled(word)
        owner = next((product for product in self._products.values() if term in map(levelled, product.kinds)), None)
        is_service = owner.kind == "service" if owner else _SERVICE_WORD.search(term) is not None
        own = [term + tail for tail in ("", "树", "林", "仁")]
        excludes = tuple(word for word in owner.excludes if not any(levelled(word) in text for text in own)) if owner else ()
        asked = Product.model_construct(id=ASKED, zh=term, en=ASKED, kind="service" if is_service else "good", excludes=excludes)
        return Matcher({ASKED: asked})

    def match(self, phrase: str) -> list[tuple[str, str]]:
        """(product id, relation) of everything that the phrase names, strongest relation first."""
        found = self._known.get(phrase)
        if found is None:
            found = self._known[phrase] = tuple(self._match(levelled(phrase)))
        return list(found)

    def _match(self, text: str) -> Iterable[tuple[str, str]]:
        if self._finder is None:
            return ()
        hits: list[tuple[int, int, int]] = self._finder.find_overlapping(text)
        if not hits:
            return ()
        best: dict[str, int] = {}
        deeds: set[tuple[str, str]] = set()
        hits.sort(key=lambda hit: (hit[0], -hit[1]))
        longest = 0
        for start, end, term in hits:
            for product_id, done, excludes in self._done[term]:
                relation = relation_of(text, start, end)
                is_waste = relation == "waste" or (relation == "is" and _IS_WASTE.match(text, start) is not None)
                is_it = is_waste if done == "sells" else relation == "is"  # 电池回收: who sells batteries collects none
                if is_it and not any(word in text for word in excludes):
                    deeds.add((product_id, done))
            if end <= longest or not self._owners[term]:  # inside a longer term
                continue
            longest = end
            for product_id, is_service, is_generic, excludes in self._owners[term]:
                relation = relation_of(text, start, end, is_service=is_service)
                if relation is None or any(word in text for word in excludes):
                    continue
                if relation == "is" and is_generic:
                    relation = "generic"
                if relation == "is" and is_service and _SOLD_SERVICE.search(self._terms[term]):
                    deeds.add((product_id, "sells"))
                rank = _RANKS[relation]
                best[product_id] = min(best.get(product_id, rank), rank)
        named = {(product_id, RELATIONS[rank]) for product_id, rank in best.items()}
        return sorted(named | deeds, key=lambda pair: (_RANKS[pair[1]], pair[0]))

    def match_column(self, phrases: pa.Array | pa.ChunkedArray | list[str]) -> pa.Table:
        """The table `phrase_products` of a list of phrases; `phrase_no` is the place in the list.

        Why: all phrases are searched as one text, so the automaton runs once; only phrases with a hit are looked at in Python.
        """
        listed = phrases if isinstance(phrases, list) else phrases.to_pylist()
        numbers: list[int] = []
        products: list[str] = []
        relations: list[str] = []
        for number in self.holding(listed):
            for product_id, relation in self._match(levelled(listed[number])):
                numbers.append(number)
                products.append(product_id)
                relations.append(relation)
        columns = {
            "product": pa.array(products, pa.string()),
            "phrase_no": pa.array(numbers, pa.int32()),
            "relation": pa.array(relations, pa.string()),
        }
        table = pa.table(columns, schema=tables.PHRASE_PRODUCTS.schema)
        return table.sort_by([("product", "ascending"), ("phrase_no", "ascending"), ("relation", "ascending")])

    def holding(self, phrases: list[str]) -> Iterable[int]:
        """Numbers of the phrases (or names) that hold a term at all, in order."""
        if self._finder is None:
            return ()
        found: list[npt.NDArray[np.int64]] = []
        for begin in range(0, len(phrases), 100_000):
            part = phrases[begin : begin + 100_000]
            text = "\n".join("".join(phrase.upper().split()) for phrase in part)
            ends = np.cumsum(np.array([len(line) + 1 for line in text.split("\n")], dtype=np.int64))
            starts = np.array([hit[0] for hit in self._finder.find(text)], dtype=np.int64)
            found.append(np.unique(np.searchsorted(ends, starts, side="right")) + begin)
        return [int(number) for number in np.concatenate(found)] if found else ()


def done_to(term: str) -> Iterable[tuple[str, str]]:
    """(thing, name of the role) of a term that is something done to a thing: 叉车修理 → 叉车, repairs."""
    found = _DONE_TO.fullmatch(levelled(term))
    if found:
        yield found["thing"], next(name for name in DONE if found[name])


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


def relation_of(text: str, start: int, end: int, *, is_service: bool = False) -> str | None:
    """How the phrase `text` relates to the term that stands at `start:end` in it; None where it names something else.

    Why: the head of a Chinese noun phrase stands last, so 锂电池 in 锂电池设备 is not a battery, and in 电动车锂电池 it is.
    """
    before, rest = text[:start], text[end:]
    if (rest and _is_letter(rest[0]) and _is_letter(text[end - 1])) or (before and _is_letter(before[-1]) and _is_letter(text[start])):
        return None  # PCB is not in PCBN
    if before and _is_waste(before[-6:]):
        return "waste"
    if before and len(before) <= 2 and _NOT.search(before):
        return None
    if rest and _MADE_WITH_AFTER.match(rest) and _MADE_WITH.search(before[-10:]):
        return "made_with"
    return _followed_by(rest, is_service)


@lru_cache(maxsize=50_000)
def _is_waste(before: str) -> bool:
    return _WASTE.search(before) is not None


@lru_cache(maxsize=50_000)
def _followed_by(rest: str, is_service: bool) -> str | None:
    """The relation by what stands after the term. Why kept: half a million phrases go on in few ways."""
    if (_AFTER_SERVICE if is_service else _AFTER).fullmatch(rest):
        return "is"
    if _MACHINE.fullmatch(rest):
        return "machine_for"
    if _PART.fullmatch(rest):
        return "part_of"
    return None
