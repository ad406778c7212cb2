"""Sentences about what is lacking, and notes on a target, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from gis.columns import layer_title, titles
from gis.layers import Layers
from gis.profiles import load
from gis.schema import SCHEMAS
from planner.targets_judged import Judged
from planner.targets_places import ASSUMED

Bools = npt.NDArray[np.bool_]
# Places that a sentence names; further ones are counted.
NAMED = 3
# Quotes inside of quotes.
INNER = str.maketrans("“”", "‘’")
Row = dict[str, str | int]


def lacking_rows(target: str, scope: str, layers: Layers, judged: Judged) -> list[Row]:
    """Return what is not known of a target's places: target, layer, column, places, zh, en.

    Parameters
    ----------
    target
        Its id.
    scope
        What it counts, of `data/profiles/targets.toml`.
    layers
        The town.
    judged
        Its places.
    """
    rows = []
    for (kind, layer, column), which in judged.lacks:
        places = int(which.sum())
        names = names_of_places(judged, which)
        shown = "facts" if kind in ("fact", "before") else layer
        rows.append(_row(target, kind, (shown, column), layer, column, places, names))
    return rows


def absent_rows(
    target: str, scope: str, layers: Layers, wanted: Iterable[tuple[str, tuple[str, ...]]]
) -> list[Row]:
    """Return why there is no place to judge: the layer is not there, or holds none of the kind.

    Parameters
    ----------
    target, scope, layers
        As `lacking_rows` takes them.
    wanted
        Layers of the places, and the flags that name them; "road_exits" are made of villages and
        streets.
    """
    rows = []
    words = load("targets")["scopes"][scope]
    for layer, keys in wanted:
        needed = _needed(layer)
        absent = absent_layers(layers, [layer])
        rows += [_row(target, "layer", (name, ""), name, "", 0, "") for name in absent]
        if not absent and keys:
            rows += [_row(target, "no_fact", ("facts", k), layer, k, 0, "") for k in keys]
        elif not absent:
            zh, en = _layer_words(needed[0])
            said = load("targets")["lacking"]["empty"]
            rows.append(
                {
                    "target": target,
                    "layer": needed[0],
                    "column": "",
                    "places": 0,
                    "zh": said["zh"].format(layer=zh, scope=words["zh"]),
                    "en": said["en"].format(layer=en, scope=words["en"]),
                }
            )
    return rows


def absent_layers(layers: Layers, wanted: Iterable[str]) -> list[str]:
    """Return which layers of places are not there, or hold only what `planner.assume` made up."""
    needed = dict.fromkeys(name for layer in wanted for name in _needed(layer) if name in SCHEMAS)
    return [n for n in needed if layers[n]["code"].str.startswith(ASSUMED).all()]


def _needed(layer: str) -> tuple[str, ...]:
    return ("villages", "streets") if layer == "road_exits" else (layer,)


def said_row(target: str, kind: str, at: tuple[str, str], places: int = 0, **words: str) -> Row:
    """Return one row of what is lacking, in the words of `kind`.

    Parameters
    ----------
    target
        Its id.
    kind
        Sentence of `[lacking]` in `data/profiles/targets.toml`.
    at
        Layer and column.
    places
        For how many.
    words
        What the sentence names.
    """
    said = load("targets")["lacking"][kind]
    told = {lang: said[lang].format(places=places, **words) for lang in ("zh", "en")}
    return {"target": target, "layer": at[0], "column": at[1], "places": places, **told}


def limit_row(target: str, key: str) -> Row:
    """Return the row that says that the standard a target is held against is not handed in."""
    about, said = load("facts_keys")[key], load("targets")["lacking"]["limit"]
    told = {lang: said[lang].format(column=about[lang]) for lang in ("zh", "en")}
    return {"target": target, "layer": "facts", "column": key, "places": 1, **told}


def early_row(target: str, due: tuple[date, ...]) -> Row:
    """Return the row that says that a target is not due yet, by one reading or by all.

    Parameters
    ----------
    target
        Its id.
    due
        The day, or the first and the last of two readings.
    """
    first, last = due[0].isoformat(), due[-1].isoformat()
    kind = "two_dates" if len(due) > 1 else "not_due"
    return said_row(target, kind, ("", ""), first=first, day=last)


def missing_at(target: str, judged: Judged, inside: Bools, status: str) -> list[Row]:
    """Return what some of a target's places lack: who fails and by what, and what is not known.

    Parameters
    ----------
    target
        Its id.
    judged
        Its places.
    inside
        (n,) True for the places meant.
    status
        Of the target over these places.
    """
    rows = []
    fails = np.flatnonzero(judged.fails & inside)
    if status != "report_only" and len(fails) == 1 and judged.words[fails[0]]:
        _, zh, en = judged.words[fails[0]] or ("", "", "")
        rows.append({"target": target, "layer": "", "column": "", "places": 1, "zh": zh, "en": en})
    elif status != "report_only" and len(fails):
        names = names_of_places(judged, judged.fails & inside)
        rows.append(said_row(target, "fails", ("", ""), len(fails), names=names))
    for (kind, layer, column), which in judged.lacks:
        there = which & inside
        if there.any():
            names = names_of_places(judged, there)
            rows.append(_row(target, kind, (layer, column), layer, column, int(there.sum()), names))
    doubtful = inside & ~np.isnan(judged.value) & (judged.low < judged.high)
    if status == "cannot_tell" and doubtful.any():
        names = names_of_places(judged, doubtful)
        rows.append(said_row(target, "doubt", ("", ""), int(doubtful.sum()), names=names))
    return rows


def note(kind: str, **words: object) -> tuple[str, str]:
    """Return one note of `[notes]` in `data/profiles/targets.toml`, zh and en."""
    said = load("targets")["notes"][kind]
    return said["zh"].format(**words), said["en"].format(**words)


def no_trend(reasons: Sequence[tuple[str, str, str]]) -> tuple[str, str]:
    """Return why there is nothing of a year earlier to compare with, zh and en.

    Parameters
    ----------
    reasons
        Sentence of `[no_trend]` in `data/profiles/targets.toml`, layer, and column or key of each;
        the same one is told once.
    """
    said = load("targets")["no_trend"]
    told: dict[str, list[str]] = {"zh": [], "en": []}
    for kind, layer, column in dict.fromkeys(reasons):
        pairs = _layer_words(layer), _column_words(kind, layer, column)
        for (lang, texts), layer_word, column_word in zip(told.items(), *pairs, strict=True):
            texts.append(said[kind][lang].format(layer=layer_word, column=column_word))
    heads, marks = said["head"], {"zh": "；", "en": "; "}
    zh, en = (heads[lang].format(told=marks[lang].join(texts)) for lang, texts in told.items())
    return zh, en


def names_of_places(judged: Judged, which: Bools) -> str:
    """Return the names of the first places, and a mark where there are more."""
    names = judged.places["name"].to_numpy(object)[which]
    more = "…" if len(names) > NAMED else ""
    return "、".join(str(name) for name in names[:NAMED]) + more


def _row(
    target: str,
    kind: str,
    at: tuple[str, str],
    layer: str,
    column: str,
    places: int,
    names: str,
) -> Row:
    said = load("targets")["lacking"][kind]
    layer_zh, layer_en = _layer_words(layer)
    column_zh, column_en = _column_words(kind, layer, column)
    return {
        "target": target,
        "layer": at[0],
        "column": at[1],
        "places": places,
        "zh": said["zh"].format(layer=layer_zh, column=column_zh, places=places, names=names),
        "en": said["en"].format(layer=layer_en, column=column_en, places=places, names=names),
    }


def _layer_words(layer: str) -> tuple[str, str]:
    if layer in SCHEMAS:
        title = layer_title(layer)
        return title.zh, title.en
    about = load("targets")["layers"].get(layer, {"zh": layer, "en": layer})
    return about["zh"], about["en"]


def _column_words(kind: str, layer: str, column: str) -> tuple[str, str]:
    if kind in ("fact", "before", "no_fact"):
        about = load("facts_keys")[column]
        return about["zh"].translate(INNER), about["en"]
    made = load("targets")["columns"]
    if column in made:
        return made[column]["zh"], made[column]["en"]
    if layer in SCHEMAS and column in titles(layer):
        title = titles(layer)[column]
        return title.zh, title.en
    return column, column
