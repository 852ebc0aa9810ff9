"""Syllables and place words from which invented names and addresses are put together; no real firm, street or person is meant."""

from __future__ import annotations

# First and second character of a trade name (字号). The pairs were compared with the short names of listed firms; those that met one went.
FIRST = tuple("栎砚岫铄湛璟昱峤衡翎渚棠榆穗砺筑桦澄漪玖岱珩沐聿铎黛垣弈岑棣荃蔚芃晗煦澍逸骥麒鹏")
SECOND = tuple("禾川拓辰元和达畴通原跃新源茂成泰维力丰隆远同诚晖邦舟航创益岩梁坤朗")
TRIPLES = ("金穗桥", "三棵榆", "半坡云", "老栎树", "七里禾", "清水渚", "大棠山", "一方田", "北辰桦", "双穗", "石磨坊", "五谷垣")

STREETS = (
    "明德路", "望岳路", "棠梨街", "梧桐大道", "学府路", "迎宾路", "工农路", "建设路", "滨河路", "青枫路", "振兴街", "和谐路",
    "朝晖路", "翠微路", "丰收路", "锦绣街", "环城东路", "环城西路", "文渊路", "凌云路", "向阳街", "兴业路", "仓前街", "老桥街",
)  # fmt: skip
PARK_STREETS = ("创新一路", "创新三路", "科创大道", "智造路", "腾飞路", "开拓二路", "纬五路", "经七路", "装备大道", "产业三街")
TOWNS = (
    "柳泉镇", "石磨镇", "枣坡镇", "大榆镇", "双桥镇", "三岔乡", "白杨镇", "黑豆沟镇", "葵花镇", "麻黄梁镇", "槐树湾乡", "杏花岭镇",
    "芦花镇", "鱼骨镇", "木梁镇", "瓦窑镇", "泥河镇", "茅店镇", "竹笆镇", "盐井镇",
)  # fmt: skip
VILLAGES = ("三河村", "前坪村", "后坪村", "上堡村", "下堡村", "新庄村", "槐底村", "梨园村", "寨子村", "洼里村", "榆树村", "石坡村")
BUILDINGS = ("广场A座", "大厦B座", "商务中心", "写字楼2号楼", "创业园3栋", "科技楼", "综合楼")

# Words that are no family names, for the people of the demo, so that nobody real can be meant.
FAMILY_NAMES = ("梧", "栖", "岚", "砚", "榆", "椴", "渚", "屿", "汀", "棠", "舫", "岫", "槿", "霁")
