"""WGS-84 → GCJ-02 (国测局坐标): the datum of the division table, of Chinese map tiles and of everything the engine measures."""

from __future__ import annotations

import math

_A = 6378245.0
_EE = 0.00669342162296594323


def from_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """A point of a GPS receiver as GCJ-02. Units: degrees. Source: the public re-implementation of the shift, good to about a metre."""
    x, y = lon - 105.0, lat - 35.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + _waves(x) + _swell(y, 160.0, 320.0, 30.0)
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + _waves(x) + _swell(x, 150.0, 300.0, 30.0)
    sine = math.sin(math.radians(lat))
    magic = 1 - _EE * sine * sine
    root = math.sqrt(magic)
    d_lat = d_lat * 180.0 / ((_A * (1 - _EE)) / (magic * root) * math.pi)
    d_lon = d_lon * 180.0 / (_A / root * math.cos(math.radians(lat)) * math.pi)
    return lon + d_lon, lat + d_lat


def _waves(x: float) -> float:
    return (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0


def _swell(v: float, third: float, thirtieth: float, divisor: float) -> float:
    """The long waves of one axis; `third` and `thirtieth` weigh its slowest two."""
    first = (20.0 * math.sin(v * math.pi) + 40.0 * math.sin(v / 3.0 * math.pi)) * 2.0 / 3.0
    return first + (third * math.sin(v / 12.0 * math.pi) + thirtieth * math.sin(v * math.pi / divisor)) * 2.0 / 3.0
