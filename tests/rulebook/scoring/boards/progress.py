"""The sixth board of words.md: how far the goals are."""

import datetime as dt
import random

from rulebook.scoring.boards.sheets import MISSING, UNITS, Board, Group, Row, nasty, need, total

TITLES = ("东片", "西片", "南片", "北片")
ON = dt.date(2026, 10, 31)
MOVED, LISTED_ONLY = "北片30", ("东片30", "南片30")


def facts(chance: random.Random, title: str) -> dict[str, Row]:
    units: dict[str, Row] = {}
    for number in range(1, UNITS + 1):
        target = chance.choice((65, 36, 70, 120))
        units[f"{title}{number}"] = {
            "实绩": nasty(chance, lambda t=target: t * chance.choice((0, 0.125, 0.995, 1, 1.3)), lambda: round(chance.uniform(1, 90), 2),
                        lambda t=target: round(t * chance.choice((0.345, 0.8555, 0.6665)), 4), missing=0.03),
            "上级目标": target, "自定目标": nasty(chance, lambda: chance.choice((0, 50, 77, 90)), missing=0.05),
            "口岸": nasty(chance, lambda: chance.choice(("是", "否")), missing=0.03),
            "外贸得分": round(chance.uniform(0, 35), 2),
            "上半年得分": nasty(chance, lambda: round(chance.uniform(0, 12), 2), missing=0.02, na=0.1),
            "全年得分": nasty(chance, lambda: round(chance.uniform(0, 12), 2), lambda: 10, missing=0.02),
        }  # fmt: skip
        if units[f"{title}{number}"]["口岸"] == "否":
            units[f"{title}{number}"]["外贸得分"] = None
    moved = {"实绩": 40.5, "上级目标": 65, "自定目标": 70, "口岸": "否", "外贸得分": None, "上半年得分": 7.25, "全年得分": 8.5}
    units |= {MOVED: moved} if title in ("西片", "北片") else {}
    for one, other in ((3, 4), (17, 18)):
        units[f"{title}{other}"] = dict(units[f"{title}{one}"])
    return units


def columns(title: str) -> dict[str, str]:
    elapsed = "10/12" if title in ("东片", "西片") else "304/365"
    rate = "[实绩]/[上级目标]"
    funds = {"东片": f"MIN(60,{rate}*60)", "西片": f"MIN(60,{rate}*60)", "南片": f"MIN(60,ROUND({rate},2)*60)",
             "北片": f"MIN(60,ROUNDDOWN(ROUND({rate},12),3)*60)"}[title]  # fmt: skip
    base = "MAX(2,MIN(10,AVERAGE([上半年得分],[全年得分])))" if title == "北片" else "MIN(10,MIN([上半年得分],[全年得分]))"
    port = 'IF([口岸]="","缺数据",IF([口岸]="否",%s,MIN(30,[外贸得分])))' % ("30" if title == "西片" else '"不适用"')
    made = {
        "by_above": need(f"ROUND({rate}*100,2)", "实绩"),
        "by_own": need(f'IF([自定目标]=0,"{MISSING}",ROUND([实绩]/[自定目标]*100,2))', "实绩", "自定目标"),
        "ahead": need(f"ROUND(({rate}-{elapsed})*100,1)", "实绩"),
        "funds": need(f"ROUND({funds},2)", "实绩"),
        "port": port,
        "base": f'IF(OR([上半年得分]="",[全年得分]=""),"{MISSING}",{base})',
    }
    if title in ("东片", "西片"):
        made["本片总分"] = total(1, "funds", "port", "base")
    else:
        lacking = 'OR([funds]="缺数据",[port]="缺数据",[base]="缺数据")'
        made["本片总分"] = f'IF({lacking},"缺数据",ROUND(IF([port]="不适用",([funds]+[base])*100/70,SUM([funds],[port],[base])),1))'
    made["总分"] = "[本片总分]"
    if title == "北片":
        elsewhere = "INDEX(<西片.本片总分>,MATCH([单位],<西片.单位>,0))"
        made["总分"] = f'IF([单位]="{MOVED}",ROUND(({elsewhere}*5+[本片总分]*7)/12,1),[本片总分])'
    listed = f'OR([单位]="{LISTED_ONLY[0]}",[单位]="{LISTED_ONLY[1]}"' + (f',[单位]="{MOVED}")' if title == "西片" else ")")
    made["排序"] = f'IF({listed},"",[总分])'
    made["名次"] = 'IF(ISNUMBER([排序]),RANK([排序],[排序:]),"-")'
    return made


def board(chance: random.Random) -> Board:
    return Board("progress", tuple(Group(title, facts(chance, title), columns(title)) for title in TITLES), on=ON)
