"""Titles of columns and words in Chinese and English, and which of them a file means."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from gis.errors import NotFoundError
from gis.profiles import load
from gis.schema import Column, schema

# Columns of tables that say where a row is; a layer without geometry has none.
POSITION = ("lon", "lat", "wkt")

_REQUIRED_MARK = re.compile(r"\(\*\)|\*|\(必填\)")
_GAPS = re.compile(r"[\s_\-\u200b\ufeff]+")


@dataclass(frozen=True)
class ColumnTitle:
    """What one column of a layer is called, and what to fill in.

    Parameters
    ----------
    name
        Name of the column, such as "height_m"; or "lon", "lat" or "wkt".
    zh, en
        Title in Chinese and in English.
    note_zh, note_en
        What to fill in: meaning, unit, example.
    aliases
        Other heads under which files have it.
    """

    name: str
    zh: str
    en: str
    note_zh: str
    note_en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Title:
    """What something is called in Chinese and in English."""

    zh: str
    en: str


def layer_title(layer: str) -> Title:
    """Return what a layer is called.

    Raises
    ------
    NotFoundError
        If there is no such layer.

    Examples
    --------
    >>> layer_title("cameras")
    Title(zh='摄像机', en='Cameras')
    """
    table = load("columns")[schema(layer).name]
    return Title(table["zh"], table["en"])


@cache
def titles(layer: str) -> Mapping[str, ColumnTitle]:
    """Return the titles of the columns of a layer, by name.

    Parameters
    ----------
    layer
        Name of the layer.

    Returns
    -------
    Mapping
        The columns of the schema in their order, then, for a layer with geometry, `lon`, `lat`
        (degrees) and `wkt`.

    Raises
    ------
    NotFoundError
        If there is no such layer.

    Examples
    --------
    >>> titles("cameras")["height_m"].zh
    '安装高度（米）'
    """
    known = schema(layer)
    places = () if known.geometry == "table" else POSITION
    tables = {name: load("columns")[layer]["columns"][name] for name in known.by_name}
    tables |= {name: load("columns")["position"]["columns"][name] for name in places}
    return MappingProxyType(
        {
            name: ColumnTitle(name, **{**table, "aliases": tuple(table["aliases"])})
            for name, table in tables.items()
        }
    )


def column_named(layer: str, head: str) -> str | None:
    """Return the column that a head of a file means, or None if no column is called so.

    Width, case, blanks, line breaks, "_" and the mark of a required column do not matter.

    Parameters
    ----------
    layer
        Name of the layer.
    head
        Head of a column, as a file has it: name, title in either language, or alias.

    Raises
    ------
    NotFoundError
        If there is no such layer.

    Examples
    --------
    >>> column_named("cameras", "安装高度 (米)（*）"), column_named("cameras", "AZGD")
    ('height_m', 'height_m')
    >>> column_named("cameras", "颜色") is None
    True
    """
    return _heads(layer).get(plain_head(head))


def word_named(vocabulary: str, text: str) -> str | None:
    """Return the word of a vocabulary that a text means, or None if it means none.

    Parameters
    ----------
    vocabulary
        Name of a vocabulary of `data/profiles/kinds.toml`, such as "camera_status".
    text
        The word itself, or what it is called in Chinese or English; width, case, blanks and "_"
        do not matter.

    Raises
    ------
    NotFoundError
        If there is no such vocabulary.

    Examples
    --------
    >>> word_named("camera_status", "维修"), word_named("camera_status", "In use")
    ('repair', 'in_use')
    """
    return _spellings(vocabulary).get(plain_head(text))


@cache
def word_titles(vocabulary: str) -> Mapping[str, Title]:
    """Return what the words of a vocabulary are called, in their order.

    Raises
    ------
    NotFoundError
        If there is no such vocabulary.

    Examples
    --------
    >>> word_titles("mode")["ebike"].zh
    '电动自行车'
    """
    words = load("kinds").get(vocabulary)
    if words is None:
        msg = f"no vocabulary {vocabulary!r}; there are: {', '.join(load('kinds'))}"
        raise NotFoundError(msg)
    table = load("words")[vocabulary]
    return MappingProxyType({word: Title(table[word]["zh"], table[word]["en"]) for word in words})


def chinese_words(vocabulary: str, text: str) -> tuple[list[str], list[str]]:
    """Return what words of a vocabulary that are like a Chinese text are called, and what all are.

    A word is like a text if one holds the other, or half of their characters are the same.

    Raises
    ------
    NotFoundError
        If there is no such vocabulary.

    Examples
    --------
    >>> chinese_words("camera_status", "维修了")
    (['维修'], ['在用', '维修', '已拆除'])
    """
    called = {word: title.zh for word, title in word_titles(vocabulary).items()}
    spelled = {
        word: [zh, *load("words")[vocabulary][word].get("also", ())] for word, zh in called.items()
    }
    near = [
        called[word]
        for word, texts in spelled.items()
        if any(text in one or one in text for one in texts)
        or difflib.get_close_matches(text, texts, n=1, cutoff=0.5)
    ]
    return near, list(called.values())


def vocabulary_of(column: Column) -> str | None:
    """Return the name of the vocabulary of a "word" column, or None for other columns.

    Examples
    --------
    >>> vocabulary_of(schema("cameras").by_name["status"])
    'camera_status'
    """
    if not column.words:
        return None
    named = (name for name, words in load("kinds").items() if tuple(words) == column.words)
    return next(named, None)


def plain_head(text: str) -> str:
    r"""Return a head or word as it is compared: NFKC, lower case, no blanks, "_" or marks.

    Examples
    --------
    >>> plain_head("Mounting\n Height（*）")
    'mountingheight'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _GAPS.sub("", _REQUIRED_MARK.sub("", plain))


@cache
def _heads(layer: str) -> Mapping[str, str]:
    """Return the columns of a layer by every head that means them; a name before an alias."""
    found: dict[str, str] = {}
    columns = titles(layer).values()
    for column in columns:
        found[plain_head(column.name)] = column.name
    for column in columns:
        for head in (column.zh, column.en, *column.aliases):
            found.setdefault(plain_head(head), column.name)
    return found


@cache
def _spellings(vocabulary: str) -> Mapping[str, str]:
    found = {plain_head(word): word for word in word_titles(vocabulary)}
    for word, table in load("words")[vocabulary].items():
        for text in (table["zh"], table["en"], *table.get("also", ())):
            found.setdefault(plain_head(text), word)
    return found
