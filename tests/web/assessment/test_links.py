"""Every record behind a fact opens: each kind that a source of facts counts has a page."""

from __future__ import annotations

from collections.abc import Mapping

from django.apps import apps
from django.urls import get_resolver

from wutong.web.assessment.queries import firm_figures, goal_facts, pages, ratings, records, sources

OF_PROJECTS = (records.PROJECT,)
BEHIND: Mapping[str, tuple[str, ...]] = {
    "projects": OF_PROJECTS, "rates": OF_PROJECTS, "funds": (records.FUNDS,), "trips": (records.TRIP,), "commitments": (records.PROMISE,),
    "firms": (firm_figures.FIGURE,), "duties": (records.DUTY,), "leads": (records.LEAD,), "knocks": (records.KNOCK,),
    "inspection": ("assessment.Finding", "assessment.Inspection"), "goal": (goal_facts.GOAL,), "ratings": (ratings.ROUND,),
}  # fmt: skip
"""Family of sources → the kinds of records that it counts."""


def test_no_kind_of_record_behind_a_source_is_without_a_page() -> None:
    assert {code.partition(".")[0] for code in (*sources.SOURCES, *sources.RECORDS)} == set(BEHIND), "name the records of a new source"
    assert {kind for kinds in BEHIND.values() for kind in kinds} <= set(pages.ADDRESSES)


def test_every_page_is_there_and_its_record_leads_to_it() -> None:
    for kind, (name, way) in pages.ADDRESSES.items():
        room, _colon, short = name.partition(":")
        assert short in get_resolver().namespace_dict[room][1].reverse_dict, name
        assert apps.get_model(kind)._meta.get_field(way.partition(".")[0]), kind
