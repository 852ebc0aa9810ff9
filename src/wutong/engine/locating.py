"""Where each firm is: address, province and city texts and the credit code's district → division, and how it was found.

Order of proof: a point given with the firm; a zone of a place file named in the address; a county named in the address, within the
city the firm is listed under; that city text itself where it names a county (上海 嘉定); the code's district, where it does not
contradict the city; a zone with a code of its own; the city; the code alone. About 5 % of codes name a district the firm has long
left, so the address comes first.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl
from daachorse import CharwiseDoubleArrayAhoCorasick

from wutong.engine import divisions
from wutong.engine.divisions import Atlas, Division

HEAD_CHARACTERS = 24
"""How much of an address is searched for a division's name: what follows is streets and house numbers."""
BARE_CHARACTERS = 8
_NO_CITY = frozenset({"", "N/A", "NA", "省直辖县", "自治区直辖县", "市辖区", "县", "自贸区", "保税区", "省直辖", "不详", "全国"})
_STREET = frozenset("路街道大巷弄里村镇乡桥东西南北中新山园")
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})

METHODS = ("point", "zone", "county", "city", "code", "none")


@dataclass(frozen=True, slots=True)
class Found:
    """A division (or "") and how it was found."""

    adcode: str
    located_by: str


@dataclass(frozen=True, slots=True)
class _Hints:
    """What province text, city text and code say, before the address is read."""

    province: str
    city: str
    county: str
    code: Division | None
    code_district: str
    zone_inside: str


class Locator:
    """Finds divisions. Reads the atlas once; each distinct combination of texts is answered once."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._provinces: dict[str, str] = {}
        self._names: dict[str, list[Division]] = defaultdict(list)
        self._stems: dict[str, dict[str, list[Division]]] = defaultdict(lambda: defaultdict(list))
        for row in atlas.divisions.values():
            self._learn(row, row.name)
        for change in atlas.changes.values():
            target = atlas.divisions.get(change.new_adcode)
            if target is not None and target.level != "province" and self._may_stand_in_addresses(change.old_name):
                self._learn(target, change.old_name)
        self._patterns = sorted(self._names)
        self._automaton = CharwiseDoubleArrayAhoCorasick(self._patterns)
        self.hints = cache(self._hints)

    def _may_stand_in_addresses(self, old_name: str) -> bool:
        """A former name, unless a city bears it now: 毕节市黔西县 is not in what used to be the county-level 毕节市."""
        is_name = len(old_name) > 2 and old_name[-1] in "县市区旗盟"
        return is_name and not any(row.level == "city" for row in self._names.get(old_name, ()))

    def _learn(self, row: Division, name: str) -> None:
        if row.level == "province":
            self._provinces[name] = self._provinces[divisions.stem(name)] = row.adcode
            return
        if name == "市辖区":
            return
        if row not in self._names[name]:
            self._names[name].append(row)
        short = self._stems[row.adcode[:2]][divisions.stem(name)]
        if row not in short:
            short.append(row)

    def _hints(self, province: str, city: str, district: str, year: int | None) -> _Hints:
        code = self._atlas.present(district, dt.date(year, 12, 31) if year else None) if district else None
        zone = self._atlas.zones.get(district)
        home = self._provinces.get(province) or self._provinces.get(divisions.stem(province) if province else "", "")
        if not home and not province:
            seat = code.adcode if code else zone.inside_adcode if zone else ""
            home = seat[:2] + "0000" if seat else ""
        row = self._city(home, city)
        county = row.adcode if row and row.level == "county" else ""
        town = row.adcode if row and row.level == "city" else ""
        if county and home[:2] not in MUNICIPALITIES:
            parent = self._atlas.city_of(county)
            town = parent.adcode if parent else ""
        return _Hints(home, town, county, code, district, zone.inside_adcode if zone else "")

    def _city(self, home: str, text: str) -> Division | None:
        """The division that a city text means inside its province: a city before a county, a full name before a short one."""
        meant = self._atlas.words.get((home, text))
        if meant is not None:
            return self._atlas.divisions.get(meant)
        if not home or text in _NO_CITY:
            return None
        full = [row for row in self._names.get(text, ()) if row.adcode[:2] == home[:2]]
        stems = self._stems[home[:2]]
        rows = full or stems.get(text) or stems.get(divisions.stem(text)) or stems.get(text.removesuffix("州")) or []
        cities = [row for row in rows if row.level == "city"]
        counties = [row for row in rows if row.level == "county"]
        if cities:
            return cities[0]
        return counties[0] if len(counties) == 1 else None

    def find(self, head: str, hints: _Hints) -> Found:
        """The division of one firm, from the head of its address and its hints."""
        matches = self._matches(head, hints)
        city = hints.city
        if not city and not hints.county:
            named = [row for _, _, row in matches if row.level == "city"]
            city = named[0].adcode if named else ""
        county = self._county(head, hints, city, matches)
        if county is not None:
            return Found(county.adcode, "county")
        if not city and not hints.county and "自由贸易试验区" in head and (hints.province, "自由贸易试验区") in self._atlas.words:
            return Found(self._atlas.words[(hints.province, "自由贸易试验区")], "county")
        if hints.county:
            return Found(hints.county, "county")
        return self._without_address(hints, city)

    def _matches(self, head: str, hints: _Hints) -> list[tuple[int, int, Division]]:
        """(start, end, division) of every name in the head of the address inside the province, the longest first, then the earliest."""
        found = [
            (start, end, row)
            for start, end, number in self._automaton.find_overlapping(head)
            for row in self._names[self._patterns[number]]
            if not hints.province or row.adcode[:2] == hints.province[:2]
        ]
        found.sort(key=lambda match: (match[0] - match[1], match[0]))
        return found

    def _county(self, head: str, hints: _Hints, city: str, matches: Sequence[tuple[int, int, Division]]) -> Division | None:
        counties = [match for match in matches if match[2].level == "county"]
        inside = [row for _, _, row in counties if not city or row.adcode[:4] == city[:4]]
        if hints.code is not None and any(row is hints.code for _, _, row in counties):
            return hints.code
        if inside:
            is_clear = city or len({row.adcode for row in inside if row.name == inside[0].name}) == 1
            return inside[0] if is_clear else None
        if city:
            for start, _, row in counties:
                if row.name[-1] in "县市旗" and start <= 3:
                    return row
        return self._bare(head, hints, city)

    def _bare(self, head: str, hints: _Hints, city: str) -> Division | None:
        """A county named without its kind at the front of the address: 浦东杨高南路 → 浦东新区."""
        if not hints.province:
            return None
        text = self._without_front(head, hints, city)
        for size in (4, 3, 2):
            if len(text) > size and text[size] not in _STREET:
                rows = [
                    row
                    for row in self._stems[hints.province[:2]].get(text[:size], ())
                    if row.level == "county" and (not city or row.adcode[:4] == city[:4])
                ]
                if len(rows) == 1:
                    return rows[0]
        return None

    def _without_front(self, head: str, hints: _Hints, city: str) -> str:
        text = head
        for adcode in (hints.province, city):
            row = self._atlas.divisions.get(adcode)
            if row is None:
                continue
            for form in (row.name, divisions.stem(row.name)):
                if text.startswith(form):
                    text = text[len(form) :]
                    break
        return text

    def _without_address(self, hints: _Hints, city: str) -> Found:
        code = hints.code
        agrees = code is not None and self._agrees(hints, city, code.adcode)
        if code is not None and code.level == "county" and agrees:
            return Found(code.adcode, "code")
        if hints.zone_inside and self._agrees(hints, city, hints.zone_inside):
            return Found(hints.zone_inside, "zone")
        if city:
            return Found(city, "city")
        if code is not None and agrees and code.level == "city":
            return Found(code.adcode, "code")
        return Found(hints.province, "city" if hints.province[:2] in MUNICIPALITIES else "none")

    @staticmethod
    def _agrees(hints: _Hints, city: str, adcode: str) -> bool:
        """Whether a code's division does not contradict the texts; a county that has changed hands agrees with its former city too."""
        if city:
            return city[:4] in (adcode[:4], hints.code_district[:4])
        return not hints.province or adcode[:2] == hints.province[:2]


def locate(firms: pl.DataFrame, atlas: Atlas) -> pl.DataFrame:
    """Columns `adcode, located_by, lon, lat` beside `firms` (province, city, address, district, registered_on, lon, lat).

    Why: addresses are cut to the part that can name a division and answered once per distinct combination.
    """
    locator = Locator(atlas)
    keys = ["province", "city", "district", "year", "head"]
    table = firms.select(
        pl.col("province").fill_null(""),
        pl.col("city").fill_null(""),
        pl.col("district"),
        pl.when(pl.col("district").is_in(_reused(atlas))).then(pl.col("registered_on").dt.year()).otherwise(None).alias("year"),
        _head(pl.col("address")).alias("head"),
    )
    distinct = table.unique(keys, maintain_order=True)
    found = [
        locator.find(head, locator.hints(province, city, district, year)) for province, city, district, year, head in distinct.iter_rows()
    ]
    answers = distinct.with_columns(
        pl.Series("adcode", [row.adcode for row in found], dtype=pl.String),
        pl.Series("located_by", [row.located_by for row in found], dtype=pl.String),
    )
    seats = pl.DataFrame(
        [(row.adcode, row.lon, row.lat) for row in atlas.divisions.values() if row.level != "province" or row.adcode[:2] in MUNICIPALITIES],
        schema={"adcode": pl.String, "seat_lon": pl.Float64, "seat_lat": pl.Float64},
        orient="row",
    )
    placed = table.join(answers, on=keys, how="left", maintain_order="left", nulls_equal=True).join(
        seats, on="adcode", how="left", maintain_order="left"
    )
    is_point = firms["lon"].is_not_null() & firms["lat"].is_not_null()
    is_seated = pl.col("located_by") != "none"
    return placed.with_columns(is_point=is_point, lon=firms["lon"], lat=firms["lat"]).select(
        "adcode",
        located_by=pl.when("is_point").then(pl.lit("point")).otherwise("located_by"),
        lon=pl.when("is_point").then("lon").when(is_seated).then("seat_lon").otherwise(None),
        lat=pl.when("is_point").then("lat").when(is_seated).then("seat_lat").otherwise(None),
    )


def _reused(atlas: Atlas) -> list[str]:
    """Codes that meant one division before a date and another since."""
    return [code for code, change in atlas.changes.items() if code in atlas.divisions and change.changed_on]


def _head(address: pl.Expr) -> pl.Expr:
    """The part of an address that can name a division: up to the last 县 区 市 旗 in its first characters, else its first few."""
    plain = address.fill_null("").str.normalize("NFKC").str.replace_all(r"\s", "")
    named = plain.str.extract(f"^(.{{1,{HEAD_CHARACTERS - 1}}}[县区市旗盟])", 1)
    return named.fill_null(plain.str.slice(0, BARE_CHARACTERS))
