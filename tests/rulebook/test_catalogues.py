"""Catalogues: faults by file and line, the edition in force by day and province, and what it says of a product or a segment."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rulebook.conftest import Write
from wutong.rulebook import catalogues, load
from wutong.rulebook.catalogues import State
from wutong.rulebook.shapes import Edition

EDITION = """\
id: e1
title_zh: 虚构样例
kind: encouraged
level: national
in_force_from: 2020-01-01
in_force_until: 2024-01-01
fictional: true
source: {title: 虚构样例}
entries:
  - number: 1
    text_zh: 液压缸
    products: [hydraulic-cylinder]
  - number: "2"
    text_zh: 泵
    segments: [hydraulics/pumps]
"""
ON = date(2021, 6, 1)


def edition(**changed: Any) -> Edition:
    raw: dict[str, Any] = {
        "id": "a", "title_zh": "样例", "kind": "encouraged", "level": "national", "in_force_from": "2020-01-01",
        "source": {"title": "样例"}, "entries": [{"number": "1", "text_zh": "液压缸", "products": ["hydraulic-cylinder"]}],
    }  # fmt: skip
    return Edition.model_validate(raw | changed)


@pytest.fixture
def book(write: Write) -> load.Rulebook:
    return load.rulebook_from(write())


def states(book: load.Rulebook, *editions: Edition, products: tuple[str, ...] = ("hydraulic-cylinder",), **asked: Any) -> dict[str, str]:
    found = catalogues.judge(editions, book, products=products, **({"on": ON} | asked))
    return {f"{row.kind} {row.level}": row.state.value for row in found}


def test_an_edition_is_read_with_its_entries(write: Write) -> None:
    (found,) = load.rulebook_from(write(catalogues__e1=EDITION)).catalogues.values()
    assert (found.id, found.fictional, [entry.number for entry in found.entries]) == ("e1", True, ["1", "2"])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (EDITION.replace("kind: encouraged", "kind: liked"), "catalogues/e1.yaml:3: kind: Input should be 'encouraged', 'restricted'"),
        (EDITION.replace("[hydraulic-cylinder]", "[cylinder]"), "catalogues/e1.yaml:12: entry '1': unknown product 'cylinder'"),
        (EDITION.replace("hydraulics/pumps", "hydraulics/pump"), "catalogues/e1.yaml:15: entry '2': unknown segment 'hydraulics/pump'"),
        (EDITION.replace("hydraulics/pumps", "pumps"), "catalogues/e1.yaml:15: entries.1.segments.0: 'pumps' names no segment"),
        (EDITION.replace("level: national", "level: provincial"), "catalogues/e1.yaml:1: Edition: adcode '': a provincial catalogue names"),
        (EDITION + "adcode: '410000'\n", "catalogues/e1.yaml:1: Edition: adcode '410000': a national catalogue has none"),
        (EDITION.replace("until: 2024", "until: 2019"), "catalogues/e1.yaml:1: Edition: in force until 2019-01-01, which is not after"),
        (EDITION.replace('number: "2"', 'number: "1"'), "catalogues/e1.yaml:1: Edition: entry '1' is there twice"),
        (EDITION.replace("id: e1", "id: e2"), "catalogues/e1.yaml:1: edition 'e2' stands in catalogues/e1.yaml"),
        (EDITION.replace("    text_zh: 泵\n", ""), "catalogues/e1.yaml:13: entries.1.text_zh: Field required"),
    ],
)
def test_a_faulty_catalogue_is_told_by_file_and_line(write: Write, text: str, fault: str) -> None:
    with pytest.raises(load.RulebookError) as caught:
        load.rulebook_from(write(catalogues__e1=text))
    assert any(str(problem).startswith(fault) for problem in caught.value.problems), caught.value


def test_two_editions_of_one_catalogue_cannot_begin_on_the_same_day(write: Write) -> None:
    with pytest.raises(load.RulebookError, match="begins on the same day as 'e1'"):
        load.rulebook_from(write(catalogues__e1=EDITION, catalogues__e2=EDITION.replace("id: e1", "id: e2")))


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2019, 12, 31), State.NO_EDITION),
        (date(2020, 1, 1), State.COVERED),
        (date(2023, 12, 31), State.COVERED),
        (date(2024, 1, 1), State.NO_EDITION),
    ],
)
def test_an_edition_holds_from_its_first_day_to_the_day_before_its_end(book: load.Rulebook, on: date, state: State) -> None:
    assert states(book, edition(in_force_until="2024-01-01"), on=on)["encouraged national"] == state


@pytest.mark.parametrize(("on", "number"), [(date(2021, 12, 31), "1"), (date(2022, 1, 1), "9")])
def test_the_newest_edition_ends_the_one_before(book: load.Rulebook, on: date, number: str) -> None:
    newer = edition(id="b", in_force_from="2022-01-01", entries=[{"number": "9", "text_zh": "缸", "products": ["hydraulic-cylinder"]}])
    found = catalogues.judge((newer, edition()), book, products=("hydraulic-cylinder",), on=on)
    assert [row.entry.number for row in found if row.entry] == [number]


def test_a_newer_edition_that_has_ended_does_not_revive_the_older(book: load.Rulebook) -> None:
    newer = edition(id="b", in_force_from="2020-06-01", in_force_until="2021-01-01")
    assert states(book, edition(), newer)["encouraged national"] == "no_edition"


@pytest.mark.parametrize(("adcode", "there"), [("410700", "covered"), ("410000", "covered"), ("130100", None), ("", None)])
def test_a_province_speaks_for_its_own_regions_only(book: load.Rulebook, adcode: str, there: str | None) -> None:
    own = edition(kind="transfer", level="provincial", adcode="410000")
    assert states(book, own, adcode=adcode).get("transfer provincial") == there


def test_every_national_kind_says_something(book: load.Rulebook) -> None:
    assert states(book, edition(entries=[{"number": "1", "text_zh": "别的"}])) == {
        "encouraged national": "not_listed", "restricted national": "no_edition", "eliminated national": "no_edition",
        "transfer national": "no_edition",
    }  # fmt: skip


def test_an_entry_covers_what_is_narrower_and_not_what_is_broader(book: load.Rulebook) -> None:
    broad = edition(entries=[{"number": "1", "text_zh": "机械零部件", "products": ["machine-part"]}])
    assert states(book, broad)["encouraged national"] == "covered"
    assert states(book, edition(), products=("machine-part",))["encouraged national"] == "not_listed"


def test_a_segment_is_covered_by_name_or_by_its_products_in_part(book: load.Rulebook) -> None:
    by_name = edition(entries=[{"number": "1", "text_zh": "x", "segments": ["hydraulics/pumps"]}])
    (row,) = [r for r in catalogues.judge((by_name,), book, products=("hydraulic-pump",), segment="hydraulics/pumps", on=ON) if r.entry]
    assert row.state is State.COVERED and row.is_whole and row.products == ()
    both = ("hydraulic-cylinder", "hydraulic-pump")
    (row,) = [r for r in catalogues.judge((edition(),), book, products=both, segment="hydraulics/pumps", on=ON) if r.entry]
    assert row.products == ("hydraulic-cylinder",) and not row.is_whole


def test_what_is_only_proposed_waits_with_its_confidence_and_what_is_refused_is_not_listed(book: load.Rulebook) -> None:
    proposed = [{"product": "hydraulic-cylinder", "confidence_share": 0.8}]
    waiting = edition(entries=[{"number": "1", "text_zh": "缸", "proposed": proposed}])
    (row,) = [r for r in catalogues.judge((waiting,), book, products=("hydraulic-cylinder",), on=ON) if r.entry]
    assert row.state is State.PROPOSED and row.confidence_share == 0.8
    refused = edition(entries=[{"number": "1", "text_zh": "缸", "proposed": proposed, "refused": ["hydraulic-cylinder"]}])
    assert states(book, refused)["encouraged national"] == "not_listed"


def test_confirmed_entries_stand_before_proposed_ones(book: load.Rulebook) -> None:
    mixed = edition(
        entries=[
            {"number": "1", "text_zh": "a", "proposed": [{"product": "hydraulic-cylinder", "confidence_share": 0.9}]},
            {"number": "2", "text_zh": "b", "products": ["hydraulic-cylinder"]},
        ]
    )
    found = catalogues.judge((mixed,), book, products=("hydraulic-cylinder",), on=ON)
    assert [row.entry.number for row in found if row.entry] == ["2", "1"]


def test_a_product_that_the_rulebook_no_longer_has_covers_nothing(book: load.Rulebook) -> None:
    old = edition(entries=[{"number": "1", "text_zh": "a", "products": ["gone"]}])
    assert states(book, old)["encouraged national"] == "not_listed"


def test_an_entry_maps_to_segments_by_name_and_by_product(book: load.Rulebook) -> None:
    entry = edition(
        entries=[{"number": "1", "text_zh": "a", "products": ["hydraulic-cylinder"], "segments": ["hydraulics/pumps"]}]
    ).entries[0]
    assert catalogues.segments_of(book, entry) == (("hydraulics", "cylinders"), ("hydraulics", "pumps"))


def test_what_ships_is_marked_fictional_and_holds_for_no_real_province() -> None:
    for found in load.rulebook().catalogues.values():
        assert found.fictional and "虚构样例" in found.title_zh and found.level == "provincial"
        assert found.adcode not in {row.split(",")[0] for row in (load.package_folder() / "divisions.csv").read_text("utf-8").splitlines()}
