"""Interface text: English in the source, Simplified Chinese complete."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

import messages

ROOMS = [room for room in messages.rooms() if messages.wanted(room)]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.mark.parametrize("room", ROOMS)
def test_every_string_is_translated(room: str) -> None:
    known = messages.entries(messages.catalogue(room))
    missing = [key for key in messages.wanted(room) if key not in known or not "".join(known[key].string)]
    assert missing == [], "run `python tests/messages.py` and translate them"


@pytest.mark.parametrize("room", ROOMS)
def test_no_translation_is_fuzzy_or_left_over(room: str) -> None:
    known = messages.entries(messages.catalogue(room))
    assert [key for key, message in known.items() if message.fuzzy] == []
    assert set(known) - set(messages.wanted(room)) == set()


@pytest.mark.parametrize("room", ROOMS)
def test_placeholders_are_the_same_in_both_languages(room: str) -> None:
    for key, message in messages.entries(messages.catalogue(room)).items():
        chinese = message.string if isinstance(message.string, str) else message.string[0]
        english = message.id if isinstance(message.id, str) else message.id[1]
        assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(chinese)), key


@pytest.mark.parametrize("room", ROOMS)
def test_the_source_is_english(room: str) -> None:
    assert [key for key in messages.wanted(room) if re.search("[\u4e00-\u9fff]", key[1])] == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_template_holds_chinese_of_its_own(room: str) -> None:
    """Shown text is translated, never typed into a template; a switch names each language in itself."""
    faults = {}
    for path in messages.sources(room):
        text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        if path.suffix == ".html" and (found := re.findall("[\u4e00-\u9fff]+", text.replace("<span>中文</span>", ""))):
            faults[path.name] = found
    assert faults == {}


def test_one_string_has_one_translation_in_all_rooms() -> None:
    """All catalogues are one at run time: the same English that means two things needs a context (`pgettext`)."""
    found: dict[messages.Key, dict[str, object]] = {}
    for room in ROOMS:
        for key, message in messages.entries(messages.catalogue(room)).items():
            found.setdefault(key, {})[room] = message.string
    assert {key: rooms for key, rooms in found.items() if len({str(string) for string in rooms.values()}) > 1} == {}


def test_a_string_without_a_translation_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "wanted", lambda room: {("", "Not in any catalogue"): ""})
    with pytest.raises(AssertionError):
        test_every_string_is_translated("audit")


def test_strings_are_found_in_python_and_in_templates(tmp_path: object) -> None:
    page = tmp_path / "page.html"  # type: ignore[operator]
    page.write_text(
        '<p>\n   {% translate "One" %} {% blocktranslate with n=x %}Two {{ n }}{% endblocktranslate %}\n'
        ' {% translate "three" context "c" %}</p>'
    )
    code = tmp_path / "code.py"  # type: ignore[operator]
    code.write_text('a = _("Four")\nb = pgettext_lazy("c", "five")\nd = ngettext("six", "sixes", 2)\n')
    assert {key for key, _ in messages.extract(page)} == {("", "One"), ("", "Two %(n)s"), ("c", "three")}
    assert dict(messages.extract(code)) == {("", "Four"): "", ("c", "five"): "", ("", "six"): "sixes"}


def test_a_catalogue_is_compiled_when_it_is_newer_than_what_was_compiled(tmp_path: Path) -> None:
    source = tmp_path / "locale/zh_Hans/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(messages.HEADER + 'msgid "firm"\nmsgstr "企业"\n', "utf-8")

    assert messages.compile_stale(tmp_path) == 1
    assert messages.compile_stale(tmp_path) == 0
    with source.with_suffix(".mo").open("rb") as made:
        assert gettext.GNUTranslations(made).gettext("firm") == "企业"
    assert {path.suffix for path in source.parent.iterdir()} == {".po", ".mo"}
    assert len(list(source.parent.iterdir())) == 2


@pytest.mark.parametrize(
    "value, said",
    [("abc", "“abc”不在可选范围内，须从列表中选择。"), ("", "此项必填。"), ("a\x00", "内容中不得含有空字符。")],
)
def test_what_a_form_refuses_is_said_in_official_chinese(value: str, said: str) -> None:
    from django import forms
    from django.utils import translation

    with translation.override("zh-hans"):
        choice, text = forms.ChoiceField(choices=[("b", "b")]), forms.CharField()
        with pytest.raises(forms.ValidationError) as refused:
            (text if "\x00" in value else choice).clean(value)
        assert refused.value.messages == [said]


def test_nothing_that_a_form_refuses_addresses_anybody() -> None:
    found = messages.entries(messages.catalogue(""))
    assert [key for key, message in found.items() if re.search("[你您]", str(message.string))] == []


HALF_WIDTH = re.compile("[\u4e00-\u9fff\u201d\uff09][,;:?!] ?[\u4e00-\u9fff\u201c\uff08]")


@pytest.mark.parametrize("room", ROOMS)
def test_chinese_sentences_have_chinese_punctuation(room: str) -> None:
    texts = [str(message.string) for message in messages.entries(messages.catalogue(room)).values()]
    assert [text for text in texts if HALF_WIDTH.search(text)] == []


def test_the_words_of_rulebook_and_engine_have_chinese_punctuation() -> None:
    from wutong.rulebook import load

    book = load.rulebook()
    texts = [leaf.description_zh for leaf in book.leaves.values()]
    texts += [
        text for chain in book.chains.values() for text in (chain.name_zh, chain.description_zh, *(s.name_zh for s in chain.segments))
    ]
    source = (messages.WEB.parent / "engine" / "wording.py").read_text("utf-8")
    texts += re.findall(r'"([^"\\n]*)"', source)
    assert [text for text in texts if HALF_WIDTH.search(text)] == []
