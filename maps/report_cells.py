"""How a report shows what it says: one rounding for sheets, documents and pages alike.

A sheet holds the number itself and a format of so many decimals; a document and a page hold the
text that the sheet shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from gis.profiles import load
from maps.report_model import Cell, Limit, Mark, Number, Part, ReportLang, Said, Span, Status
from maps.report_words import term, told, unit_word
from maps.units import NONE, THIN

# Between the two languages of a short text, and of one that may break.
BESIDE = " "
BELOW = "\n"


def tell(said: Said, lang: ReportLang, between: str = BESIDE) -> str:
    """Return a text in the languages of a report; alike texts are told once.

    Examples
    --------
    >>> tell(Said("盲区", "gap"), "both"), tell(Said("盲区", "gap"), "en")
    ('盲区 gap', 'gap')
    """
    if lang != "both":
        return said.zh if lang == "zh" else said.en
    parts = [part for part in dict.fromkeys((said.zh, said.en)) if part]
    return between.join(parts)


def joined(texts: Sequence[Said]) -> Said:
    """Return several texts as one.

    Examples
    --------
    >>> joined([Said("甲", "one"), Said("乙", "two")])
    Said(zh='甲；乙', en='one; two')
    """
    return Said("；".join(t.zh for t in texts), "; ".join(t.en for t in texts))


def is_share(unit: str) -> bool:
    """Return whether a unit is shown in per cent."""
    return bool(_about(unit).get("percent", False))


def number_format(value: float, unit: str) -> str:
    """Return the format by which a sheet shows a number of a unit.

    Examples
    --------
    >>> number_format(0.5, "share"), number_format(9.0, "m2"), number_format(3.25, "person")
    ('0.0%', '#,##0', '#,##0.00')
    """
    digits = _decimals(value, unit)
    point = f".{'0' * digits}" if digits else ""
    return f"0{point}%" if is_share(unit) else f"#,##0{point}"


def number_text(value: float | None, unit: str, *, sign: bool = True) -> str:
    r"""Return a number as a report shows it, halves rounded up as sheets do.

    Parameters
    ----------
    value
        The number, None where it is not known.
    unit
        Its unit; one that the table does not know is shown with two decimals at most.
    sign
        Whether a share carries its per cent sign.

    Examples
    --------
    >>> number_text(0.7625, "share"), number_text(1234.5, "m2"), number_text(None, "m")
    ('76.3\u202f%', '1,235', '–')
    >>> number_text(4.0, "person"), number_text(4.333, "person")
    ('4', '4.33')
    """
    if value is None:
        return NONE
    text = f"{_rounded(value, unit):,f}"
    return f"{text}{THIN}%" if is_share(unit) and sign else text


@cache
def _about(unit: str) -> Mapping[str, Any]:
    table = load("report")["units"]
    return MappingProxyType(table.get(unit, table["other"]))


def _decimals(value: float, unit: str) -> int:
    """Return how many decimals a number is shown with."""
    about = _about(unit)
    if not about.get("at_most"):
        return int(about["digits"])
    exponent = _rounded(value, unit).as_tuple().exponent
    return max(-int(exponent), 0)


def _rounded(value: float, unit: str) -> Decimal:
    """Return a number, a share in per cent, to the decimals of its unit."""
    about = _about(unit)
    exact = Decimal(repr(float(value))) * (100 if is_share(unit) else 1)
    rounded = exact.quantize(Decimal(1).scaleb(-about["digits"]), ROUND_HALF_UP)
    if about.get("at_most"):
        whole = rounded.to_integral_value()
        rounded = whole if rounded == whole else rounded.normalize()
    return rounded or abs(rounded)  # never -0


def doubt_text(span: Span) -> str:
    """Return what a number is at least and at most, or "" where both look alike.

    Examples
    --------
    >>> doubt_text(Span(0.76, 0.71, 0.83)), doubt_text(Span(0.5, 0.5, 0.5))
    ('(71.0–83.0)', '')
    """
    if span.low is None or span.high is None:
        return ""
    low, high = (number_text(end, span.unit, sign=False) for end in (span.low, span.high))
    return "" if low == high else f"({low}–{high})"


def cell_text(cell: Cell, lang: ReportLang) -> str:
    r"""Return a cell as documents and pages show it.

    Examples
    --------
    >>> cell_text(Span(0.76, 0.71, 0.83), "zh"), cell_text(Part(19, 25), "zh")
    ('76.0\u202f% (71.0–83.0)', '19 / 25')
    >>> cell_text(Status("not_met"), "both")
    '▲ 未达标 not met'
    """
    if isinstance(cell, Said):
        return tell(cell, lang)
    if isinstance(cell, Number):
        return f"{number_text(cell.value, cell.unit)}{unit_text(cell.value, cell.unit, lang)}"
    if isinstance(cell, Span):
        value = f"{number_text(cell.value, cell.unit)} {doubt_text(cell)}".strip()
        return f"{value}{unit_text(cell.value, cell.unit, lang)}"
    if isinstance(cell, Part):
        return f"{_part_text(cell, lang)}{unit_text(cell.whole, cell.unit, lang)}"
    if isinstance(cell, Status):
        return status_text(cell, lang)
    if isinstance(cell, Limit):
        return limit_text(cell, lang)
    if isinstance(cell, Mark):
        return mark_text(cell, lang)
    return cell or ""


def _part_text(cell: Part, lang: ReportLang) -> str:
    if cell.whole is None and cell.part is None:
        return ""
    whole = number_text(cell.whole, cell.unit)
    if cell.part is None:
        return (
            ""
            if not cell.whole
            else tell(told("of_whole", n=whole), "zh" if lang == "both" else lang)
        )
    return f"{number_text(cell.part, cell.unit)} / {whole}"


def unit_text(value: float | str | None, unit: str, lang: ReportLang) -> str:
    r"""Return the word of a unit with the space before it; "" where it needs none.

    Examples
    --------
    >>> unit_text(2, "person", "zh"), unit_text(2, "share", "zh")
    ('\u202f人', '')
    """
    word = "" if value is None or isinstance(value, str) else tell(unit_word(unit), lang)
    return f"{THIN}{word}" if word else ""


def limit_text(cell: Limit, lang: ReportLang) -> str:
    r"""Return what a target asks for.

    Examples
    --------
    >>> limit_text(Limit(">=", 0.8), "zh"), limit_text(Limit("by", "2024-08-31"), "zh")
    ('≥ 80.0\u202f%', '≤ 2024-08-31')
    """
    if cell.value is None:
        return NONE
    sign = load("report")["operators"].get(cell.op, cell.op)
    text = cell.value if isinstance(cell.value, str) else number_text(cell.value, cell.unit)
    return f"{sign} {text}{unit_text(cell.value, cell.unit, lang)}"


def mark_text(cell: Mark, lang: ReportLang) -> str:
    r"""Return a status by its shape, with its number, trend and how many places fail.

    Examples
    --------
    >>> mark_text(Mark("not_met", Number(0.9, "share"), "worse", 2), "zh")
    '▲ 90.0\u202f% ↘，差 2 处'
    >>> mark_text(Mark("met", Number(None)), "zh"), mark_text(Mark(None, Number(None)), "zh")
    ('●', '')
    """
    if cell.status is None:
        return ""
    number = cell.value.value
    value = "" if number is None else cell_text(cell.value, lang)
    trend = tell(term("trend_sign", cell.trend), lang)
    one: ReportLang = "zh" if lang == "both" else lang  # a matrix has no room for both
    text = " ".join(part for part in (status_shape(cell.status), value, trend) if part)
    return f"{text}{tell(told('lack_of', n=cell.lacks), one)}" if cell.lacks else text


def status_text(cell: Status, lang: ReportLang) -> str:
    """Return a status with its shape and its word."""
    if cell.status is None:
        return ""
    return f"{status_shape(cell.status)} {tell(status_word(cell.status), lang)}"


def status_shape(status: str | None) -> str:
    """Return the shape that stands for a status.

    Examples
    --------
    >>> [status_shape(s) for s in ("met", "not_met", "cannot_tell", "report_only", None)]
    ['●', '▲', '□', '◇', '']
    """
    return "" if status is None else str(load("report")["status"][status]["shape"])


def status_word(status: str) -> Said:
    """Return the word of a status."""
    word = load("report")["status"][status]
    return Said(word["zh"], word["en"])
