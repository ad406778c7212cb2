"""How characters are read: pinyin as it is typed, without tones."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from gis.errors import DependencyError
from gis.profiles import load

# What a keyboard gives for the umlaut of 绿; many type u instead.
_UMLAUT = "\N{COMBINING DIAERESIS}"


@cache
def readings(sign: str) -> tuple[str, ...]:
    """Return the ways one character is read, the usual one first.

    Readings come from `data/profiles/places.toml`, else from the dictionary of the package
    pypinyin. A letter or digit reads as itself; ü is read as v and as u.

    Parameters
    ----------
    sign
        One character in lower case.

    Returns
    -------
    tuple of str
        Lower-case letters; none where nothing is known.

    Examples
    --------
    >>> readings("海"), readings("长"), readings("绿"), readings("7")
    (('hai',), ('zhang', 'chang'), ('lv', 'lu'), ('7',))
    """
    if sign.isascii():
        return (sign,)
    own = load("places")["readings"].get(sign)
    if own is not None:
        return tuple(own)
    toned = _dictionary().get(str(ord(sign)), "")
    plain = [typed for reading in toned.split(",") for typed in _typed(reading)]
    return tuple(dict.fromkeys(plain))


def initials(text: str) -> str:
    """Return the first letter of each character, by its usual reading.

    Examples
    --------
    >>> initials("海东路12号")
    'hdl12h'
    """
    return "".join(readings(sign)[0][0] if readings(sign) else sign for sign in text)


def as_heard(text: str) -> str:
    """Return text with each character as its usual reading.

    Examples
    --------
    >>> as_heard("海冻路12号")
    'haidonglu12hao'
    """
    return "".join(next(iter(readings(sign)), sign) for sign in text)


@cache
def _dictionary() -> dict[str, str]:
    """Return the readings of each character, by its number.

    Read from the package's file: to import the package takes a second, for phrases we do not need.
    """
    package = find_spec("pypinyin")
    if package is None or package.origin is None:
        msg = "the package pypinyin is not installed: it holds how characters are read"
        raise DependencyError(msg)
    text = Path(package.origin).with_name("pinyin_dict.json").read_text("utf-8")
    known: dict[str, str] = json.loads(text)
    return known


def _typed(reading: str) -> list[str]:
    """Return what is typed for a reading with tone marks: one word, or two for ü."""
    apart = unicodedata.normalize("NFD", reading)
    with_v = apart.replace(f"u{_UMLAUT}", "v")
    words = [
        "".join(sign for sign in word if sign.isascii() and sign.isalpha())
        for word in ([with_v, apart] if with_v != apart else [apart])
    ]
    return [word for word in words if word]
