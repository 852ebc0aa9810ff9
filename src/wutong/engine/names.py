"""Chinese firm names: normalise, compare, tell branches from parents, and take the trade name (字号) out.

One place for tags, search, duplicates and bulk matching, so that two pages never disagree about what the same name is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

_BLANKS = r"[\s\x00-\x20\x{200b}-\x{200f}\x{feff}\x{e000}-\x{f8ff}]"
_BLANKS_PY = re.compile("[\\s\x00-\x20\u200b-\u200f\ufeff\ue000-\uf8ff]")
_OPENING, _CLOSING = "[﹙〔【［<〈《{]", "[﹚〕】］>〉》}]"
_OPENING_PY, _CLOSING_PY = re.compile(_OPENING), re.compile(_CLOSING)
_KEY_NOISE = r"[()\-—－_.,，。、·•・:：;；'\"“”‘’*#&/\\!?]"
_KEY_NOISE_PY = re.compile(_KEY_NOISE)
_LEGAL_FORMS = (
    ("股份有限责任公司", "股份有限公司"),
    ("有限责任总公司", "有限公司"),
    ("有限责任公司", "有限公司"),
    ("股份有限公司", "股份公司"),
    ("有限总公司", "有限公司"),
)
"""Longest first; what stands left is read as what stands right when names are compared."""

_BRANCH_WORDS = (
    "分公司|支公司|子公司|分厂|分店|分行|支行|分社|分院|分校|分所|分部|分场|分站|分中心|分号|分局|"
    "分处|办事处|代表处|联络处|营业部|经营部|销售部|门市部|营销部|服务部|供应部|维修部|加工部|采购部|"
    "零售部|批发部|业务部|工程部|项目部|营业所|营业厅|营业处|储蓄所|代办处|代办点|代理处|供应站|经销处|"
    "经销部|销售处|零售店|专卖店|连锁店|加油站|加气站|油站|收购站|收购点|转运站|服务站|维修站|供应点|"
    "经营处|管理处|管理部|经理部|信用社|供销店|分理处|信托部|生产部|设计部|研发部|展示厅|展销部|门市|"
    "仓库|车队|驻"
)
_BRANCH = re.compile(r"(?:" + _BRANCH_WORDS + r")(?:[（(].{0,12}[)）])?$")
_PARENT_END = re.compile(
    r"(?:公司|集团|总厂|厂|总社|社|中心|院|研究所|合作社|商店|商场|大厦|宾馆|饭店|酒店|事务所|银行|学校|学院|大学|医院|农场|林场|矿|局)"
)
_CORPORATE_END = re.compile(r"(?:公司|集团|总厂|厂|总社|合作社|商场)$")
_CHILD_END = re.compile(
    r"(?:部|处|站|店|厂|所|点|库|队|场|行|社|院|室|吧|馆|校|园|车间|中心|公司|超市|商场|大厦|宾馆|饭店|酒店|餐厅|市场|基地|工厂|药房)(?:\(.{0,12}\))?$"
)
_NOT_A_FIRM_PREFIX = 4
LONGEST_READ = 200
"""Characters of a name in which a parent is looked for; what is longer is no name but a text, and would be searched at every 公司 in it."""
_IN_BRACKETS = re.compile(r"\([^)]{0,60}\)")


def normalise(name: str) -> str:
    """The name as shown: half-width, white space and control characters out, brackets all round and half-width."""
    plain = unicodedata.normalize("NFC", _BLANKS_PY.sub("", unicodedata.normalize("NFKC", name)))  # letters a blank stood between may join
    return _CLOSING_PY.sub(")", _OPENING_PY.sub("(", plain))


def key(name: str) -> str:
    """What comparisons and look-ups use: normalised, upper case, no punctuation, one spelling of each legal form."""
    text = _KEY_NOISE_PY.sub("", normalise(name).upper())
    for given, meant in _LEGAL_FORMS:
        text = text.replace(given, meant)
    return text


def normalise_column(names: pl.Series) -> pl.Series:
    """`normalise` over a column."""
    plain = names.str.normalize("NFKC").str.replace_all(_BLANKS, "").str.normalize("NFC")
    return plain.str.replace_all(_OPENING, "(").str.replace_all(_CLOSING, ")")


def key_column(normalised: pl.Series) -> pl.Series:
    """`key` over a column of normalised names."""
    text = normalised.str.to_uppercase().str.replace_all(_KEY_NOISE, "")
    for given, meant in _LEGAL_FORMS:
        text = text.str.replace_all(given, meant, literal=True)
    return text


@dataclass(frozen=True, slots=True)
class BranchName:
    """A name read as a parent's full name and what follows it."""

    parent: str
    suffix: str


@lru_cache(maxsize=100_000)
def branch_of(name: str) -> BranchName | None:
    """The parent's name inside a branch's name: the longest corporate name it begins with; None where it is no branch.

    Source: 企业名称登记管理规定, a branch bears the full name of its enterprise and 分公司, 分厂, 分店 or the like.
    """
    text = normalise(name)
    if len(text) > LONGEST_READ or not _BRANCH.search(text):
        return None
    for found in reversed(list(_PARENT_END.finditer(text))):
        end = found.end()
        parent, suffix = text[:end], text[end:]
        if not suffix or len(parent) < _NOT_A_FIRM_PREFIX or _BRANCH.search(parent) or suffix in {"有限公司", "有限责任公司"}:
            continue
        if _CORPORATE_END.search(parent):
            return BranchName(parent, suffix)
    return None


def is_branch_name(name: str) -> bool:
    """Whether a normalised name ends like a branch (分公司, 分厂, 办事处 …)."""
    return bool(_BRANCH.search(name))


def is_branch_column(normalised: pl.Series) -> pl.Series:
    """`is_branch_name` over a column."""
    return normalised.str.contains(_BRANCH.pattern).fill_null(False)


@dataclass(frozen=True, slots=True)
class Kin:
    """Parents and branches of a whole registry.

    Shape: arrays of one entry a firm; `parent` is -1 where there is none.
    """

    parent: npt.NDArray[np.int32]
    root: npt.NDArray[np.int32]
    is_branch: npt.NDArray[np.bool_]


def kin(normalised: pl.Series, keys: pl.Series, ages: pl.Series) -> Kin:
    """Find each firm's parent: the firm with the longest name that this one's name begins with and continues like a branch.

    `ages` orders firms of the same name: the oldest is the parent. Look-ups in one hash of name keys, never pair by pair.
    """
    size = len(keys)
    order = pl.DataFrame({"key": keys, "age": ages, "row": np.arange(size, dtype=np.int32)}).sort("age", "row", nulls_last=True)
    first = order.unique("key", keep="first", maintain_order=True)
    row_of: dict[str, int] = dict(zip(first["key"].to_list(), first["row"].to_list(), strict=True))
    branch = is_branch_column(normalised).to_numpy().copy()
    may_continue = keys.str.contains(_CHILD_END.pattern).fill_null(False).to_numpy()
    inner = keys.str.contains(_PARENT_END.pattern + ".").fill_null(False).to_numpy()
    is_name = (keys.str.len_chars() <= LONGEST_READ).fill_null(False).to_numpy()
    candidates = np.flatnonzero(is_name & inner & (may_continue | branch))
    parent = np.full(size, -1, dtype=np.int32)
    for row, text in zip(candidates.tolist(), keys.gather(candidates).to_list(), strict=True):
        found = _longest_known_prefix(text, row_of)
        if found >= 0 and found != row:
            parent[row] = found
            branch[row] = branch[row] or not text.endswith("公司")
    return Kin(parent, _with_siblings(_roots(parent), parent, branch, normalised), branch)


def _with_siblings(
    root: npt.NDArray[np.int32], parent: npt.NDArray[np.int32], branch: npt.NDArray[np.bool_], normalised: pl.Series
) -> npt.NDArray[np.int32]:
    """Branches of a parent that the registry does not hold make one group, headed by the first of them."""
    orphans = np.flatnonzero(branch & (parent < 0))
    head_of: dict[str, int] = {}
    head = np.arange(len(root), dtype=np.int32)
    for row, name in zip(orphans.tolist(), normalised.gather(orphans).to_list(), strict=True):
        found = branch_of(name)
        if found is not None:
            head[row] = head_of.setdefault(key(found.parent), row)
    return head[root]


def _longest_known_prefix(text: str, row_of: dict[str, int]) -> int:
    ends = [found.end() for found in _PARENT_END.finditer(text) if _NOT_A_FIRM_PREFIX < found.end() < len(text)]
    for end in reversed(ends):
        row = row_of.get(text[:end])
        if row is not None:
            return row
    return -1


def _roots(parent: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Follow parents to the head of each group; a name is longer than its parent's, so there are no rings."""
    root = np.where(parent >= 0, parent, np.arange(len(parent), dtype=np.int32)).astype(np.int32)
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


_REGION_END = re.compile(
    r"^(?:中国|中华|全国)?(?:.{2,8}?(?:省|自治区|特别行政区))?(?:.{2,6}?(?:市|地区|自治州|盟))?(?:.{2,6}?(?:自治县|县|区|旗))?(?:.{1,4}?(?:镇|乡))?"
)
_FORM_END = re.compile(
    r"(?:集团)?(?:股份)?(?:有限)?(?:责任)?(?:总|集团|实业)?公司$|(?:总|分)?厂$|(?:专业)?合作社$|\(?(?:普通合伙|有限合伙)\)?$|经营部$|门市部$|商店$|中心$"
)
_TRADES = (
    "科学技术|技术开发|科技发展|科技开发|实业发展|投资管理|投资发展|国际贸易|对外贸易|进出口贸易|进出口|"
    "房地产开发|房地产|物业管理|建筑安装|建筑工程|建筑装饰|装饰工程|安装工程|机械制造|机械设备|电子科技|"
    "电子技术|信息技术|信息科技|网络科技|计算机|汽车销售|汽车服务|汽车配件|汽车零部件|汽车修理|汽车|"
    "化工原料|化工|化学|生物科技|生物工程|生物技术|生物|医药|药业|制药|医疗器械|食品|饮料|服装|服饰|"
    "纺织|针织|印染|塑料|塑胶|橡胶|五金|机电|机械|电器|电气|电子|电力|仪器|仪表|通信|通讯|物流|"
    "运输|货运|储运|仓储|建材|建筑|工程|家具|木业|纸业|包装|印刷|印务|广告|文化传播|传媒|文化|旅游|"
    "酒店管理|餐饮|商贸|贸易|工贸|商业|物资|能源|环保|农业|牧业|林业|粮油|种业|饲料|肥业|矿业|钢铁|"
    "金属|铝业|铜业|材料|新材料|玻璃|陶瓷|水泥|设备|工具|模具|轴承|阀门|电缆|电线|电池|光电|照明|"
    "灯饰|软件|网络|信息|科技|技术|实业|投资|控股|发展|开发|咨询|服务|管理|策划|设计|制造|制品|"
    "加工|生产|销售|经营|产业|工业|国际|"
    "新能源|新型|高新|智能|装备|精密|精工|精机|重工|数控|自动化|液压|传动|动力|电源|电机|电动|铸造|锻造|制冷|密封|磁业|医疗|健康|"
    "塑业|化纤|皮革|鞋业|酒业|乳业|肉业|薯业|淀粉|粮食|油脂|果蔬|蔬菜|果业|茶业|种植|养殖|畜牧|供应链|电商"
)
_TRADE = re.compile(_TRADES)


def trade_at(text: str, begin: int = 2) -> int:
    """Where the first word of a trade (行业) stands in a name without its region, from `begin` on; its end where none does."""
    found = _TRADE.search(text, begin)
    return found.start() if found else len(text)


def begins_with_trade(text: str) -> bool:
    """Whether a text begins with a word of a trade, so that what stands before it is no region but the name itself (北京汽车)."""
    return _TRADE.match(text) is not None


@lru_cache(maxsize=200_000)
def core(name: str, places: tuple[str, ...] = ()) -> str:
    """The trade name (字号): the name without its region, trade and legal form; "" where fewer than two characters stay.

    `places` are names of divisions to take off the front, with or without 省 市 县, longest first.
    """
    branch = branch_of(name)
    text = normalise(branch.parent if branch else name)
    text = _IN_BRACKETS.sub("", text)
    text = _FORM_END.sub("", text)
    for place in places:
        stem = place[:-1] if len(place) > 2 and place[-1] in "省市县区旗" else place
        for form in (place, stem):
            if text.startswith(form) and len(text) - len(form) >= 2:
                text = text[len(form) :]
                break
    shorter = _REGION_END.sub("", text)
    text = shorter if len(shorter) >= 2 else text
    text = text[: trade_at(text)]
    return text if len(text) >= 2 else ""
