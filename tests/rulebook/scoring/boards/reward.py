"""The fifth board of words.md: rewards of persons, before and after the day on which the rule changes."""

import datetime as dt
import random

from rulebook.scoring.boards.sheets import MISSING, NA, SKIPPING, UNITS, Board, Group, Row, dense_rank, nasty, need, total

TITLES = ("个人", "机构", "商会", "顾问")
BEFORE, AFTER = dt.date(2026, 5, 31), dt.date(2026, 6, 1)


def facts(chance: random.Random, title: str) -> dict[str, Row]:
    edges = (0, 999.99, 1000, 1000.01, 4999.99, 5000, 10000, 9999.99, 30000, 29999, 100000, 200000, 500000, 123456.78, 3000000)
    units: dict[str, Row] = {}
    for number in range(1, UNITS + 1):
        units[f"{title}{number}"] = {
            "到位资金": nasty(chance, lambda: chance.choice(edges), lambda: round(chance.uniform(0, 60000), 2), missing=0.05),
            "高新技术": chance.choice(("是", "否")), "高新项目": chance.randint(0, 4),
            "公职人员": nasty(chance, lambda: chance.choice(("否", "否", "否", "是")), missing=0.06),
            "已登记": nasty(chance, lambda: chance.choice(("是", "是", "是", "否")), missing=0.06),
            "项目类别": chance.choice(("一类", "二类", "三类", "四类")),
            "市级奖励": nasty(chance, lambda: chance.choice((0, 10, 25.5, 80)), lambda: round(chance.uniform(0, 50), 4),
                          missing=0.05, na=0.2),
            "县级奖励": nasty(chance, lambda: chance.choice((0, 10, 25.5, 80)), lambda: round(chance.uniform(0, 50), 4),
                          missing=0.05, na=0.2),
            "申请天数": nasty(chance, lambda: chance.choice((30, 364, 365, 366, 500)), missing=0.05),
        }  # fmt: skip
    for one, other in ((6, 7), (6, 8), (11, 12)):
        units[f"{title}{other}"] = dict(units[f"{title}{one}"])
    return units


def reward(title: str) -> dict[str, str]:
    paid = "[到位资金]"
    if title == "个人":
        bands = f"MIN({paid},1000)*0.003+MAX(0,MIN({paid},10000)-1000)*0.004+MAX(0,{paid}-10000)*0.005"
        new = f'ROUNDDOWN(ROUND(MIN(100,({bands})*IF([高新技术]="是",1.1,1)),9),4)'
        dated = need(f"IF({{通报日}}<DATE(2026,6,1),IF({paid}>=10000,1,0),{new})", "到位资金")
        return {"reward": f'IF(OR([公职人员]="是",[已登记]="否"),0,IF(OR([公职人员]="",[已登记]=""),"{MISSING}",{dated}))'}
    if title == "机构":
        return {"reward": need(f"ROUND(IF({paid}>=5000,MIN(150,{paid}*0.0005),0),1)", "到位资金")}
    if title == "商会":
        steps = f"IF({paid}>=500000,100,IF({paid}>=200000,50,IF({paid}>=100000,20,IF({paid}>=30000,10,0))))"
        floor = "INT([百倍])"
        even = f"IF(MOD([百倍],1)=0.5,IF(MOD({floor},2)=0,{floor},{floor}+1),ROUND([百倍],0))/100"
        return {"百倍": need(f"ROUND(({steps}+[高新项目]*1.255)*100,6)", "到位资金"), "reward": need(even, "百倍")}
    rate = 'IF([项目类别]="一类",0.004,IF([项目类别]="二类",0.002,IF([项目类别]="三类",0.001,0)))'
    return {"reward": need(f'ROUNDUP(ROUND(MIN(IF([项目类别]="一类",80,30),{paid}*{rate}),9),2)', "到位资金")}


def columns(title: str) -> dict[str, str]:
    higher = f'IF(OR([市级奖励]="",[县级奖励]=""),"{MISSING}",ROUND(MAX([市级奖励],[县级奖励]),4))'
    both = f'IF(AND([市级奖励]="{NA}",[县级奖励]="{NA}"),"{NA}",{higher})'
    return reward(title) | {
        "higher": f'IF([申请天数]="","{MISSING}",IF([申请天数]>365,0,{both}))',
        "排资金": "IF(ISNUMBER([到位资金]),[到位资金],-99999)",
        "资金名次": dense_rank("排资金"),
        "place": need("IF([资金名次]<=1,5,IF([资金名次]<=3,3,IF([资金名次]<=6,1,0)))", "到位资金"),
        "总分": total(None, "reward", "higher", "place"),
        "取齐": 'IF(ISNUMBER([总分]),ROUND([总分],6),"")',
        "名次": SKIPPING.replace("总分", "取齐"),
    }


def board(chance: random.Random, on: dt.date) -> Board:
    name = "before" if on == BEFORE else "after"
    return Board(f"reward_{name}", tuple(Group(title, facts(chance, title), columns(title)) for title in TITLES), on=on)
