"""Faults of a rule that somebody writes: which line, what is wrong, and what to do, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

WORDS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        # code: what (zh), remedy (zh), what (en), remedy (en); {field}, {value} and {expected} are filled in
        "no_yaml": (
            "无法按 YAML 读取",
            "检查缩进、括号、引号和冒号",
            "not readable as YAML: {value}",
            "look at indentation, brackets, quotes and colons",
        ),
        "anchor": (
            "“{value}”是 YAML 的锚点或引用，这里不用",
            "在每个用到的地方写全；公式可放进 values 起名再引用",
            "'{value}' is an anchor or an alias, which is not taken",
            "write it out wherever it is needed; a formula may stand under values and be used by its name",
        ),
        "tag": (
            "“{value}”是 YAML 的类型标记，这里不用",
            "删去它，把值放进引号",
            "'{value}' is a tag, which is not taken",
            "remove it, and write the value in quotes",
        ),
        "not_there": ("缺少“{field}”", "补上：{expected}", "{field} is missing", "add {expected}"),
        "unknown_field": ("不认识的字段“{value}”", "只能用：{expected}", "unknown field '{value}'", "use only {expected}"),
        "unknown_formula": ("没有名为“{value}”的算法", "可用的算法：{expected}", "there is no formula '{value}'", "use one of {expected}"),
        "unknown_name": (
            "没有声明“{value}”这个数据项",
            "先在 facts 中声明，或改为：{expected}",
            "'{value}' is no declared fact",
            "declare it under facts, or write {expected}",
        ),
        "no_sum": (
            "“{value}”是算式，这里不用",
            "写成 {{product: [{{ratio: {{of: 实绩, to: 目标}}}}, 30]}} 这样：加 sum、减 difference、乘 product、除 ratio",
            "'{value}' is written as a sum, which is not taken",
            "write {{product: [{{ratio: {{of: actual, to: target}}}}, 30]}}: add by sum, difference, product, ratio",
        ),
        "no_percent": (
            "同百分数比的“{value}”没有写 %",
            "写成 {value}%；真是倍数就写小数的百分数，如 1.2 写成 120%",
            "{value} beside a percentage is written without %",
            "write {value}%; a multiple as its percentage, 1.2 as 120%",
        ),
        "no_share": (
            "{value} 没有写 %，就是 {expected}（{field}）",
            "写成 {value}%（千分之几写 ‰）；真要按倍数算，写 {expected}",
            "{value} without % is {expected} ({field})",
            "write {value}% (or ‰); for a multiple write {expected}",
        ),
        "share_or_multiple": (
            "{value} 没有写 %，按 {expected} 算（{field}）",
            "是百分之几就写 {value}%；是倍数就写 {expected}",
            "{value} without % is taken as {expected} ({field})",
            "write {value}% for per cent, {expected} for a multiple",
        ),
        "step_behind": (
            "第 {field} 级永远轮不到：符合“{value}”的，先按第 {expected} 级算了",
            "从高到低写，要求高的放在前面",
            "step {field} is never reached: whatever meets '{value}' is at step {expected} already",
            "write the steps from high to low, the hardest first",
        ),
        "unknown_records": (
            "没有声明“{value}”这类记录",
            "先在 records 中声明，或改为：{expected}",
            "'{value}' are no declared records",
            "declare them under records, or write {expected}",
        ),
        "unknown_source": (
            "没有名为“{value}”的数据来源",
            "可用：{expected}；要人工填报就去掉 from",
            "there is no source '{value}'",
            "use one of {expected}; or leave from out, and the figure is entered by hand",
        ),
        "not_of_persons": (
            "“{value}”只按单位统计，不能用来考核个人",
            "改用：{expected}；要人工填报就去掉 from",
            "'{value}' is counted for units only, not for persons",
            "use one of {expected}; or leave from out, and the figure is entered by hand",
        ),
        "unknown_unit": ("不认识的计量单位“{value}”", "可用：{expected}", "unknown unit '{value}'", "use one of {expected}"),
        "wrong_shape": ("“{field}”写成了{value}", "应写成：{expected}", "{field} is written as {value}", "write {expected}"),
        "wrong_unit": (
            "计量单位不一致：{value}",
            "应为{expected}；把单位写在数后面，如 5000万元",
            "the units do not agree: {value}",
            "expected {expected}; write the unit behind the number, as in 5000万元",
        ),
        "wrong_kind": ("“{value}”不是{expected}", "换成{expected}", "'{value}' is no {expected}", "use a {expected}"),
        "no_choice": ("“{field}”不能是“{value}”", "可选：{expected}", "{field} cannot be '{value}'", "choose from {expected}"),
        "circular": (
            "循环引用：{value}",
            "让其中一项不再引用另一项",
            "circular reference: {value}",
            "let one of them stop using the other",
        ),
        "twice": (
            "“{value}”出现了两次",
            "改名或删去一处（第 {expected} 行已有）",
            "'{value}' stands twice",
            "rename or remove one (line {expected} has it)",
        ),
        "bands_overlap": (
            "分段重叠：{value}",
            "让每段的上限等于下一段的下限（含下限、不含上限）",
            "bands overlap: {value}",
            "let each band end where the next begins (lower bound in, upper out)",
        ),
        "bands_gap": ("分段有空档：{value}", "补上这一段，或写 outside", "a gap between bands: {value}", "add the band, or write outside"),
        "bands_hole": (
            "分段中间有空档：{value}",
            "补上这一段（不给的写 0），或让每段的下限等于上一段的上限",
            "a gap in the middle of the bands: {value}",
            "add the band (0 where it gives nothing), or let each band begin where the one before ends",
        ),
        "band_empty": (
            "分段下限不小于上限：{value}",
            "写成从小到大",
            "a band whose lower bound is not below its upper: {value}",
            "write the lower bound first",
        ),
        "weights_off": (
            "权重之和为 {value}，不等于 {expected}",
            "改权重，或改合计",
            "the weights add up to {value}, not to {expected}",
            "change the weights, or the sum that is stated",
        ),
        "points_off": (
            "各项满分之和为 {value}，不等于声明的 {expected}",
            "改各项 points，或改 full_points",
            "the points of the items add up to {value}, not to the {expected} stated",
            "change points, or full_points",
        ),
        "points_beyond": (
            "“{field}”满分写了 {expected}，按算法满额得 {value}",
            "改 points，或者改算法里的分值；超过满分的部分不算，写 cap: {expected}",
            "{field} has {expected} points, and its formula gives {value} in full",
            "change points, or the figure in the formula; cap: {expected} cuts what is beyond",
        ),
        "points_short": (
            "“{field}”满分写了 {expected}，按算法最多得 {value}",
            "改 points，或者改算法里的分值",
            "{field} has {expected} points, and its formula gives {value} at most",
            "change points, or the figure in the formula",
        ),
        "no_date": ("缺少日期：{field}", "写成 2026-01-01 这样的日期", "no date: {field}", "write a date such as 2026-01-01"),
        "wrong_period": (
            "有效期的结束日期不在开始日期之后：{value}",
            "把 to 改到 from 之后（不含当天）",
            "the period ends before it begins: {value}",
            "let to come after from (that day itself is out)",
        ),
        "not_here": ("“{value}”不能用在这里", "改用 {expected}", "'{value}' cannot be used here", "use {expected}"),
        "unknown_item": ("没有编号为“{value}”的指标", "可用：{expected}", "there is no item '{value}'", "use one of {expected}"),
        "odd_name": (
            "“{value}”不能作名称",
            "用小写字母、数字和下划线，字母开头；或用汉字",
            "'{value}' is no name",
            "use small letters, digits and underscores, beginning with a letter; or Chinese characters",
        ),
        "key_twice": (
            "“{value}”在同一处写了两次",
            "改名，或者合成一处",
            "'{value}' stands twice in one place",
            "rename one, or make one of the two",
        ),
        "yaml_colon": (
            "这里多了一个冒号，或者上一行没有写完",
            "冒号用半角，后面空一格；值里有冒号的放进引号；下一行缩进同上一行对齐",
            "a colon too many, or the line above is not complete",
            "one colon, a blank behind it; put a value that holds a colon into quotes; align the line with the one above",
        ),
        "yaml_open": (
            "第 {expected} 行的括号没有闭合，或者缺逗号",
            "补上 ] 或 }}，各项之间写半角逗号",
            "the bracket of line {expected} is not closed, or a comma is missing",
            "close it with ] or }}, and put commas between the parts",
        ),
        "yaml_quote": (
            "引号没有闭合",
            "在值的末尾补上同样的引号",
            "a quote is not closed",
            "put the same quote at the end of the value",
        ),
        "yaml_indent": (
            "缩进没有对齐，或者少了冒号",
            "同一层的各行从同一列开始；名称后写半角冒号，列表每项写“- ”",
            "lines are not aligned, or a colon is missing",
            "begin lines of one level in the same column; put a colon behind each name, '- ' before each entry of a list",
        ),
        "yaml_tab": ("用了制表符缩进", "改用空格", "a tab is used to indent", "use blanks"),
        "yaml_blank": (
            "冒号后面缺一个空格：{value}",
            "写成 {expected}",
            "a blank is missing behind the colon: {value}",
            "write {expected}",
        ),
        "full_width": (
            "“{value}”是全角标点",
            "改成半角；冒号后面空一格",
            "'{value}' is a full-width sign",
            "write the plain one, with a blank behind a colon",
        ),
        "full_width_field": (
            "“{field}”后面用了全角冒号",
            "改成半角冒号，后面空一格：{field}: {value}",
            "a full-width colon stands behind {field}",
            "write a plain one with a blank behind it: {field}: {value}",
        ),
        "full_width_number": (
            "“{value}”里有全角字符",
            "改成半角：{expected}",
            "'{value}' has full-width characters",
            "write them plainly: {expected}",
        ),
        "number_in_characters": (
            "“{value}”是用汉字写的数",
            "用数字写，如 10亿、30、80%",
            "'{value}' is a number in Chinese characters",
            "write it in digits, such as 10亿, 30, 80%",
        ),
        "near_field": (
            "不认识的字段“{value}”，是不是“{field}”",
            "改成 {field}；或者用：{expected}",
            "unknown field '{value}'; is {field} meant",
            "write {field}; or one of {expected}",
        ),
        "odd_date": (
            "“{field}”不是日期：{value}",
            "写成 2026-01-01 这样的日期",
            "{field} is no date: {value}",
            "write a date such as 2026-01-01",
        ),
        "yaml_start": (
            "值不能以这个字符开头：{value}",
            "把值放进引号",
            "a value cannot begin with this character: {value}",
            "put the value into quotes",
        ),
        "yaml_value": (
            "这里缺一个值",
            "补上值，或者删去多余的逗号、括号",
            "a value is missing",
            "write it, or remove the comma or bracket",
        ),
        "yaml_escape": (
            "双引号里的反斜杠不能这样用",
            "改用单引号，或者写两个反斜杠",
            "a backslash in double quotes cannot stand like this",
            "use single quotes, or write two backslashes",
        ),
        "yaml_two": ("一个文件里写了两份文本（---）", "只留一份", "the file holds two texts (---)", "keep one"),
        "half_character": ("有读不了的字符", "删去它", "a character that cannot be read", "remove it"),
        "odd_key": (
            "名称的位置上是列表或 {{…}}",
            "把名称写成一个词",
            "a list or a mapping stands where a name belongs",
            "write the name as a word",
        ),
        "odd_value": (
            "不是数，也不是日期：{value}",
            "改正它；是文字就放进引号",
            "no number and no date: {value}",
            "correct it; put it into quotes where it is a text",
        ),
        "too_long": ("文本太长", "不超过 {expected} 字节", "the text is too long", "{expected} bytes at most"),
        "too_many": (
            "内容太多",
            "不超过 {expected} 个值；一份文件只写一个办法",
            "the text has too much",
            "{expected} values at most; one rule a file",
        ),
        "too_deep": ("嵌套太深", "把中间结果写进 values，再引用它的名称", "nested too deeply", "put a part under values and use its name"),
        "long_chain": (
            "一个用一个，套得太深",
            "少引用几层：一条链上最多 {expected} 层",
            "formulas use one another too deeply",
            "let fewer of them stand on one another: {expected} at most in a chain",
        ),
        "too_much_read": (
            "规则太大",
            "减少分组、指标或 values：各组合起来最多 {expected} 个算法和名称",
            "the rule is too large",
            "fewer groups, indicators or values: {expected} formulas and names at most, counted for every group",
        ),
        "too_much_work": (
            "这样算下去要太久",
            "逐条计的记录里不再套逐条计，减少逐条计的指标，或分成几个办法：一次计分最多 {expected} 百万步",
            "this takes too much work",
            "let no records stand within records, have fewer of them, or make several rules: {expected} million steps a run at most",
        ),
        "too_large": (
            "算出的数太大",
            "检查相乘和引用：一个数最多 77 位",
            "the number that comes out is too large",
            "look at what is multiplied and named: 77 digits at most",
        ),
        "too_many_points": (
            "{value}的总分太大",
            "检查各项的计量单位：总分最多 15 位",
            "the total of {value} is too large",
            "look at the units of its items: 15 digits at most",
        ),
        "too_fine": (
            "算出的分数太长",
            "在相加、相乘之前先取舍：用 {{round: {{of: …, digits: 6}}}}",
            "the fraction that comes out is too long",
            "round before adding or multiplying: {{round: {{of: …, digits: 6}}}}",
        ),
        "long_number": (
            "“{value}”不是数，也太长",
            "最多写 {expected} 位",
            "'{value}' is too long for a number",
            "{expected} digits at most",
        ),
        "long_name": (
            "名称太长：{value}",
            "不超过 {expected} 个字",
            "the name is too long: {value}",
            "{expected} characters at most",
        ),
        "odd_measure": (
            "乘除出来的计量单位没有意义：{value}",
            "检查相乘、相除的各部分",
            "what is multiplied or divided has no measure that means anything: {value}",
            "look at the parts",
        ),
        "not_computed": (
            "算不下去：{value}",
            "检查用到的数和算法；仍不行请把规则交系统管理员",
            "cannot be computed: {value}",
            "look at the numbers and formulas; show the rule to the administrator where that does not help",
        ),
        "negative": ("“{field}”不能是负数：{value}", "写成 0 或正数", "{field} cannot be negative: {value}", "write 0 or more"),
    }
)


KINDS_ZH: Mapping[str, str] = MappingProxyType(
    {"number": "数（number）", "text": "文字（text）", "date": "日期（date）", "yes_no": "是否（yes_no）", "amount": "写明的数",
     "field of the record": "该类记录的字段"}
)  # fmt: skip
"""What a thing should be, where a message names it in Chinese."""


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """What was expected instead, in Chinese and in English; as plain text it is English."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en

    def say(self, lang: str = "zh") -> str:
        """In the language asked for."""
        return self.zh if lang == "zh" else self.en

    @staticmethod
    def one_of(zh: str, en: str, names: Iterable[str]) -> Expected:
        """One of some names; a dash where there are none."""
        known = list(names) or ["-"]
        return Expected(f"{zh}：{'、'.join(known)}", f"{en}: {', '.join(known)}")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of a rule: file, line from 1, code of `WORDS`, the field, what stands there, and what was expected.

    `value_en`, `expected_en`, `field_en`: the same in English where it is other words.
    """

    file: str
    line: int
    code: str
    field: str = ""
    value: str = ""
    expected: str = ""
    value_en: str = ""
    expected_en: str = ""
    field_en: str = ""

    def what(self, lang: str = "zh") -> str:
        """What is wrong."""
        return self._filled(WORDS[self.code][0 if lang == "zh" else 2], lang)

    def remedy(self, lang: str = "zh") -> str:
        """What to do."""
        return self._filled(WORDS[self.code][1 if lang == "zh" else 3], lang)

    def _filled(self, form: str, lang: str) -> str:
        name = self.field if lang == "zh" else self.field_en or self.field
        if lang == "zh":
            value, expected = self.value, KINDS_ZH.get(self.expected, self.expected) if self.code == "wrong_kind" else self.expected
        else:
            value, expected = self.value_en or self.value, (self.expected_en or self.expected).replace("、", ", ")
        return form.format(field=name, value=value, expected=expected)

    def say(self, lang: str = "zh") -> str:
        """The whole, on one line."""
        return f"{self.file}:{self.line}: {self.what(lang)} → {self.remedy(lang)}"


class RuleError(Exception):
    """A rule that cannot be used, with every fault found."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__(self.say("en"))

    def say(self, lang: str = "zh") -> str:
        """Every fault on a line of its own."""
        return "\n".join(fault.say(lang) for fault in self.faults)
