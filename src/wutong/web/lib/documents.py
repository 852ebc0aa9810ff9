"""Images as people upload them: how large, a small picture, and a copy without what a camera wrote. Nothing of a file is ever run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import IO, Any

from PIL import Image, ImageOps

Image.MAX_IMAGE_PIXELS = None  # rooms say how many, from the size that the head of a file names, before anything is unpacked
SMALL_SIDE = 320
QUALITY = 88
MODES = {"JPEG": ("RGB", "L"), "PNG": ("RGBA", "RGB", "L"), "WEBP": ("RGBA", "RGB")}
_DRAWING = Lock()  # one image at a time, for each takes the memory of its pixels
UNREADABLE = (OSError, ValueError, SyntaxError, EOFError)


def pixels(file: IO[bytes], form: str) -> int | None:
    """How many pixels an image has by its head; None where it is no image of that form after all."""
    file.seek(0)
    try:
        with Image.open(file, formats=(form,)) as image:
            return image.width * image.height
    except UNREADABLE:
        return None


def small(path: Path, form: str) -> bytes | None:
    """A small picture (JPEG) of an image, without anything else that the file holds; None where it cannot be drawn."""
    try:
        with _DRAWING, Image.open(path, formats=(form,)) as image:
            image.draft("RGB", (SMALL_SIDE * 2, SMALL_SIDE * 2))
            image.thumbnail((SMALL_SIDE, SMALL_SIDE))
            ImageOps.exif_transpose(image, in_place=True)
            return _bare(image, "JPEG")
    except UNREADABLE:
        return None


def bare(path: Path, form: str, *, to: str) -> bytes:
    """A copy of an image in a form: its pixels and nothing else, so no place, no camera, no comment. Raises: OSError."""
    with _DRAWING, Image.open(path, formats=(form,)) as image:
        ImageOps.exif_transpose(image, in_place=True)
        return _bare(image, to)


def _bare(image: Any, form: str) -> bytes:
    """What is drawn, as a file of that form. Why no copy of the pixels: of an image of forty million of them each takes 160 MB."""
    plain = image if image.mode in MODES[form] else image.convert(MODES[form][0])
    drawn = Image.Image()
    drawn.im, drawn._mode, drawn._size = plain.im, plain.mode, plain.size  # the pixels and nothing else that the file held
    buffer = BytesIO()
    drawn.save(buffer, form, quality=QUALITY)
    return buffer.getvalue()


# --- what a camera wrote ----------------------------------------------------------------------------------------------------------------
_EXIF, _GPS, _TAKEN, _WRITTEN = 0x8769, 0x8825, 0x9003, 0x0132
_DEGREES = Decimal("0.000001")
FIRST_YEAR = 2000  # a clock that was never set begins earlier


@dataclass(frozen=True, slots=True)
class Camera:
    """When and where a photograph was taken, as the camera wrote it. Units: degrees (WGS 84). None: it wrote nothing, or nonsense."""

    taken_on: dt.date | None = None
    lat: Decimal | None = None
    lon: Decimal | None = None


def camera(file: IO[bytes], form: str) -> Camera:
    """What the camera wrote into an image."""
    file.seek(0)
    try:
        with Image.open(file, formats=(form,)) as image:
            head = image.getexif()
            details, place = head.get_ifd(_EXIF), head.get_ifd(_GPS)
    except UNREADABLE:
        return Camera()
    lat, lon = _angle(place.get(2), place.get(1), 90), _angle(place.get(4), place.get(3), 180)
    is_place = lat is not None and lon is not None and (lat, lon) != (0, 0)
    return Camera(_day(details.get(_TAKEN) or head.get(_WRITTEN)), lat if is_place else None, lon if is_place else None)


def _day(text: Any) -> dt.date | None:
    try:
        found = dt.datetime.strptime(str(text)[:10], "%Y:%m:%d").date()  # noqa: DTZ007 - a camera writes its own day
    except ValueError:
        return None
    return found if found.year >= FIRST_YEAR else None


def _angle(parts: Any, side: Any, most: int) -> Decimal | None:
    """Degrees, minutes and seconds as degrees; south and west are below zero."""
    try:
        degrees, minutes, seconds = (Decimal(str(float(part))) for part in parts)
        found = (degrees + minutes / 60 + seconds / 3600).quantize(_DEGREES)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return None if found > most else -found if str(side).strip("\0").upper() in {"S", "W"} else found
