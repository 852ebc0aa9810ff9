"""What `wutong score` and `wutong reward` share: the file of a rule, the day asked for, what is said of a rule that is only checked."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from wutong.rulebook.formulas.faults import Expected, Fault, RuleError
from wutong.rulebook.rewards.shape import RewardRule
from wutong.rulebook.scoring.shape import ScoringRule

LARGEST_BYTES = 2_000_000
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
Rule = TypeVar("Rule", ScoringRule, RewardRule)


class RuleFileError(LookupError):
    """What was asked for is not there or cannot be read; said in Chinese or in English."""

    def __init__(self, said: Expected) -> None:
        super().__init__(said.en)
        self.said = said

    def say(self, lang: str = "zh") -> str:
        """In the language asked for."""
        return self.said.say(lang)


def read(path: Path, lang: str, rule_from: Callable[..., Rule], kind: Expected) -> Rule | None:
    """The rule of a file; None where its faults were printed. Raises: RuleFileError."""
    name = path.name
    if not path.is_file():
        raise RuleFileError(
            Expected(f"{name}：没有这个文件 → 写{kind.zh}（YAML）的文件名", f"{name}: no such file; expected {kind.en} in YAML")
        )
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        zh = f"{name}：有 {size} 字节，太大 → 不超过 {LARGEST_BYTES} 字节"
        raise RuleFileError(Expected(zh, f"{name}: {size} bytes; expected at most {LARGEST_BYTES}"))
    try:
        return rule_from(path.read_text("utf-8"), file=name)
    except RuleError as error:
        print(error.say(lang))
        return None
    except UnicodeDecodeError as error:
        raise RuleFileError(no_utf8(path, error)) from error


def no_utf8(path: Path, error: UnicodeDecodeError) -> Expected:
    """A text in another encoding, mostly the one that Windows calls ANSI."""
    line = path.read_bytes()[: error.start].count(b"\n") + 1
    zh = f"{path.name} 第 {line} 行：不是 UTF-8 编码 → 用记事本打开，另存为，编码选 UTF-8"
    return Expected(zh, f"{path.name}, line {line}: no UTF-8 (byte {error.start}); save it as UTF-8")


def day(text: str) -> dt.date:
    """The day of an option: 2026-11-30, 2026/11/30, 2026年11月30日."""
    found = _DAY.fullmatch(text.strip())
    try:
        return dt.date(*map(int, found.groups())) if found else dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，写成 2026-11-30 (no date; expected such as 2026-11-30)") from None


def remarked(remarks: Iterable[Fault], lang: str) -> str:
    """What is no fault, but perhaps not meant; "" where there is nothing."""
    word = "提醒" if lang == "zh" else "remark"
    return "\n".join(f"{word}：{one.say(lang)}" if lang == "zh" else f"{word}: {one.say(lang)}" for one in remarks)


def checked(rule: ScoringRule | RewardRule, counted: Expected, lang: str) -> str:
    """That a rule is without a fault, what it holds, what nothing uses, and the remarks."""
    is_zh = lang == "zh"
    titles = {name: Expected(one.zh, one.en) for name, one in rule.facts.items()}
    titles |= {name: Expected(one.zh, one.en) for name, one in rule.records.items()}
    unused = ("、" if is_zh else ", ").join(titles[name].say(lang) for name in rule.unused)
    ends_on = rule.ends_on or "…"
    lines = [
        f"规则无误：{rule.zh}，有效期 {rule.begins_on} 至 {ends_on}（不含当天）；{counted.zh}"
        if is_zh else f"no fault: {rule.en}, valid from {rule.begins_on} to {ends_on} (that day is out); {counted.en}"
    ]  # fmt: skip
    lines += [f"未用到的数据：{unused}" if is_zh else f"declared and not used: {unused}"] if unused else []
    return "\n".join([*lines, *([told] if (told := remarked(rule.remarks, lang)) else [])])
