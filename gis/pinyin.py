"""How characters are read: pinyin as it is typed, without tones."""

from __future__ import annotations

import unicodedata
from functools import cache

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
    # Imported here: it takes a third of a second, and who asks for latin names needs it not.
    from pypinyin.pinyin_dict import pinyin_dict

    toned = pinyin_dict.get(ord(sign), "")
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


def _typed(reading: str) -> list[str]:
    """Return what is typed for a reading with tone marks: one word, or two for ü."""
    apart = unicodedata.normalize("NFD", reading)
    with_v = apart.replace(f"u{_UMLAUT}", "v")
    words = [
        "".join(sign for sign in word if sign.isascii() and sign.isalpha())
        for word in ([with_v, apart] if with_v != apart else [apart])
    ]
    return [word for word in words if word]
