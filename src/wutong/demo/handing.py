"""What departments, the office away, the adviser and local firms of the demo handed in, and what the bureau made of it.

Through the actions of `leads`, dated relative to today; each log-in that hands information in shows a full page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of information: who hands it in, how many days ago, what it says, and what became of it in the order of `course`."""

    giver: str
    days_ago: int
    kind: str
    title: str
    firm: str
    text: str
    amount_10k_yuan: int | None
    course: tuple[str, ...] = ()
    answer: str = ""
    reason: str = ""


TALKS = ("taken", "answered", "contact", "talks")
CONTACT = ("taken", "answered", "contact")
TAKEN = ("taken", "answered")
REFUSED = ("refused", "answered")
PIECES: tuple[Piece, ...] = (
    Piece("ndrc", 62, "project", "隔膜企业拟在中部布局第二基地", "澜海恒隽新材料有限公司",
        "项目备案咨询时谈及，计划明年上半年选址，需厂房约三万平方米。", 35_000, TALKS, "已由产业招商科对接，企业将于下月来凤栖考察。"),
    Piece("ndrc", 41, "capital", "产业基金寻找新能源配套项目", "澜东新能源产业基金",
        "基金经理来局座谈，单笔投资两千万元以上，偏好锂电材料。", 20_000, CONTACT, "已与基金方取得联系，正在梳理可推荐的项目。"),
    Piece("ndrc", 20, "project", "数据中心项目意向", "", "能耗较高，年用电约两亿千瓦时，要求电价优惠。", 80_000, REFUSED,
        "经研判暂不跟进，感谢提供信息。", "能耗超出本市承载能力"),
    Piece("ndrc", 9, "talent", "高校电池材料团队有意落地中试", "", "团队六人，已有两项专利，需中试场地和设备。", None, TAKEN,
        "已转市科技部门共同对接，近期约请团队面谈。"),
    Piece("ndrc", 1, "project", "油缸企业咨询标准厂房租金", "屿港锐拓液压有限公司", "电话咨询项目备案流程，未说明投资额。", None),
    Piece("industry-it", 55, "technology", "高压液压阀国产化技术转让", "潮汀精工流体研究所", "技术成熟，希望与本地主机厂合作试制。", 900,
        TALKS, "已组织两家企业与研究所座谈，进入合同商谈。"),
    Piece("industry-it", 33, "project", "电池壳体企业跟随链主扩产", "澜海铝壳科技有限公司", "为本市电芯企业供货，年采购额约四千万元。",
        12_000, (*CONTACT, "rests"), "已登门拜访，企业意向明确。", "企业等待链主明年订单确定后再议"),
    Piece("industry-it", 12, "project", "减速器生产线转移意向", "", "行业会议上获知，企业要求保密名称，可进一步核实。", 6_000, TAKEN,
        "请协助约请企业负责人，产业招商科派人同行。"),
    Piece("industry-it", 2, "capital", "央企装备基金来省调研", "", "下周在省会，有意了解凤栖装备产业链。", None),
    Piece("land", 26, "project", "物流企业咨询仓储用地", "梧阳捷运供应链有限公司", "意向用地六十亩，服务食品企业冷链。", 15_000,
        (*CONTACT, "lost"), "已安排园区对接选址。", "企业选址邻市，土地成交"),
    Piece("land", 5, "project", "电解液企业了解危化品用地条件", "澜海华盈电解液有限公司", "需化工园区用地，关注安评、环评周期。", 28_000,
        TAKEN, "已受理，会同应急、环保部门答复条件。"),
    Piece("adviser", 70, "project", "外资密封件企业第二工厂选址", "日升密封技术（澜海）有限公司",
        "中方总经理为凤栖籍，可引荐；希望靠近工程机械主机厂。", 9_000, TALKS, "已赴澜海拜访，企业提出用工和物流需求，正在谈投资协议。"),
    Piece("adviser", 52, "capital", "家族办公室有意投资马铃薯深加工", "", "可投资五千万元，要求有出口订单。", 5_000, (*CONTACT, "rests"),
        "已推荐两家企业资料。", "投资方推迟决策，三季度再联系"),
    Piece("adviser", 38, "technology", "薯渣制饲料蛋白技术", "青梧农产品加工研究中心", "吨成本下降三成，愿技术入股。", None, CONTACT,
        "已请本地淀粉企业与研究中心对接。"),
    Piece("adviser", 24, "project", "电子烟配件企业外迁", "", "企业二十人，租用厂房即可。", 800, REFUSED,
        "经研判暂不跟进，感谢提供信息。", "产业方向与本市规划不符"),
    Piece("adviser", 14, "talent", "退休总工程师愿任企业技术顾问", "", "液压行业三十年经验，每月可来一周。", None, TAKEN,
        "已列入专家名单，由装备企业约请。"),
    Piece("adviser", 6, "project", "储能集成商寻找电芯合作方", "屿港储瀚能源有限公司", "年需求约一吉瓦时，优先选择能合资的城市。", 60_000,
        CONTACT, "已约定下周视频会议。"),
    Piece("adviser", 1, "project", "预制菜企业考察原料基地", "澜海味道食品有限公司", "下月到省内考察，可顺访凤栖。", None),
    Piece("away", 17, "project", "轴承企业考察需市里出面接待", "澜海精毂轴承有限公司", "董事长拟下月带队考察，建议由市局统一安排。",
        22_000, CONTACT, "已列入接待计划，产业招商科牵头。"),
    Piece("away", 4, "capital", "澜海国资平台设立跨省产业基金", "", "规模十亿元，可与市级基金合作设立子基金。", None),
    Piece("firm1", 44, "project", "上游铜箔供应商考虑就近设厂", "澜海铂远铜箔有限公司", "我公司年采购额三千万元，供应商愿来考察。",
        18_000, TALKS, "已与铜箔企业三次洽谈，选址高新区。"),
    Piece("firm1", 29, "technology", "电解液回收工艺合作", "青梧理工学院", "学院有小试成果，愿意合作中试。", None, CONTACT,
        "已联系学院科研处，安排对接会。"),
    Piece("firm1", 11, "talent", "电化学博士有意回乡", "", "现在外地企业任研发主管，希望提供科研启动支持。", None, TAKEN,
        "已转人才部门，按政策答复。"),
    Piece("firm1", 3, "project", "客户拟在中部建模组厂", "屿港联驱科技有限公司", "客户在选址，凤栖在备选名单内。", 26_000),
    Piece("firm2", 21, "project", "外地铸件厂愿整体搬迁", "潮汀宏铸机械有限公司", "当地拆迁，需厂房一万平方米和电炉指标。", 7_000,
        REFUSED, "经研判暂不跟进，感谢提供信息。", "涉及铸造产能指标，本市无指标承接"),
    Piece("firm2", 8, "project", "主机厂有意增设华中仓", "澜东重工销售有限公司", "我公司为其配套，对方在看仓储位置。", None, TAKEN,
        "已受理，物流园区将与其联系。"),
    Piece("firm3", 15, "capital", "合作社联合体拟增资扩股", "", "愿引入食品企业作战略投资者。", 1_200, CONTACT,
        "已推荐三家食品企业，正在征询意向。"),
    Piece("firm3", 2, "project", "淀粉糖企业求购副产品并有意设厂", "梧阳甘和食品有限公司", "先谈长期供货，再谈投资。", None),
)  # fmt: skip
PAPERS = {
    "隔膜企业拟在中部布局第二基地": ("选址需求.txt", "厂房三万平方米，层高九米，双回路供电，距高速出口十公里以内。（演示）"),
    "外资密封件企业第二工厂选址": ("企业简介.txt", "密封件、油封，年产值两亿元，员工一百六十人，配套工程机械。（演示）"),
    "上游铜箔供应商考虑就近设厂": ("供货情况.txt", "近三年采购额：二千六百万元、二千九百万元、三千一百万元。（演示）"),
}
"""Papers that go with what is handed in: name and text."""
WITHDRAWN = Piece("adviser", 3, "project", "重复填报，请忽略", "", "与前一条相同。", None)
ASKED: tuple[tuple[str, str, int], ...] = (
    ("firm1", "贵公司的隔膜供应商，可否代约其投资负责人见面", 4), ("firm1", "请邀请下游模组客户参加市里的对接会", 16),
    ("firm2", "可否引荐贵公司配套的主机厂采购部门", 6), ("firm3", "请引荐贵公司的食品企业客户", 9),
)  # fmt: skip
"""Which firm's log-in, what is asked of the firm, how many days ago; the second of a firm was answered."""


def tell(*, at: dt.datetime) -> None:
    """All of it, in the order in which it happened."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    with transaction.atomic():
        for piece in sorted((*PIECES, WITHDRAWN), key=lambda one: -one.days_ago):
            if piece.giver in people:
                _hand_in(piece, people[piece.giver], at)
        _ask(people, at)


def _hand_in(piece: Piece, giver: Any, at: dt.datetime) -> None:
    from wutong.web.leads.actions import handing_in  # noqa: PLC0415
    from wutong.web.leads.rules.handed_in import Given  # noqa: PLC0415
    from wutong.web.leads.rules.leads import Amount, LeadKind  # noqa: PLC0415

    when = (at - dt.timedelta(days=piece.days_ago)).replace(hour=9, minute=20) if piece.days_ago > 1 else at - dt.timedelta(hours=20)
    amount = Amount(Decimal(piece.amount_10k_yuan)) if piece.amount_10k_yuan else Amount(is_not_provided=True)
    given = Given(piece.title, piece.firm, piece.text, amount)
    made = handing_in.hand_in(key="", kind=LeadKind(piece.kind), given=given, by=giver, at=when)
    if piece.title in PAPERS:
        name, text = PAPERS[piece.title]
        handing_in.attach(handed=made, file=BytesIO(text.encode()), name=name, by=giver, at=when + dt.timedelta(minutes=5), is_later=False)
    if piece is WITHDRAWN:
        handing_in.withdraw(handed=made, by=giver, at=when + dt.timedelta(minutes=10))
    step_days = max(1, (piece.days_ago - 1) // max(1, len(piece.course)))
    for number, step in enumerate(piece.course):
        _step(piece, step, made.lead, min(when + dt.timedelta(days=1 + number * min(step_days, 6)), at - dt.timedelta(minutes=30)))


def _step(piece: Piece, step: str, lead: Any, when: dt.datetime) -> None:
    from wutong.web.leads.actions import informing  # noqa: PLC0415
    from wutong.web.leads.rules.leads import LeadState, Stage  # noqa: PLC0415

    lead.refresh_from_db()
    by = lead.owner
    match step:
        case "taken" | "refused":
            _identify(piece, lead, when)
            informing.triage(lead=lead, is_taken=step == "taken", reason=piece.reason if step == "refused" else "", by=by, at=when)
        case "answered":
            informing.answer(lead=lead, text=piece.answer, by=by, at=when)
        case "contact" | "talks":
            informing.advance(lead=lead, stage=Stage(step), by=by, at=when)
        case "rests" | "lost":
            state = LeadState.DORMANT if step == "rests" else LeadState.LOST
            informing.put_away(lead=lead, state=state, reason=piece.reason, by=by, at=when)


def _identify(piece: Piece, lead: Any, when: dt.datetime) -> None:
    """Whoever takes it in notes where the firm is, which its name says: firms are called after their city."""
    from wutong.demo import geography  # noqa: PLC0415
    from wutong.web.leads.actions import filing  # noqa: PLC0415

    code = next((one.adcode for one in geography.divisions().values() if piece.firm.startswith(one.short)), "")
    if code:
        filing.identify(lead=lead, identity=filing.Identity(piece.firm, origin_adcode=code), by=lead.owner, at=when)


def _ask(people: dict[str, Any], at: dt.datetime) -> None:
    """Introductions asked of the firms that log in; one of them is answered by the firm itself."""
    from wutong.web.leads.actions import introducing  # noqa: PLC0415
    from wutong.web.leads.actions.introducing import Introducer  # noqa: PLC0415
    from wutong.web.leads.rules.introductions import PartyKind, State  # noqa: PLC0415
    from wutong.web.partners.models import FirmAccount  # noqa: PLC0415

    officer = people.get("officer1")
    targets = _targets(officer) if officer is not None else ()
    accounts = {one.user.username: one for one in FirmAccount.objects.select_related("user", "firm")}
    for number, ((username, text, days_ago), target) in enumerate(zip(ASKED, targets, strict=False)):
        account = accounts.get(username)
        if account is None or officer is None:
            continue
        made = introducing.ask(
            introducer=Introducer(PartyKind.FIRM, firm=account.firm), firm=target, text=text, unit=officer.unit, owner=officer, by=officer,
            at=at - dt.timedelta(days=days_ago),
        )  # fmt: skip
        if number == 1:
            when = at - dt.timedelta(days=days_ago - 5)
            introducing.enter(
                introduction=made, kind=State.AGREED, done_on=when.date(), text="客户愿意参加，已告知时间", by=account.user, at=when
            )


def _targets(officer: Any) -> Sequence[Any]:
    """Firms on the bureau's lists that nobody was asked about yet."""
    from wutong.web.leads.models import Introduction, ListedFirm  # noqa: PLC0415

    asked = Introduction.objects.order_by().values("firm")
    rows = ListedFirm.objects.visible_to(officer).on_list().exclude(firm__in=asked).select_related("firm").order_by("pk")
    return tuple({row.firm_id: row.firm for row in rows.defer("found")[:40]}.values())
