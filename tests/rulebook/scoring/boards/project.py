"""The fourth board of words.md: projects one by one."""

import datetime as dt
import random

from rulebook.scoring.boards.sheets import MISSING, NA, SKIPPING, UNITS, Board, Cell, Group, Row, Table, need, total

TITLES = ("县区", "园区", "镇街", "平台")
SILENT = 13
"""The unit of each group that handed in no list of projects."""
QUIET = 14
"""The unit of each group whose list is empty."""
LACKING_AMOUNT, LACKING_FUNDS, LACKING_FUNDS_OF_LAND = 3, 8, 11


def facts(chance: random.Random, title: str) -> dict[str, Row]:
    units: dict[str, Row] = {}
    for number in range(1, UNITS + 1):
        reported = 0 if number == 25 else chance.choice((800, 1000, 1234))
        units[f"{title}{number}"] = {
            "抽查上报数": None if number == 26 else reported, "抽查核实数": round(reported * chance.choice((1, 0.9, 0.877, 0)), 2),
            "报送": "否" if number == SILENT else "是",
        }  # fmt: skip
    return units


def projects(chance: random.Random, units: list[str]) -> Table:
    rows: list[Row] = []
    for place, unit in enumerate(units):
        number = place % UNITS + 1
        if number in (SILENT, QUIET):
            continue
        mine: list[Row] = []
        for at in range(chance.randint(1, 7)):
            code = chance.choice([row["代码"] for row in mine]) if mine and chance.random() < 0.3 else f"{unit}-{at}"
            amount: Cell = chance.choice((0.99, 1, 4.99, 5, 9.99, 10, round(chance.uniform(0.2, 30), 2)))
            mine.append({
                "单位": unit, "代码": code,
                "签约日期": dt.date(2026, 1, 1) + dt.timedelta(days=chance.choice((0, 31, 59, chance.randint(0, 360)))),
                "类别": chance.choice(("工业", "工业", "服务业", "农业", "房地产", "资源开采")), "总投资": amount,
                "到位资金": chance.choice((0, 0.49, 0.5, 0.51, round(chance.uniform(0.1, 9), 2))),
                "进度": chance.choice(("签约", "开工", "投产")),
                "链式项目": chance.choice(("是", "否")), "本单位角色": chance.choice(("引荐", "承接", "自主")),
            })  # fmt: skip
        if number == LACKING_AMOUNT:
            mine[0]["总投资"] = None
        if number == LACKING_FUNDS:
            mine[-1] |= {"到位资金": None, "类别": "工业"}
        if number == LACKING_FUNDS_OF_LAND:
            mine[-1] |= {"到位资金": None, "类别": "房地产"}
        rows += mine
    mine_row = "<项目.单位>,[单位],<项目.代码>,[代码]"
    earlier = f'COUNTIFS({mine_row},<项目.可认定>,1,<项目.签约日期>,"<"&[签约日期])'
    above = f'COUNTIFS({mine_row},<项目.可认定>,1,<项目.签约日期>,[签约日期],<项目.序>,"<"&[序])'
    size = "IF([总投资]>=10,4,IF([总投资]>=5,2,1))"
    kind = 'IF([类别]="工业",1,IF([类别]="服务业",0.5,IF([类别]="农业",0.8,0)))'
    stage = 'IF([进度]="签约",0.3,IF([进度]="开工",0.6,1))'
    role = 'IF([本单位角色]="引荐",0.4,IF([本单位角色]="承接",0.6,1))'
    return Table(
        "项目",
        ("单位", "代码", "签约日期", "类别", "总投资", "到位资金", "进度", "链式项目", "本单位角色"),
        rows,
        {
            "序": "ROW()",
            "项目得分": f'IF([总投资]="","",IF([总投资]>=1,{size}*{kind}*{stage}+IF([链式项目]="是",0.5,0),""))',
            "投资缺": 'IF([总投资]="",1,0)',
            "剔除": 'IF(OR([类别]="房地产",[类别]="资源开采"),1,0)',
            "到位缺": 'IF(AND([到位资金]="",[剔除]=0),1,0)',
            "可认定": 'IF(AND([剔除]=0,[到位资金]<>"",[到位资金]>=0.5),1,0)',
            "认定额": f"IF(AND([可认定]=1,{earlier}+{above}=0),[到位资金]*{role},0)",
            "链成": 'IF(AND([链式项目]="是",OR([进度]="开工",[进度]="投产")),1,0)',
            "链计": f'IF(AND([链成]=1,COUNTIFS({mine_row},<项目.链成>,1,<项目.序>,"<"&[序])=0),1,0)',
        },
    )


def honours(chance: random.Random, units: list[str]) -> Table:
    rows: list[Row] = []
    for unit in units:
        mine = [
            {
                "单位": unit, "项目名": chance.choice("甲乙丙丁戊己庚辛"),
                "日期": dt.date(chance.choice((2025, 2026, 2026)), chance.choice((1, 3, 3, 4, 6, 7, 12)), chance.choice((1, 1, 30))),
                "分值": chance.choice((0.5, 1, 1, 2, 2.5, 3)),
            }
            for _at in range(chance.choice((0, 1, 4, 8, 12)))
        ]  # fmt: skip
        rows += mine
    same = "<事项.单位>,[单位]"
    once = f"{same},<事项.项目名>,[项目名],<事项.日期>"
    quarter, year = f"{same},<事项.季>,[季],<事项.首次>,1,<事项.分值>", f"{same},<事项.年>,[年],<事项.季内>,1,<事项.分值>"

    def place(within: str) -> str:
        return f'COUNTIFS({within},">"&[分值])+COUNTIFS({within},[分值],<事项.序>,"<"&[序])+1'

    return Table(
        "事项",
        ("单位", "项目名", "日期", "分值"),
        rows,
        {
            "序": "ROW()",
            "年": "YEAR([日期])",
            "季": "[年]*10+ROUNDUP(MONTH([日期])/3,0)",
            "首次": f'IF(COUNTIFS({once},"<"&[日期])+COUNTIFS({once},[日期],<事项.序>,"<"&[序])=0,1,0)',
            "季内": f"IF([首次]=1,IF({place(quarter)}<=2,1,0),0)",
            "年内": f"IF([季内]=1,IF({place(year)}<=3,1,0),0)",
        },
    )


def columns(title: str) -> dict[str, str]:
    mine = "<项目.单位>,[单位]"
    taken = {
        "县区": f"ROUND(SUMIFS(<项目.项目得分>,{mine}),2)",
        "园区": f"ROUND(MIN(20,SUMIFS(<项目.项目得分>,{mine})),2)",
        "镇街": f"ROUND(_xlfn.MAXIFS(<项目.项目得分>,{mine}),2)",
        "平台": f'IFERROR(ROUND(AVERAGEIFS(<项目.项目得分>,{mine}),2),"{NA}")',
    }[title]
    kept = "<事项.年内>,1"
    bonus = "_xlfn.MAXIFS(<事项.分值>,<事项.单位>,[单位])" if title == "平台" else f"MIN(10,SUMIFS(<事项.分值>,<事项.单位>,[单位],{kept}))"
    handed = f'IF([报送]="否","{MISSING}",%s)'
    sampled = f"ROUND(SUMIFS(<项目.认定额>,{mine})*[抽查核实数]/[抽查上报数],2)"
    return {
        "projects": handed % f'IF(SUMIFS(<项目.投资缺>,{mine})>0,"{MISSING}",{taken})',
        "recognised": handed % f'IF(OR([抽查上报数]="",[抽查上报数]=0,SUMIFS(<项目.到位缺>,{mine})>0),"{MISSING}",{sampled})',
        "funds": need("ROUND(MIN(15,[recognised]*0.5),2)", "recognised"),
        "chain": handed % f"MIN({9 if title in ('县区', '园区') else 6},SUMIFS(<项目.链计>,{mine})*1.5)",
        "bonus": bonus,
        "总分": total(2, "projects", "funds", "chain", "bonus"),
        "名次": SKIPPING,
    }


def board(chance: random.Random) -> Board:
    groups = tuple(Group(title, facts(chance, title), columns(title)) for title in TITLES)
    units = [unit for group in groups for unit in group.units]
    return Board("project", groups, (projects(chance, units), honours(chance, units)))
