"""Interface text: find every string that is marked for translation, and keep the catalogues in step.

`python tests/messages.py` adds what is new to each room's catalogue (with an empty translation, which a test refuses) and drops what is
gone.
A catalogue stands in `locale/zh_Hans/LC_MESSAGES/django.po` of its room; text of `lib`, settings and shared templates in `web/locale`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).resolve().parents[1] / "src" / "wutong" / "web"
LOCALE = "zh_Hans"
# Where the message stands among the arguments: context first where there is one.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = r"""msgid ""
msgstr ""
"Language: zh_Hans\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""
Key = tuple[str, str]  # context, msgid


def rooms() -> dict[str, list[Path]]:
    """Room → its folders; "" is what belongs to no room."""
    found = {"": [WEB / "lib", WEB / "templates"]}
    for folder in sorted(WEB.iterdir()):
        if (folder / "__init__.py").exists() and folder.name != "lib":
            found[folder.name] = [folder]
    return found


def catalogue_path(room: str) -> Path:
    """The catalogue of a room."""
    return WEB / room / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def sources(room: str) -> Iterator[Path]:
    """The Python files and templates of a room."""
    for folder in rooms()[room]:
        yield from (
            path for path in sorted(folder.rglob("*")) if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts
        )
    if room == "":
        yield from sorted(WEB.glob("*.py"))


def extract(path: Path) -> Iterator[tuple[Key, str]]:
    """(context, msgid) and the plural form ("" if none) of every marked string of a file."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        from django.utils.translation.template import templatize

        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    for _line, function, message, _comments in extract_python(BytesIO(text.encode()), list(KEYWORDS), [], {"encoding": "utf-8"}):
        parts = [message] if isinstance(message, str) else [part for part in message if part is not None]
        context = parts.pop(0) if "pgettext" in function else ""
        if parts and parts[0]:
            yield (context, parts[0]), parts[1] if "ngettext" in function or "npgettext" in function else ""


def wanted(room: str) -> dict[Key, str]:
    """Every string of a room, with its plural form."""
    return {key: plural for path in sources(room) for key, plural in extract(path)}


def catalogue(room: str) -> Catalog:
    """What the room's catalogue holds; empty where there is none."""
    path = catalogue_path(room)
    if not path.exists():
        return Catalog(locale=LOCALE, domain="django")
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, domain="django", abort_invalid=True)


def entries(found: Catalog) -> dict[Key, Message]:
    """The messages of a catalogue, its header left out."""
    return {(m.context or "", m.id if isinstance(m.id, str) else m.id[0]): m for m in found if m.id}


def update(room: str) -> int:
    """Bring a room's catalogue in step; returns how many strings are not translated yet."""
    strings = wanted(room)
    if not strings:
        return 0
    known = entries(catalogue(room))
    new = Catalog(locale=LOCALE, domain="django", project="Wutong", version="1", fuzzy=False)
    for key in sorted(strings, key=lambda key: (key[1], key[0])):
        msgid = (key[1], strings[key]) if strings[key] else key[1]
        new.add(msgid, string=known[key].string if key in known else "", context=key[0] or None)
    path = catalogue_path(room)
    path.parent.mkdir(parents=True, exist_ok=True)
    with BytesIO() as buffer:
        write_po(buffer, new, omit_header=True, no_location=True, width=0)
        path.write_bytes(HEADER.encode() + buffer.getvalue())
    return sum(not message.string or message.string == ("",) for message in entries(catalogue(room)).values())


def compile_stale(folder: Path = WEB) -> int:
    """Compile every catalogue that is newer than its .mo, as `make setup` does; returns how many were.

    Why: several workers do this at the same time, and one must never read what another has half written.
    """
    stale = [path for path in folder.rglob("LC_MESSAGES/*.po") if _is_stale(path, path.with_suffix(".mo"))]
    for path in stale:
        with path.open("rb") as source:
            found = read_po(source)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".mo", delete=False) as made:
            write_mo(made, found)
        Path(made.name).chmod(0o644)
        Path(made.name).replace(path.with_suffix(".mo"))
    return len(stale)


def _is_stale(source: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


if __name__ == "__main__":
    for name in rooms():
        print(f"{name or 'shared'}: {update(name)} untranslated")  # noqa: T201
