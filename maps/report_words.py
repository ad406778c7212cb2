"""Words of reports in both languages: `data/profiles/report.toml`, then the pages' catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.profiles import load
from maps.report_model import Said
from maps.words import words


def told(key: str, **values: object) -> Said:
    """Return a text of the table, its holes filled.

    Parameters
    ----------
    key
        A key of `[words]`.
    values
        What fills the holes; a `Said` in each language.

    Examples
    --------
    >>> told("more", n=3)
    Said(zh='另有 3 条，见表格文件', en='3 more in the workbook')
    """
    zh, en = load("report")["words"][key]
    return Said(zh.format(**_in("zh", values)), en.format(**_in("en", values)))


def _in(lang: str, values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: getattr(value, lang) if isinstance(value, Said) else value
        for name, value in values.items()
    }


def term(vocabulary: str, value: Any) -> Said:
    """Return one word of a vocabulary, such as the reason of a gap; blank where it is unknown.

    Examples
    --------
    >>> term("site", "school"), term("reason", "too_coarse").zh
    (Said(zh='学校', en='school'), '画面不够清晰')
    """
    if not isinstance(value, str):
        return Said("", "")
    own = load("report")["terms"].get(vocabulary, {})
    if value in own:
        return Said(*own[value])
    return Said(words("zh").term(vocabulary, value), words("en").term(vocabulary, value))


def sentence(text: str) -> Said:
    """Return what an answer says in English, in both languages as far as they are known."""
    return Said(words("zh").sentence(text), words("en").sentence(text))


def titled(title: Any) -> Said:
    """Return the text of a document that has `zh` and `en`; a plain text is both."""
    if isinstance(title, Mapping):
        zh, en = title.get("zh"), title.get("en")
        return Said(str(zh or en or ""), str(en or zh or ""))
    return Said(str(title or ""), str(title or ""))


def flag(value: Any) -> Said:
    """Return yes, no or unknown."""
    return told("unknown" if value is None else "yes" if value else "no")


def unit_word(unit: str) -> Said:
    """Return the word of a unit of targets, blank where the number says enough.

    Examples
    --------
    >>> unit_word("households"), unit_word("count").zh
    (Said(zh='户', en='households'), '')
    """
    own = load("report")["units"].get(unit)
    if own is not None:
        return Said(own.get("zh", ""), own.get("en", ""))
    table = load("targets")
    words_of = {**table["short"], **table["units"]}
    by_word = {word["zh"]: word for word in words_of.values()}
    word = words_of.get(unit) or by_word.get(unit)
    if word is None or unit == "count":
        return Said("", "")
    return Said(word["zh"], word["en"])
