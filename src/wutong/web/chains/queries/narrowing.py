"""What narrows rankings and lists of makers, read from the query string: a sheet or a list made of the page holds the same firms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from wutong.engine.narrowing import Only
from wutong.web.chains.queries.maps import NotThere
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries import tags
from wutong.web.firms.queries.standing import Standing
from wutong.web.lib import access, marks

WAN = 10_000
OWN, ANY = "own", "any"
FARTHEST_KM = 5000
LARGEST_WAN = 100_000_000


@dataclass(frozen=True, slots=True)
class Narrow:
    """Units: km, 10,000 yuan. `unlisted`: left out is who stands on a list of one's own unit, or on any that one may see."""

    within: int | None = None
    province: str = ""
    tag: str = ""
    unlisted: str = ""
    capital: int | None = None

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Self:
        """What a query string narrows by; what cannot be read narrows nothing, and the form of the page says so."""
        province, tag, unlisted = (params.get(name, "") for name in ("province", "tag", "unlisted"))
        return cls(
            _whole(params.get("within", ""), FARTHEST_KM),
            province if province in dict(provinces()) else "",
            tag if tag in dict(tags.choices()) else "",
            unlisted if unlisted in (OWN, ANY) else "",
            _whole(params.get("capital", ""), LARGEST_WAN),
        )

    def known(self) -> Self:
        """Itself. Raises: NotThere where province or tag is none, as a program is to be told; a page says so at the filter."""
        for asked, there in ((self.province, provinces()), (self.tag, tags.choices())):
            if asked and asked not in dict(there):
                raise NotThere(asked)
        return self

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """It again as values of an address; nothing where nothing narrows."""
        return tuple((item.name, str(getattr(self, item.name))) for item in fields(self) if getattr(self, item.name))

    @property
    def query(self) -> str:
        """The same, to stand behind the query string of a standing."""
        return "&" + urlencode(self.pairs) if self.pairs else ""

    def given(self, user: Any, standing: Standing) -> dict[str, Any]:
        """What a question about targets or makers takes of it."""
        return {"within_km": self.within, "only": self.only(user, standing)}

    def only(self, user: Any, standing: Standing) -> Only:
        """It as the engine takes it, for a person where he stands. `within` is told apart: it counts from there."""
        on = standing.as_of_asked or access.today()
        return Only(
            self.province[:2],
            tags.firms_with(self.tag, on) if self.tag else None,
            marks.firms_marked(user, is_own=self.unlisted == OWN) if self.unlisted else frozenset(),
            None if self.capital is None else float(self.capital * WAN),
        )


NOTHING = Narrow()


def _whole(text: str, most: int) -> int | None:
    """A whole number from 1 to `most`; None for any other text."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return number if 1 <= number <= most else None


def provinces() -> tuple[tuple[str, str], ...]:
    """Every province with its code."""
    return tuple((row.adcode, row.name) for row in firms.places().atlas.divisions.values() if row.level == "province")


def unlisted_choices(user: Any) -> tuple[tuple[str, str], ...]:
    """Whose lists a firm may stand on not yet; nothing for somebody who sees none."""
    return ((OWN, _("of one's own unit")), (ANY, _("that one may see"))) if marks.tells_of_firms(user) else ()
