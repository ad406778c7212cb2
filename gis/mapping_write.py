"""A guessed mapping as a TOML file with comments, for a person to finish."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from gis.columns import ColumnTitle, titles, vocabulary_of, word_titles
from gis.errors import FileMissingError
from gis.mapping_guess import MappingGuess
from gis.schema import schema


def write_mapping(guess: MappingGuess, path: Path | str) -> Path:
    """Write a guessed mapping as TOML; what is open stands in it as comments.

    `gis.mapping.read_mapping` reads it back.

    Parameters
    ----------
    guess
        What `gis.mapping_guess.guess_mapping` found.
    path
        Where to; a file that is there already is not touched.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileMissingError
        If it cannot be written there, or a file is there.
    """
    path = Path(path)
    text = "\n".join([*_head(guess), *_settings(guess), *_columns(guess), *_values(guess), ""])
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        msg = f"{path} is there already: name another file, or take it away"
        raise FileMissingError(msg) from error
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise FileMissingError(msg) from error
    return path


def _head(guess: MappingGuess) -> Iterator[str]:
    yield f"# How to read {Path(guess.source).name} as {guess.layer}. Guessed: look it through."
    yield "# Lines that begin with # are not read."
    if guess.rows:
        yield "#"
        yield "# Its first rows:"
        heads = [c.head for c in guess.columns if c.because != "personal"]
        for row in (heads, *guess.rows):
            yield f"#   {_plain(' | '.join(row))}"
    if guess.personal:
        yield "#"
        yield f"# Dropped, as they tell of persons: {_plain(', '.join(guess.personal))}"
    yield ""


def _settings(guess: MappingGuess) -> Iterator[str]:
    plan = guess.mapping
    if plan.crs is not None:
        yield f"crs = {_quoted(plan.crs)}"
    elif guess.needs_crs:
        yield "# What the coordinates are: wgs84, cgcs2000, gcj02, bd09 or EPSG:<number>."
        yield '# crs = "wgs84"'
    for name, value in (("encoding", plan.encoding), ("sheet", plan.sheet)):
        if value is not None:
            yield f"{name} = {_quoted(value)}"
    if plan.header_row is not None:
        yield f"header_row = {plan.header_row}"
    yield f"ignore = [{', '.join(map(_quoted, plan.ignore))}]"
    yield ""


def _columns(guess: MappingGuess) -> Iterator[str]:
    known = titles(guess.layer)
    yield "# Column of the file = column of the layer."
    yield "[columns]"
    for column in guess.columns:
        if column.because == "personal":
            continue
        if column.column is None:
            yield f'# {_plain(_quoted(column.head))} = ""   # kept as it is'
        elif column.column == column.head:
            yield f"# {_quoted(column.head)} is {_title(known, column.column)}"
        else:
            by = "" if column.because == "name" else ", by what it holds"
            line = f"{_quoted(column.head)} = {_quoted(column.column)}"
            yield f"{line}   # {_title(known, column.column)}{by}"
    for name in guess.missing:
        yield f'# "" = {_quoted(name)}   # {_title(known, name)}: needed, and not found'
    yield ""


def _values(guess: MappingGuess) -> Iterator[str]:
    targets = [*guess.mapping.values, *guess.unknown_words]
    for name in dict.fromkeys(targets):
        column = schema(guess.layer).by_name[name]
        vocabulary = vocabulary_of(column)
        if vocabulary is None:
            yield "# yes or no"
        else:
            words = (f"{word} {title.zh}" for word, title in word_titles(vocabulary).items())
            yield f"# {', '.join(words)}"
        yield f"[values.{name}]"
        for text, word in guess.mapping.values.get(name, {}).items():
            yield f"{_quoted(text)} = {_quoted(word)}"
        for text in guess.unknown_words.get(name, ()):
            yield f'# {_quoted(text)} = ""'
        yield ""


def _title(known: Mapping[str, ColumnTitle], name: str) -> str:
    return f"{known[name].zh} / {known[name].en}" if name in known else name


def _quoted(text: str) -> str:
    """Return a text as TOML and JSON both read it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """Return a text that cannot leave its comment."""
    return "".join(c if c.isprintable() else " " for c in text)
