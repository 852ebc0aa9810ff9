"""The first board of words.md: counties."""

import random

from rulebook.scoring.boards.sheets import NA, SKIPPING, UNITS, Board, Group, Row, nasty, need, total

CAP = {"甲组": "1", "乙组": "1.2", "丙组": "", "丁组": "1.5"}
FLOOR = {"甲组": 0, "乙组": 0, "丙组": -5, "丁组": 0}


def facts(chance: random.Random, title: str) -> dict[str, Row]:
    units: dict[str, Row] = {}
    for number in range(1, UNITS + 1):
        target = chance.choice((50, 62.5, 80))
        units[f"{title}{number}"] = {
            "到位资金": nasty(chance, lambda t=target: chance.choice((0, t, t * 1.2, t * 1.5, t * 1.5 + 0.01, 33.33)),
                          lambda: round(chance.uniform(10, 120), 2), missing=0.02, na=0.02),
            "到位资金目标": target,
            "签约个数": nasty(chance, lambda: chance.randint(0, 40), missing=0.02),
            "签约个数目标": chance.choice((20, 27, 30)),
            "签约金额": nasty(chance, lambda: round(chance.uniform(0, 200), 1), lambda: 0, missing=0.02, na=0.02),
            "签约金额目标": chance.choice((54, 100, 120.5)),
            "中项目": nasty(chance, lambda: chance.randint(0, 9), lambda: 5, missing=0.01),
            "大项目": nasty(chance, lambda: chance.randint(0, 4), lambda: 2, missing=0.01),
            "世界500强": chance.randint(0, 4), "上市公司": chance.randint(0, 20), "招商活动": chance.randint(0, 80),
            "超时限未开工": chance.choice((0, 1, 2, 5, 20)), "弄虚作假": chance.choice((0, 0, 0, 1, 3, 4)),
            "重大事故": nasty(chance, lambda: 0, lambda: 0, lambda: 0, lambda: 0, lambda: chance.randint(0, 2), missing=0),
        }  # fmt: skip
    # The same facts under another name: ties.
    for one, other in ((4, 5), (4, 6), (9, 10), (20, 29)):
        units[f"{title}{other}"] = dict(units[f"{title}{one}"])
    # All targets met and a bit more, so that there is somebody for the red list.
    for number in (7, 8, 11, 12, 13, 14):
        units[f"{title}{number}"] |= {
            "到位资金": units[f"{title}{number}"]["到位资金目标"], "签约个数": 31, "签约金额": 130, "中项目": 5,
            "大项目": chance.choice((2, 3)), "世界500强": 3, "上市公司": chance.choice((9, 14, 20)), "招商活动": 19,
            "超时限未开工": chance.choice((0, 1)), "弄虚作假": 0, "重大事故": 0,
        }  # fmt: skip
    # The same total by another way: more funds in one, less fraud in the other.
    units[f"{title}25"] = dict(units[f"{title}8"]) | {"弄虚作假": 1, "超时限未开工": 0}
    funds = float(str(units[f"{title}8"]["到位资金"])) * 0.9
    units[f"{title}26"] = dict(units[f"{title}8"]) | {"弄虚作假": 0, "超时限未开工": 0, "到位资金": funds}
    units[f"{title}15"] |= {"签约个数": None, "签约金额": NA}
    units[f"{title}16"] |= {"签约个数": NA, "签约金额": None}
    return units


def group(chance: random.Random, title: str) -> Group:
    rate = "[到位资金]/[到位资金目标]"
    capped = f"MIN({rate},{CAP[title]})" if CAP[title] else rate
    names = ("funds", "signed", "tiers", "big", "order")
    veto = "[重大事故]>0"
    added = total(2, *names)
    made = {
        "funds": need(f"ROUND({capped}*30,2)", "到位资金"),
        "signed": need(
            "ROUND(MIN(([签约个数]/[签约个数目标]*0.4+[签约金额]/[签约金额目标]*0.6)*25,27.5),2)", "签约个数", "签约金额",
        ),
        "tiers": need("MAX(0,20-MAX(0,5-[中项目])*1-MAX(0,2-[大项目])*3)", "中项目", "大项目"),
        "big": "MIN(15,MIN(6,[世界500强]*2)+[上市公司]*0.5+MIN(2,[招商活动]*0.1))",
        "order": f"MAX({FLOOR[title]},10-[超时限未开工]*0.5-[弄虚作假]*3)",
        "加总": added,
        "总分": f"IF({veto},IF(ISNUMBER([加总]),0,[加总]),[加总])" if title == "丙组" else "[加总]",
    }  # fmt: skip
    if title in ("甲组", "乙组"):
        made["排序"] = f'IF(ISNUMBER([总分]),IF({veto},[总分]-1000,[总分]),"")'
        made["名次"] = 'IF(ISNUMBER([排序]),RANK([排序],[排序:]),"-")'
    elif title == "丁组":
        made["排序"] = f'IF(ISNUMBER([总分]),IF({veto},"",[总分]+[funds]/10000),"")'.replace("[funds]", "N([funds])")
        made["名次"] = 'IF(ISNUMBER([排序]),RANK([排序],[排序:]),"-")'
    else:
        made["名次"] = SKIPPING
    made["底"] = "IF([总分]>=90,4,IF([总分]>=80,3,IF([总分]>=60,2,1)))"
    made["升"] = f"IF(AND(ISNUMBER([大项目]),ISNUMBER([到位资金])),IF(AND([大项目]>=3,{rate}>=1),1,0),0)"
    made["等次"] = 'IF(ISNUMBER([总分]),INDEX({"较差","一般","良好","优秀"},MIN(4,[底]+[升])),"-")'
    made["倒数"] = 'IF(ISNUMBER([名次]),COUNTIF([名次:],">"&[名次])+1,"-")'
    made["榜单"] = 'IF(ISNUMBER([名次]),IF(AND([总分]>=85,[名次]<=5),"红榜",IF(AND([总分]<60,[倒数]<=4),"黑榜","")),"")'
    return Group(title, facts(chance, title), made)


def board(chance: random.Random) -> Board:
    return Board("county", tuple(group(chance, title) for title in CAP))
