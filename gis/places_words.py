"""Words as they are compared: names and questions in one plain form."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from gis.errors import ParameterError
from gis.profiles import load

Alternative = tuple[str, ...]

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return text without accents, case and width; blanks and punctuation stay.

    Examples
    --------
    >>> fold("Ｍain Straße １２号, Töölö")
    'main strasse 12号, toolo'
    """
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()


def plain(text: str) -> str:
    """Return the letters and digits of text alone, folded.

    Examples
    --------
    >>> plain("海东路 / Main Street"), plain("way/123")
    ('海东路mainstreet', 'way123')
    """
    return "".join(_WORD.findall(fold(text)))


def in_digits(text: str) -> str:
    """Return text with its Chinese numerals as digits.

    A number that begins with a hundred or a thousand is left alone: it mostly is no number
    (百沥村, 千秋路).

    Examples
    --------
    >>> [in_digits(t) for t in ("十二号", "一百零五弄", "二〇一室", "四联村", "百沥村", "二十")]
    ['12号', '105弄', '201室', '4联村', '百沥村', '20']
    """
    return _numeral().sub(lambda found: _number(found[0]), text)


def variants(word: str) -> tuple[str, ...]:
    """Return a word, and its form in digits where that is another."""
    return tuple(dict.fromkeys((word, in_digits(word))))


def read_question(text: str) -> tuple[Alternative, ...]:
    """Return the ways to read a question: lists of words that must all be there.

    Parameters
    ----------
    text
        What was typed.

    Returns
    -------
    tuple
        The whole as one word; its words, if there are several; the two roads of a junction,
        if it names one.

    Raises
    ------
    ParameterError
        If there is no letter or digit, or far too many.

    Examples
    --------
    >>> read_question("海东路 12号")
    (('海东路12号',), ('海东路', '12号'))
    >>> read_question("海东路与长宁路口")
    (('海东路与长宁路口',), ('海东路', '长宁路'))
    """
    table = load("places")["words"]
    folded = fold(text)
    words = tuple(_WORD.findall(folded))
    for number, what in ((len(text), "characters"), (len(words), "words")):
        if number > table[f"most_{what}"]:
            msg = f"{number} {what} to find: give at most {table[f'most_{what}']}"
            raise ParameterError(msg)
    if not words:
        msg = f"nothing to find in {text!r}: give a name, its pinyin or initials, or a code"
        raise ParameterError(msg)
    roads = _roads(folded)
    return tuple(dict.fromkeys((("".join(words),), words, roads or words)))


def _roads(folded: str) -> Alternative:
    """Return the words of a question with the words that join roads taken out."""
    after, joining_words = _joints()
    words = _WORD.findall(after.sub(r"\1 ", folded))
    return tuple(word for word in words if word not in joining_words)


@cache
def _joints() -> tuple[re.Pattern[str], frozenset[str]]:
    table = load("places")["words"]
    roads, joins, mouths = (
        "|".join(map(re.escape, table[name])) for name in ("road_ends", "joins", "mouths")
    )
    end = r"(?=\W|$)"
    joint = re.compile(rf"(?<=\w)({roads})(?:(?:{mouths}){end}|(?:{mouths})?(?:{joins})(?=\w))")
    return joint, frozenset(table["joining_words"])


@cache
def _values() -> tuple[dict[str, int], dict[str, int]]:
    """Return the value of each numeral below ten, and of each above."""
    table = load("places")["numerals"]
    digits = {sign: value for value, signs in enumerate(table["digits"]) for sign in signs}
    powers = {"tens": 10, "hundreds": 100, "thousands": 1000}
    return digits, {sign: value for name, value in powers.items() for sign in table[name]}


@cache
def _numeral() -> re.Pattern[str]:
    digits, powers = _values()
    tens = "".join(sign for sign, value in powers.items() if value == 10)
    return re.compile(rf"[{''.join(digits)}{tens}][{''.join(digits)}{''.join(powers)}]*")


def _number(numeral: str) -> str:
    digits, powers = _values()
    if not any(sign in powers for sign in numeral):
        return "".join(str(digits[sign]) for sign in numeral)
    total, last = 0, 0
    for sign in numeral:
        if sign in digits:
            last = digits[sign]
        else:
            total += (last or 1) * powers[sign]
            last = 0
    return str(total + last)
