"""The third board of words.md: departments."""

import random

from rulebook.scoring.boards.sheets import DENSE, MISSING, NA, SKIPPING, SORTED, UNITS, Board, Group, Row, Table, nasty, need, total

TITLES = ("经济部门", "综合部门", "专班", "驻外机构")
NOTHING_NEW = {"经济部门": "0", "综合部门": "5", "专班": f'"{NA}"', "驻外机构": f'"{MISSING}"'}


def facts(chance: random.Random, title: str) -> dict[str, Row]:
    units: dict[str, Row] = {}
    for number in range(1, UNITS + 1):
        task = chance.choice((1000, 2000, 5000, 3000))
        plan, last = chance.choice((40, 50, 62.5)), chance.choice((0, 20, 40, 50, 50))
        new = chance.choice((0, 1, 4, 7, 12))
        units[f"{title}{number}"] = {
            "任务档次": chance.choice(("5000万", "2000万", "1000万", "1500万")),
            "引进资金": nasty(chance, lambda t=task: t * chance.choice((0, 0.6, 0.8, 1, 1.3, 1.1, 0.9, 0.955, 2.5)),
                          lambda t=task: round(t * chance.uniform(0.3, 1.8)), missing=0.03),
            "任务": task,
            "到位率": nasty(chance, lambda: chance.choice((20, 30, 19.99, 0, 100)), lambda: round(chance.uniform(0, 60), 1), missing=0.03),
            "产业链项目": nasty(chance, lambda n=new: chance.randint(0, n), missing=0.02), "新引进项目": new,
            "今年到位": nasty(chance, lambda p=last: p * chance.choice((1.3, 1.1, 1, 1.299, 1.5)),
                          lambda: round(chance.uniform(0, 90), 2), missing=0.02),
            "今年计划": plan, "去年到位": last,
        }  # fmt: skip
    units[f"{title}3"] = dict(units[f"{title}2"])
    units[f"{title}22"] = dict(units[f"{title}21"])
    return units


def ratings(chance: random.Random, units: list[str]) -> Table:
    rows: list[Row] = []
    for place, unit in enumerate(units):
        parks, towns = chance.randint(1, 4), chance.randint(1, 3)
        if place % 10 == 4:
            parks = 0
        if place % 10 == 7:
            towns = 0
        if place % 30 == 19:
            parks = towns = 0
        rows += [
            {"单位": unit, "评分人": who, "分数": chance.choice((0, 60, 75.5, 88, 90, 100))} for who in ["园区"] * parks + ["乡镇"] * towns
        ]
    chance.shuffle(rows)
    return Table("评分", ("单位", "评分人", "分数"), rows)


def columns(title: str) -> dict[str, str]:
    paid = "IF(AND([完成率]>=1,[到位率]>=30),30,IF([到位率]>=20,22.5,10))"
    made = {
        "完成率": need("ROUND([引进资金]/[任务],12)", "引进资金"),
        "gate": need("IF([引进资金]>=[任务],20,0)", "引进资金"),
        "step": need(
            f"IF([完成率]<0.6,0,IF([完成率]<0.8,10,{need(paid, '到位率')}))", "引进资金",
        ),
    }  # fmt: skip
    if title in ("经济部门", "专班"):
        more = "MIN(10,MIN([完成率]-1,0.3)*100*0.2+MAX(0,[完成率]-1.3)*100*0.1)"
        made["slope"] = need(f"ROUND(ROUND(10+IF([完成率]>=1,{more},-MIN(8,(1-[完成率])*100*0.15)),8),2)", "完成率")
    else:
        whole = "ROUNDDOWN(ROUND(ABS([完成率]-1)*10,9),0)"
        made["slope"] = need(f"10+IF([完成率]>=1,MIN(4,{whole}*0.5),-MIN(10,{whole}*1))", "完成率")
    factor = 'IF([任务档次]="5000万",0.6,IF([任务档次]="2000万",0.3,IF([任务档次]="1000万",0.1,0.05)))'
    made["over"] = need(f"ROUND(ROUND(MIN(12,MAX(0,[完成率]-1)*100*{factor}),8),2)", "完成率")
    made["fit"] = need(f"IF([新引进项目]=0,{NOTHING_NEW[title]},ROUND([产业链项目]/[新引进项目]*15,2))", "产业链项目")
    made["增长率"] = need("IF([去年到位]=0,1,ROUND([今年到位]/[去年到位]-1,12))", "今年到位")
    change = "IF([增长率]>=0.3,2,IF([增长率]>=0.1,1,IF([增长率]<0,-1,0)))"
    made["growth"] = need(f"ROUND(MIN(20,[今年到位]/[今年计划]*20)+{change},2)", "今年到位")
    for who in ("园区", "乡镇"):
        made[f"{who}均分"] = f'IFERROR(AVERAGEIFS(<评分.分数>,<评分.单位>,[单位],<评分.评分人>,"{who}"),"")'
    if title == "综合部门":
        made["rating"] = f'IFERROR(ROUND(AVERAGEIFS(<评分.分数>,<评分.单位>,[单位])*0.1,2),"{MISSING}")'
    else:
        both = "ROUND(([园区均分]*0.7+[乡镇均分]*0.3)*0.1,2)"
        one = f'IF([园区均分]="",ROUND([乡镇均分]*0.1,2),IF([乡镇均分]="",ROUND([园区均分]*0.1,2),{both}))'
        made["rating"] = f'IF(AND([园区均分]="",[乡镇均分]=""),"{MISSING}",{one})'
    made["总分"] = total(2, "gate", "step", "slope", "over", "fit", "growth", "rating")
    return made | ({"排序": SORTED, "名次": DENSE} if title == "专班" else {"名次": SKIPPING})


def board(chance: random.Random) -> Board:
    groups = tuple(Group(title, facts(chance, title), columns(title)) for title in TITLES)
    return Board("department", groups, (ratings(chance, [unit for group in groups for unit in group.units]),))
