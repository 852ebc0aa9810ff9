"""Partners of the demo's bureau, people it knows with their consent, what local firms seek and who logs in for them.

Everything goes through the actions of `partners`, follows from a fixed seed and is dated relative to today. Only the fictional registry
gets them: of real firms and people nothing is invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

from wutong.demo.people import PASSWORD, LogIn, invented_name

SEED = 20261126
HOME = "910200"
FIRST_NAME = 60  # the people of the office have the names before
PARTNERS: tuple[tuple[str, str, str, str, int], ...] = (
    ("chamber", "澜海市凤栖商会", "940100", "officer1", 1900), ("chamber", "屿港市凤栖商会", "940200", "officer3", 1500),
    ("chamber", "潮汀市凤栖商会", "940300", "away", 1300), ("chamber", "梧阳市凤栖商会", "910100", "officer4", 2100),
    ("chamber", "澜海市青梧商会", "940100", "away", 2600), ("chamber", "双鹭县在外乡贤联谊会", "940100", "county-910221", 800),
    ("chamber", "石涧县在外乡贤联谊会", "940200", "county-910223", 700), ("association", "青梧省电池行业协会", "910100", "officer1", 1700),
    ("association", "澜东省装备工业协会", "940100", "officer4", 900), ("association", "凤栖市液压件行业协会", "910200", "officer1", 2300),
    ("association", "青梧省马铃薯产业协会", "910100", "officer2", 1200), ("office_away", "青梧省驻澜海经济联络处", "940100", "away", 1600),
    ("office_away", "凤栖市驻梧阳招商联络站", "910100", "officer2", 400), ("adviser", "澜海新材料产业研究所", "940100", "officer3", 500),
    ("adviser", "潮汀装备产业顾问中心", "940300", "officer4", 620), ("adviser", "凤栖籍专家服务团", "910100", "officer1", 300),
    ("agent", "澜海汇岩投资咨询中心", "940100", "officer3", 450), ("agent", "屿港通渚产业服务中心", "940200", "officer4", 260),
    ("agent", "潮汀畴达招商代理中心", "940300", "away", 900), ("partner_city", "澜海市望澜区", "940102", "head", 1400),
    ("partner_city", "屿港市屿桥区", "940202", "officer1", 980), ("partner_city", "桐源市栗园区", "910302", "officer2", 760),
    ("source_park", "潮汀市汀前产业园", "940302", "away", 640), ("source_park", "澜海市鲸湾产业园", "940104", "officer3", 560),
    ("source_park", "屿港市鸥洲产业园", "940203", "officer4", 330),
)  # fmt: skip
RESTING = {
    "潮汀畴达招商代理中心": ("ended", "代理协议到期，双方不再续签"),
    "屿港通渚产业服务中心": ("dormant", "负责人调整，待其明确后再联系"),
}
OF_THE_ADVISER = "凤栖籍专家服务团"
"""What the adviser's log-in hands in is the credit of this partner."""
ROLES = ("会长", "副会长", "秘书长", "理事", "顾问")
TITLES = ("董事长", "总经理", "副总经理", "投资总监", "厂长")
TRADES = ("电池材料", "装备制造", "食品加工", "新材料", "商贸物流")
PRODUCTS = ("电池隔膜", "液压缸", "电解液", "轴承", "马铃薯淀粉", "锂离子电池")
OUTCOMES = (
    "介绍本市产业基础，对方愿意转发投资指南", "邀请其回乡考察，初定下季度成行",
    "对方推荐两家有外迁意向的企业，已转产业科", "座谈交流，暂无具体项目",
    "走访慰问，了解企业扩产安排", "对方愿意牵线上游供应商", "参加年会并作推介，收到名片十余张",
)  # fmt: skip
NEXT = ("寄送资料后回访", "陪同考察", "约请负责人面谈", "")
SOURCES = ("乡贤座谈会签到表（含同意条款）", "商会会员登记表", "本人来函同意", "推介会现场签署的同意书")
SEEKINGS: tuple[tuple[str, str, str, str, str, int | None], ...] = (
    ("supplier", "寻求电解液就近配套", "power-battery", "electrolytes", "锂离子电池", 2600),
    ("supplier", "电池隔膜供应商，希望设厂配套", "power-battery", "separators", "锂离子电池", 3800),
    ("buyer", "正极材料找下游电池企业", "power-battery", "cathodes", "正极材料", None),
    ("capital", "扩产引入战略投资者", "power-battery", "li-ion-cells", "锂离子电池", 12000),
    ("partner", "合资建设电池包生产线", "power-battery", "packs", "锂离子电池", 9000),
    ("supplier", "液压缸本地化配套", "advanced-equipment", "cylinders", "液压缸", 1800),
    ("supplier", "密封件稳定供应", "advanced-equipment", "seals", "液压缸", 400),
    ("equipment", "数控加工设备更新", "advanced-equipment", "", "轴承", 1500),
    ("technology", "高压液压系统技术合作", "advanced-equipment", "hydraulic-systems", "液压缸", 700),
    ("buyer", "铸件找工程机械主机厂", "advanced-equipment", "iron-castings", "铸件", None),
    ("partner", "与主机厂合作开发专用油缸", "advanced-equipment", "cylinders", "液压缸", 2200),
    ("supplier", "马铃薯淀粉原料基地合作", "potato-food", "potato-growing", "马铃薯淀粉", 600),
    ("buyer", "马铃薯淀粉找食品企业", "potato-food", "starch-making", "马铃薯淀粉", None),
    ("equipment", "淀粉加工生产线改造", "potato-food", "", "马铃薯淀粉", 2400),
    ("capital", "农产品加工项目增资扩股", "potato-food", "starch-making", "马铃薯淀粉", 5000),
    ("technology", "薯渣综合利用技术", "potato-food", "", "马铃薯淀粉", 300),
    ("supplier", "锂盐长期供应合同", "power-battery", "lithium-salts", "锂离子电池", 6000),
    ("partner", "储能电池合资项目", "power-battery", "li-ion-cells", "锂离子电池", 15000),
    ("buyer", "轴承找省外配套客户", "advanced-equipment", "bearings", "轴承", None),
    ("supplier", "电池壳体就近采购", "power-battery", "cases-tabs", "锂离子电池", 800),
)
ACCOUNTS: tuple[tuple[str, int], ...] = (("firm1", 0), ("firm2", 5), ("firm3", 12))
"""User name, and which of SEEKINGS names the firm."""


def log_ins() -> tuple[LogIn, ...]:
    """The log-ins of local firms, as `make run` prints them."""
    return tuple(LogIn(username, "企业用户", "本地企业（绑定一家）") for username, _ in ACCOUNTS)


def tell(*, at: dt.datetime) -> None:
    """Partners and contacts, people, things sought and log-ins, in one go."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages

    from wutong.web.accounts.models import User  # noqa: PLC0415

    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    if "officer1" not in people:
        return
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    with transaction.atomic():
        partners = _partners(people, rnd, at)
        _known(people, partners, rnd, at)
        _sought(people, rnd, at)


def _partners(people: dict[str, Any], rnd: Random, at: dt.datetime) -> list[Any]:
    from wutong.web.partners.actions import keeping  # noqa: PLC0415
    from wutong.web.partners.rules import PartnerState  # noqa: PLC0415

    made = []
    for number, (kind, name, adcode, who, since_days) in enumerate(PARTNERS):
        owner, began = people[who], at - dt.timedelta(days=380 - number * 9)
        signed = at.date() - dt.timedelta(days=since_days)
        has_agreement = number % 3 != 2
        agreement = {
            "agreement_title": "招商合作框架协议", "agreement_signed_on": signed,
            "agreement_until": at.date() + dt.timedelta(days=20 + number * 37),
        } if has_agreement else {}  # fmt: skip
        one = keeping.make(
            unit=owner.unit, owner=owner, kind=kind, name=name, adcode=adcode, since_on=signed, by=owner, at=began, **agreement
        )
        made.append(one)
        if name == OF_THE_ADVISER and "adviser" in people:
            keeping.change(partner=one, account=people["adviser"], by=owner, at=began)
        for days_ago in sorted((rnd.randrange(3, 330) for _ in range(rnd.randrange(1, 4))), reverse=True):
            _contact(owner, rnd, at - dt.timedelta(days=days_ago), partner=one)
        if name in RESTING:
            state, reason = RESTING[name]
            keeping.set_state(partner=one, state=PartnerState(state), reason=reason, by=owner, at=at - dt.timedelta(days=12))
    return made


def _contact(owner: Any, rnd: Random, when: dt.datetime, **whom: Any) -> None:
    from wutong.web.partners.actions import keeping  # noqa: PLC0415
    from wutong.web.partners.rules import ContactHow  # noqa: PLC0415

    step = rnd.choice(NEXT)
    keeping.note_contact(
        held_on=when.date(), how=rnd.choice(list(ContactHow)), with_whom=rnd.choice(ROLES), outcome=rnd.choice(OUTCOMES), next_step=step,
        next_on=when.date() + dt.timedelta(days=rnd.randrange(10, 60)) if step else None, by=owner, at=when, **whom,
    )  # fmt: skip


def _firms(product: str, *, region: str, top: int) -> list[str]:
    """Ids of firms that make something, in a region or everywhere."""
    from wutong.web.firms.queries import search  # noqa: PLC0415

    rows, _ = search.find(search.Asked(text=product, region=region), top=top)
    return [row.firm_id for row in rows]


def _known(people: dict[str, Any], partners: Sequence[Any], rnd: Random, at: dt.datetime) -> None:
    """Forty people who agreed; most are from here and lead works on the coast."""
    from wutong.web.partners.actions import knowing  # noqa: PLC0415

    firms = [firm for product in PRODUCTS for firm in _firms(product, region="940000", top=8)]
    active = [one for one in partners if one.name not in RESTING]
    owners = [people[name] for name in ("officer1", "officer3", "officer4", "away", "county-910221", "county-910223") if name in people]
    for number in range(40):
        is_tie, owner = number % 5 != 4, owners[number % len(owners)]
        when = at - dt.timedelta(days=300 - number * 6)
        near = [one for one in active if one.unit_id == owner.unit_id] or active
        partner = near[number % len(near)] if number % 3 else None
        one = knowing.know(
            owner=owner, by=owner, at=when, firm_id=firms[number % len(firms)] if firms and number % 8 != 7 else "",
            title=rnd.choice(TITLES), name=invented_name(FIRST_NAME + number), phone=f"1990000{number:04d}", is_home_tie=is_tie,
            origin_adcode=rnd.choice(("910221", "910222", "910223", "910224", "910202")) if is_tie else "",
            present_adcode=rnd.choice(("940102", "940202", "940302", "910102", "940104")), occupation=rnd.choice(TRADES),
            partner=partner, partner_role=rnd.choice(ROLES) if partner else "", purpose="introduction", basis="consent",
            consent_source=rnd.choice(SOURCES), consented_on=when.date(), retain_until=when.date() + dt.timedelta(days=700),
        )  # fmt: skip
        if number % 4 != 3:
            _contact(owner, rnd, at - dt.timedelta(days=rnd.randrange(2, 280)), acquaintance=one)


def _sought(people: dict[str, Any], rnd: Random, at: dt.datetime) -> None:
    """What local firms seek, some found already; three of them log in by themselves, and one has handed something in."""
    from wutong.web.partners.actions import inviting, seeking  # noqa: PLC0415
    from wutong.web.partners.rules import SeekingKind, SeekingState  # noqa: PLC0415

    local = {product: _firms(product, region=HOME, top=6) for product in {row[4] for row in SEEKINGS}}
    owners, of_row = [people[name] for name in ("officer1", "officer3", "officer4")], {}
    for number, (kind, what, chain, segment, product, amount) in enumerate(SEEKINGS):
        firms, owner, when = local[product] or local["液压缸"], owners[number % 3], at - dt.timedelta(days=150 - number * 7)
        of_row[number] = firm = firms[number % len(firms)]
        one = seeking.seek(
            firm_id=firm, unit=owner.unit, owner=owner, kind=SeekingKind(kind), what=what, chain=chain if segment else "", segment=segment,
            product=product if kind == "buyer" else "", amount_10k_yuan=amount, terms="可先试样，合格后签订年度合同" if number % 2 else "",
            by=owner, at=when,
        )  # fmt: skip
        if number % 5 == 1:
            seeking.answer(seeking=one, text="已列入目标企业清单，正在对接两家", by=owner, at=when + dt.timedelta(days=3))
        if number in {6, 11, 16}:
            seeking.end(seeking=one, state=SeekingState.MET, reason="已与外地企业签订供货协议", by=owner, at=at - dt.timedelta(days=5))
    for number, (username, row) in enumerate(ACCOUNTS):
        account, _ = inviting.invite(
            firm_id=of_row[row], unit=owners[0].unit, username=username, display_name=invented_name(FIRST_NAME + 50 + number),
            consent_source="企业账号开通申请表", password=PASSWORD, by=owners[0], at=at - dt.timedelta(days=40 - number),
        )  # fmt: skip
        if number == 0:
            seeking.seek_for_own_firm(
                kind=SeekingKind.EQUIPMENT,
                what="二手化成设备一套",
                terms="成色八成以上，可议价",
                by=account.user,
                at=at - dt.timedelta(days=1),
            )
