"""Business scopes as registries hold them: many styles, both kinds of punctuation, licence boilerplate, cut-offs.

Shape: every function takes the generator's `Random` and words, and returns one scope text; the same random state gives the same text.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

BOILERPLATE = "(依法须经批准的项目,经相关部门批准后方可开展经营活动)"
SINCE_2020_TAIL = "(除依法须经批准的项目外,凭营业执照依法自主开展经营活动)"
LICENSED_TAIL = "(依法须经批准的项目,经相关部门批准后方可开展经营活动,具体经营项目以审批结果为准)"
TECHNICAL = "技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广"
_FULL_WIDTH = str.maketrans({"(": "（", ")": "）", ",": "，", ";": "；", ":": "："})
_NEW_VOCABULARY_SINCE = 2021


def _joined(words: Sequence[str], mark: str = "、") -> str:
    return mark.join(words)


def _dressed(rnd: random.Random, text: str) -> str:
    """With a licence tail or none, in full-width or half-width marks, as the registries differ."""
    dice = rnd.random()
    if dice < 0.45:
        text += BOILERPLATE
    elif dice < 0.5:
        text += "**" + BOILERPLATE
    elif dice < 0.55:
        text = text.rstrip("。") + "。【依法须经批准的项目,经相关部门批准后方可开展经营活动】"
    return text.translate(_FULL_WIDTH) if rnd.random() < 0.55 else text


def _modern(rnd: random.Random, items: Sequence[str], *, licensed: Sequence[str] = ()) -> str:
    """The form since 2020: 许可项目 and 一般项目, each item a phrase of the common vocabulary."""
    general = "一般项目:" + ";".join(items) + SINCE_2020_TAIL
    if licensed:
        general = "许可项目:" + ";".join(licensed) + LICENSED_TAIL + "。" + general
    return general.translate(_FULL_WIDTH) if rnd.random() < 0.7 else general


def maker(rnd: random.Random, goods: Sequence[str], *, year: int, sells: Sequence[str] = (), verb: str = "制造") -> str:
    """The scope of a firm that makes `goods`, and may also sell other things."""
    if year >= _NEW_VOCABULARY_SINCE:
        items = [f"{good}{verb}" for good in goods] + [f"{good}销售" for good in (*goods, *sells)]
        if rnd.random() < 0.6:
            items.insert(int(rnd.random() * len(items)), TECHNICAL)
        if rnd.random() < 0.4:
            items.append(rnd.choice(("货物进出口", "技术进出口", "住房租赁", "普通机械设备安装服务")))
        return _modern(rnd, items)
    listed, first = _joined(goods), goods[0]
    extra = f";{_joined(sells)}的销售" if sells else ""
    trade = rnd.choice(("", "", ";货物及技术进出口", ";自营和代理各类商品及技术的进出口业务", ";普通货物道路运输", ";房屋租赁"))
    text = rnd.choice(
        (
            f"生产、销售:{listed}{extra}{trade}。",
            f"{listed}的{verb}、销售{extra}{trade}。",
            f"{listed}的生产、加工、销售{extra}{trade}",
            f"{listed}生产、加工及销售{extra}{trade}。",
            f"{first}的研发、{verb}、销售及技术服务{trade}。" if len(goods) == 1 else f"{listed}的研发、生产和销售{extra}{trade}。",
            f"从事{listed}的生产,销售自产产品,并提供相关技术咨询和售后服务{extra}。",
            f"{listed}{verb}、销售{extra}{trade}",
            f"研发、生产、加工:{listed};销售自产产品{extra}{trade}。",
            f"许可经营项目:无。一般经营项目:{listed}生产、销售{extra}{trade}。",
            f"加工、销售:{listed}{extra}。",
        )
    )
    return _dressed(rnd, text)


def grower(rnd: random.Random, crops: Sequence[str], *, year: int, is_cooperative: bool = False) -> str:
    """The scope of a farm or cooperative that grows `crops`."""
    listed = _joined(crops)
    if year >= _NEW_VOCABULARY_SINCE and rnd.random() < 0.6:
        return _modern(rnd, [f"{crop}种植" for crop in crops] + ["初级农产品收购", "农产品的生产、销售、加工、运输、贮藏及其他相关服务"])
    if is_cooperative and rnd.random() < 0.6:
        tail = "收购、销售成员种植的产品;引进新技术、新品种,开展与农业生产有关的技术培训。"
        return _dressed(rnd, f"组织成员从事{listed}种植;采购、供应成员所需的生产资料;{tail}")
    return _dressed(rnd, rnd.choice((f"{listed}的种植、销售。", f"{listed}种植;农产品收购", f"种植、销售:{listed}。")))


def breeder(rnd: random.Random, animals: Sequence[str], *, year: int, is_cooperative: bool = False) -> str:
    """The scope of a farm or cooperative that keeps `animals`."""
    listed = _joined(animals)
    if year >= _NEW_VOCABULARY_SINCE and rnd.random() < 0.5:
        return _modern(rnd, ["牲畜销售", "农业专业及辅助性活动"], licensed=[f"{animal}饲养" for animal in animals])
    if is_cooperative and rnd.random() < 0.6:
        return _dressed(rnd, f"组织成员开展{listed}养殖,销售成员养殖的产品。")
    return _dressed(rnd, rnd.choice((f"{listed}养殖、销售。", f"{listed}的饲养及销售;农产品收购")))


def provider(rnd: random.Random, services: Sequence[str], *, year: int) -> str:
    """The scope of a firm that provides `services`."""
    listed = _joined(services)
    if year >= _NEW_VOCABULARY_SINCE:
        return _modern(rnd, list(services))
    return _dressed(rnd, rnd.choice((f"{listed}。", f"提供{listed}。", f"{_joined(services, ';')}", f"从事{listed}业务。")))


def trader(rnd: random.Random, goods: Sequence[str], *, year: int) -> str:
    """The scope of a firm that only sells `goods`."""
    listed = _joined(goods)
    if year >= _NEW_VOCABULARY_SINCE:
        return _modern(rnd, [f"{good}销售" for good in goods])
    return _dressed(
        rnd,
        rnd.choice(
            (
                f"{listed}的销售。",
                f"销售:{listed}。",
                f"{listed}批发、零售",
                f"批发兼零售:{listed}。",
                f"{listed}的批发与零售;商务信息咨询。",
                f"{listed}购销",
                f"网上销售:{listed};货物及技术进出口。",
            )
        ),
    )


def repairer(rnd: random.Random, goods: Sequence[str], *, year: int) -> str:
    """The scope of a firm that mends or installs `goods`."""
    listed = _joined(goods)
    if year >= _NEW_VOCABULARY_SINCE and rnd.random() < 0.5:
        return _modern(rnd, [f"{good}修理" for good in goods] + ["通用设备修理", "五金产品零售"])
    return _dressed(rnd, rnd.choice((f"{listed}的维修、安装。", f"{listed}维修服务;配件销售", f"{listed}的维修、保养、租赁。")))


def researcher(rnd: random.Random, goods: Sequence[str], *, year: int) -> str:
    """The scope of a firm that studies and advises on `goods`, but makes none."""
    listed = _joined(goods)
    if year >= _NEW_VOCABULARY_SINCE and rnd.random() < 0.5:
        return _modern(rnd, [f"{good}技术研发" for good in goods] + [TECHNICAL])
    return _dressed(rnd, rnd.choice((f"{listed}技术的开发、技术咨询、技术转让。", f"{listed}领域内的技术开发、技术服务。")))


def worker(rnd: random.Random, works: Sequence[str], *, year: int) -> str:
    """The scope of a building firm."""
    if year >= _NEW_VOCABULARY_SINCE and rnd.random() < 0.6:
        return _modern(rnd, ["园林绿化工程施工", "建筑材料销售"], licensed=[f"{work}施工" for work in works])
    return _dressed(
        rnd, rnd.choice((f"{_joined(works)}的施工。", f"{_joined(works)}施工;建筑材料销售。", f"承接{_joined(works)};建筑工程咨询。"))
    )


def cut_off(text: str) -> str:
    """A scope as a crawler cut it."""
    return text[: max(20, len(text) * 2 // 3)] + "..."
