"""The second board of words.md: benefit by mu."""

import random

from rulebook.scoring.boards.sheets import DENSE, MISSING, SORTED, UNITS, Board, Group, Row, dense_rank, nasty, need, total

TITLES = ("规上工业", "规下工业", "服务业", "小微园")


def facts(chance: random.Random, title: str) -> dict[str, Row]:
    units: dict[str, Row] = {}
    for number in range(1, UNITS + 1):
        units[f"{title}{number}"] = {
            "亩均税收": nasty(
                chance, lambda: round(chance.uniform(0, 40), 2), lambda: chance.choice((0, 12, 20, 8.5)), missing=0.1, na=0.03
            ),
            "亩均增加值": nasty(
                chance, lambda: round(chance.uniform(-20, 300), 1), lambda: chance.choice((0, -20, 150)), missing=0.05, na=0.03
            ),
            "单位产值能耗": 0.35
            if title == "小微园"
            else nasty(chance, lambda: round(chance.uniform(0.05, 2), 3), lambda: 0.5, missing=0.03),
        }
    for one, other in ((2, 3), (2, 4), (15, 16)):
        units[f"{title}{other}"] = dict(units[f"{title}{one}"])
    return units


def scale(name: str, equal: int, *, is_low_good: bool = False) -> str:
    low, high = f"MIN([{name}:])", f"MAX([{name}:])"
    part = f"({high}-[{name}])" if is_low_good else f"([{name}]-{low})"
    return f"IF({high}={low},{equal},ROUND({part}/({high}-{low})*40+60,2))"


def of_mean(points: str) -> dict[str, str]:
    """The points of an indicator, those that lack it at the mean of the group."""
    return {
        "税收自得": need(f"ROUND({points},2)", "亩均税收"),
        "tax": f'IF([税收自得]="{MISSING}",ROUND(AVERAGE([税收自得:]),2),[税收自得])',
    }


def columns(title: str) -> dict[str, str]:
    if title == "规上工业":
        return of_mean("[亩均税收]/20*50") | {
            "增加值百分": need(scale("亩均增加值", 100), "亩均增加值"),
            "value": need("ROUND([增加值百分]*0.3,3)", "增加值百分"),
            "能耗百分": need(scale("单位产值能耗", 100, is_low_good=True), "单位产值能耗"),
            "energy": need("ROUND([能耗百分]*0.2,3)", "能耗百分"),
        }
    if title == "规下工业":
        return of_mean("[亩均税收]/12*60") | {"value": need("ROUND(MIN(60,[亩均增加值]/AVERAGE([亩均增加值:])*40),2)", "亩均增加值")}
    if title == "服务业":
        return {
            "税收名次": 'IF(ISNUMBER([亩均税收]),RANK([亩均税收],[亩均税收:]),"")',
            "tax": need("IF([税收名次]<=1,50,IF([税收名次]<=3,45,IF([税收名次]<=10,40,IF([税收名次]<=20,30,20))))", "亩均税收"),
            "增加值排序": "IF(ISNUMBER([亩均增加值]),[亩均增加值],-99999)",
            "增加值名次": dense_rank("增加值排序"),
            "value": need("IF([增加值名次]<=5,50,IF([增加值名次]<=12,35,15))", "亩均增加值"),
        }
    return {
        "energy": need(scale("单位产值能耗", 80, is_low_good=True), "单位产值能耗"),
        "value": need("ROUND(MAX(0,50+([亩均增加值]-AVERAGE([亩均增加值:]))*0.5),1)", "亩均增加值"),
    }


def board(chance: random.Random) -> Board:
    groups = []
    for title in TITLES:
        made = columns(title)
        names = [name for name in ("tax", "value", "energy") if name in made]
        made |= {"总分": total(2, *names), "排序": SORTED, "名次": DENSE}
        made["等次"] = 'IF(ISNUMBER([总分]),IF([总分]>=90,"A",IF([总分]>=75,"B",IF([总分]>=60,"C","D"))),"-")'
        groups.append(Group(title, facts(chance, title), made))
    return Board("land", tuple(groups))
