"""Plates for patrol points: a QR code, a large number, the name; A6 or A5, cut from A4."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from gis.errors import FormatError
from gis.profiles import load
from maps.patrol_card_words import said
from maps.patrol_sheet import qr_svg
from maps.patrol_sheet_pdf import write_pdf
from maps.words import Lang
from planner.checkin_code import ALPHABET

PlateSize = Literal["a6", "a5"]
MARK = "FQ1"


@dataclass(frozen=True)
class PlateFace:
    """What a plate shows: the point, which plate of it, its large number, name and landmark."""

    point: str
    serial: int
    number: str
    name: str
    landmark: str

    def summary(self) -> str:
        """Return one line: code, serial and name."""
        return f"{self.point} #{self.serial} {self.name}"


@dataclass(frozen=True)
class PlateRead:
    """What the QR code of a plate says."""

    town: str
    point: str
    serial: int


def plate_text(town: str, point: str, serial: int, url: str | None = None) -> str:
    """Return what the QR code of a plate holds.

    Parameters
    ----------
    town, point, serial
        Name of the town, code of the point, number of the plate at this point.
    url
        Address to put in front, so that a phone opens it; None for the text alone.

    Examples
    --------
    >>> plate_text("枫桥", "X001", 2)
    'FQ1|枫桥|X001|2|1H'
    >>> plate_text("Vale", "X 1", 2, url="https://example.org/p")
    'https://example.org/p#FQ1%7CVale%7CX%201%7C2%7CH6'
    """
    plain = "|".join([MARK, *(part.replace("|", "/") for part in (town, point)), str(serial)])
    text = f"{plain}|{_check(plain)}"
    return text if url is None else f"{url}#{quote(text, safe='')}"


def read_plate(text: str) -> PlateRead:
    """Return what a scanned text says.

    Raises
    ------
    FormatError
        If it is not the text of a plate, or not all of it.

    Examples
    --------
    >>> read_plate("FQ1|枫桥|X001|2|1H")
    PlateRead(town='枫桥', point='X001', serial=2)
    """
    plain = unquote(text.rsplit("#", 1)[-1]) if "://" in text else text
    parts = plain.strip().split("|")
    if len(parts) != 5 or parts[0] != MARK or not re.fullmatch(r"[0-9]{1,9}", parts[3]):
        msg = f"this is not the code of a plate: {text[:80]!r}"
        raise FormatError(msg)
    if _check("|".join(parts[:4])) != parts[4]:
        msg = f"the code of this plate is damaged: {text[:80]!r}"
        raise FormatError(msg)
    return PlateRead(parts[1], parts[2], int(parts[3]))


def plate_numbers(codes: Sequence[str]) -> dict[str, str]:
    """Return the large number of each point: the last digits of its code where they tell it.

    Examples
    --------
    >>> plate_numbers(["X001", "X017"]), plate_numbers(["A1", "B1"])
    ({'X001': '1', 'X017': '17'}, {'A1': 'A1', 'B1': 'B1'})
    """
    found = {code: re.search(r"([0-9]+)$", code) for code in codes}
    short = {
        code: (match[1].lstrip("0") or "0") if match else code for code, match in found.items()
    }
    alone = len(set(short.values())) == len(short)
    return short if alone else {code: code for code in codes}


def write_plates(path: Path, faces: Sequence[PlateFace], town: str, **look: Any) -> None:
    """Write plates as a PDF of A4 sheets; see `plates_html` for the rest.

    Raises
    ------
    DependencyError
        If the machine lacks Pango.
    """
    write_pdf(path, plates_html(faces, town, **look))


def plates_html(
    faces: Sequence[PlateFace],
    town: str,
    *,
    size: PlateSize = "a6",
    lang: Lang = "zh",
    made_up: bool = False,
    url: str | None = None,
) -> str:
    """Return the page that the PDF of plates is made from.

    Parameters
    ----------
    faces
        The plates.
    town
        Its name, on each plate.
    size
        "a6" puts four on a sheet, "a5" two.
    lang
        Language of the words.
    made_up
        Whether the points are made-up data: each plate then says so.
    url
        Address in front of what the QR code says.
    """
    shape: Mapping[str, int] = load("publish")["plates"][size]
    a_sheet = shape["across"] * shape["down"]
    css = (resources.files("maps") / "templates" / "patrol_plates.css").read_text(encoding="utf-8")
    fonts = ", ".join(f'"{name}"' for name in load("report")["fonts"]["pages"])
    css = css.replace("FONTS", f"{fonts}, sans-serif")
    plates = [
        {"face": face, "qr": qr_svg(plate_text(town, face.point, face.serial, url))}
        for face in faces
    ]
    return (
        _templates()
        .get_template("patrol_plates.html")
        .render(
            lang=lang,
            size=size,
            town=town,
            made_up=made_up,
            css=Markup(css),
            said=partial(_said, lang),
            sheets=[plates[at : at + a_sheet] for at in range(0, len(plates), a_sheet)],
        )
    )


def _check(text: str) -> str:
    number = zlib.crc32(text.encode()) % 1024
    return ALPHABET[number // 32] + ALPHABET[number % 32]


def _said(lang: Lang, key: str, **values: object) -> str:
    return said(key, lang, **values)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("maps", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
