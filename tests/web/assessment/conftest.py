"""A scheme of the city's bureau that measures the county and the zone, its rule approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cast import Cast
    from wutong.web.assessment.models import Run, Scheme


@pytest.fixture
def scheme(cast: Cast) -> Scheme:
    """The scheme with an approved rule, two units and their figures."""
    from web.assessment.assessed import AT, approved, figure
    from wutong.web.assessment.actions import schemes

    made = schemes.make(code="counties_2026", title="县区考核", unit=cast.units["bureau"], by=cast.assessor, at=AT)
    approved(made, cast)
    units = [(cast.units["county"], "counties", 12), (cast.units["zone"], "counties", 12)]
    schemes.set_members(scheme=made, members=units, by=cast.assessor, at=AT)
    for unit, satisfied in (("county", "90"), ("zone", "80")):
        figure(made, cast, "satisfied", unit, satisfied)
        figure(made, cast, "target", unit, "2")
    return made


@pytest.fixture
def run(scheme: Scheme, cast: Cast) -> Run:
    """A frozen run."""
    from web.assessment.assessed import AT, drafted
    from wutong.web.assessment.actions import runs

    return runs.freeze(run=drafted(scheme, cast), by=cast.assessor, at=AT)


@pytest.fixture
def published(run: Run, cast: Cast) -> Run:
    """A published run."""
    from web.assessment import assessed

    return assessed.published(run, cast)
