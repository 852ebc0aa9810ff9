"""Points drawn true to scale on a plain ground: no tiles, no outline of a country; the same figures stand as a table below.

Why: an equirectangular drawing round its middle is true to scale within a few hundred kilometres, and it needs no script, no other host
and no map licence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wutong.engine.places import KM_PER_DEGREE

SIDE = 1000.0
MARGIN = 70.0
LARGEST_DOT, SMALLEST_DOT = 34.0, 9.0
MOST_LABELS = 14
LABEL_WIDTH, LABEL_HEIGHT = 34.0, 34.0  # of one Chinese character of the labels, as a phone shows them
LEAST_SPAN_KM = 60.0
MOST_RINGS = 5
STEPS_KM = (25, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Spot:
    """What is to be drawn at a place. `makers`: how large; `address`: the records behind it; `tone`: a class of the style sheet."""

    lon: float
    lat: float
    name: str
    makers: int
    address: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A spot on the drawing, in its own grid."""

    left_points: str
    top_points: str
    radius_points: str
    spot: Spot
    label: str = ""
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle round the middle, with its radius in words."""

    radius_km: float
    radius_points: str
    top_points: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing. `middle`: the site, None where there is none; `km_per_point`, `lon`, `lat` turn a click back into a place."""

    dots: tuple[Dot, ...]
    rings: tuple[Ring, ...]
    signs: tuple[Dot, ...]
    middle: Dot | None
    lon: float
    lat: float
    km_per_point: float

    @property
    def degrees_per_point(self) -> tuple[str, str]:
        """Longitude and latitude that one point of the grid stands for."""
        per_lat = self.km_per_point / KM_PER_DEGREE
        return f"{per_lat / max(math.cos(math.radians(self.lat)), 0.01):.8f}", f"{per_lat:.8f}"


@dataclass(frozen=True, slots=True)
class _Paper:
    """The middle of the sheet and how many kilometres a point of its grid stands for."""

    lon: float
    lat: float
    km_per_point: float

    def place(self, spot: Spot, radius: float) -> Dot:
        """A spot on the sheet."""
        left = SIDE / 2 + (spot.lon - self.lon) * math.cos(math.radians(self.lat)) * KM_PER_DEGREE / self.km_per_point
        top = SIDE / 2 - (spot.lat - self.lat) * KM_PER_DEGREE / self.km_per_point
        return Dot(f"{left:.1f}", f"{top:.1f}", f"{radius:.1f}", spot)


def circle(middle: Spot, radius_km: float, spots: Sequence[Spot], signs: Iterable[Spot] = ()) -> Drawing:
    """A circle with its spots inside; rings at a half and the whole radius."""
    paper = _Paper(middle.lon, middle.lat, radius_km / (SIDE / 2 - MARGIN))
    return _drawn(paper, middle, (radius_km / 2, radius_km), spots, signs)


def field(spots: Sequence[Spot], middle: Spot | None, signs: Iterable[Spot] = ()) -> Drawing | None:
    """All spots and the middle of a trip, as large as the paper takes; None where there is nothing to draw."""
    all_spots = [*spots, *([middle] if middle else [])]
    if not spots:
        return None
    west, east = min(s.lon for s in all_spots), max(s.lon for s in all_spots)
    south, north = min(s.lat for s in all_spots), max(s.lat for s in all_spots)
    lat = (south + north) / 2
    wide_km = max((east - west) * math.cos(math.radians(lat)) * KM_PER_DEGREE, (north - south) * KM_PER_DEGREE, LEAST_SPAN_KM)
    paper = _Paper((west + east) / 2, lat, wide_km / (SIDE - 2 * MARGIN))
    step = next((km for km in STEPS_KM if km * MOST_RINGS >= wide_km), STEPS_KM[-1])
    return _drawn(paper, middle, tuple(float(step * n) for n in range(1, MOST_RINGS + 1)), spots, signs)


def _drawn(paper: _Paper, middle: Spot | None, rings_km: tuple[float, ...], spots: Sequence[Spot], signs: Iterable[Spot]) -> Drawing:
    most = max((spot.makers for spot in spots), default=1) or 1
    ordered = sorted(spots, key=lambda spot: (-spot.makers, spot.name))
    dots = [paper.place(spot, SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * math.sqrt(spot.makers / most)) for spot in ordered]
    centre = paper.place(middle, 8.0) if middle else None
    free = tuple(sign for sign in (paper.place(sign, 0) for sign in signs) if not any(_touch(sign, dot) for dot in dots))
    return Drawing(
        tuple(_labelled(dots)), tuple(_rings(centre, rings_km, paper.km_per_point)), free,
        centre, paper.lon, paper.lat, paper.km_per_point,
    )  # fmt: skip


def _touch(sign: Dot, dot: Dot) -> bool:
    """Whether a name would lie under a dot."""
    left, top = (abs(float(getattr(sign, at)) - float(getattr(dot, at))) for at in ("left_points", "top_points"))
    return left < 2 * LABEL_WIDTH and top < LABEL_HEIGHT


def _rings(centre: Dot | None, rings_km: tuple[float, ...], scale: float) -> Iterable[Ring]:
    for km in rings_km if centre else ():
        radius = km / scale
        yield Ring(km, f"{radius:.1f}", f"{float(centre.top_points) - radius:.1f}" if centre else "0")


def _labelled(dots: Sequence[Dot]) -> Iterable[Dot]:
    """The largest spots bear their names, at the right or else the left, unless the name would lie on another one."""
    taken: list[tuple[float, float, float, float]] = []
    for dot in dots:
        left, top, radius = float(dot.left_points), float(dot.top_points), float(dot.radius_points)
        wide = LABEL_WIDTH * (len(dot.spot.name) + len(str(dot.spot.makers)) / 2)
        sides = ((False, left + radius), (True, left - radius - wide))
        boxes = [(is_left, (begin, top - LABEL_HEIGHT / 2, begin + wide, top + LABEL_HEIGHT / 2)) for is_left, begin in sides]
        fits = next(((is_left, box) for is_left, box in boxes if _is_free(box, taken)), None)
        if len(taken) < MOST_LABELS and fits:
            taken.append(fits[1])
            yield Dot(dot.left_points, dot.top_points, dot.radius_points, dot.spot, dot.spot.name, fits[0])
        else:
            yield dot


def _is_free(box: tuple[float, float, float, float], taken: Iterable[tuple[float, float, float, float]]) -> bool:
    """Whether a name would stand on the sheet and on no other name."""
    is_inside = box[0] >= 0 and box[2] <= SIDE
    return is_inside and all(box[2] < b[0] or box[0] > b[2] or box[3] < b[1] or box[1] > b[3] for b in taken)
