"""The town a year earlier: which targets have a past, how it is told, and why others have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from gis.errors import ParameterError
from gis.layers import Layers
from gis.profiles import load
from planner.at_date import NOT_YET, at_date, date_assumptions
from planner.results import Assumed
from planner.results_coverage import Coverage
from planner.targets_figures import told_by_coverage, told_by_response
from planner.targets_judged import Judged
from planner.targets_measures import Asked, judge
from planner.targets_places import GUARDED, Sources, place_table
from planner.targets_profile import Figure, Question, TargetsProfile
from planner.targets_words import no_trend, note

IN_VIEW = ("sites", Figure("column", "in_view"))


def figures_read(question: Question) -> list[tuple[str, Figure]]:
    """Return what a question judges its places by: layer of the places, and each figure.

    Parameters
    ----------
    question
        Columns that choose the places, or weigh them, are not among it.
    """
    read = []
    for places in question.places:
        figures = [Figure("fact", key) for key in places.facts]
        for case in places.cases or question.cases:
            conditions = [*case.where, *([case.when] if case.when else [])]
            figures += [condition.figure for condition in conditions]
        figures += [f for f in (question.part, question.whole) if f is not None]
        if question.measure == "share_seen" and question.part is None:
            figures.append(Figure("column", "value"))
        if question.measure == "places_with_camera":
            figures.append(Figure("rows", "cameras", "site_code"))
        read += [(places.layer, figure) for figure in figures]
    return read


def facts_read(question: Question) -> list[tuple[str, str]]:
    """Return layer and key of every fact that a question reads."""
    return [(layer, f.name) for layer, f in figures_read(question) if f.source == "fact"]


def reads_views(question: Question) -> bool:
    """Return whether a question reads what cameras see."""
    return any(
        figure.source == "column" and told_by_coverage(layer, figure.name)
        for layer, figure in figures_read(question)
    )


def reads_cameras(question: Question) -> bool:
    """Return whether cameras of an earlier day would give a question another answer."""
    return any(_source(layer, figure) == "cameras" for layer, figure in figures_read(question))


def wants_past(profile: TargetsProfile, layers: Layers) -> bool:
    """Return whether some target can be told from the coverage of an earlier day.

    Parameters
    ----------
    profile
        The targets.
    layers
        The town; where no camera names the day it was installed, every day is as today.
    """
    questions = [target.question for target in profile.targets]
    return _is_dated(layers, "cameras") and any(reads_cameras(asked) for asked in questions)


def sources_then(sources: Sources, before: Coverage | None) -> Sources | None:
    """Return what targets are told from as of an earlier day; None where nothing is dated.

    Parameters
    ----------
    sources
        Those of today. Facts and the response stay: facts have years of their own.
    before
        The coverage of the day; None if nobody asked.

    Raises
    ------
    ParameterError
        If it is the coverage of no day.
    """
    if before is None:
        return None
    if before.at is None:
        msg = "a coverage to compare with must be that of a day, not of the town as it stands"
        raise ParameterError(msg)
    if not _is_dated(sources.layers, "cameras"):
        return None
    layers = town_then(sources.layers, before.at)
    return replace(sources, layers=layers, coverage=before, tables={}, asked={})


def day_of(then: Sources) -> str:
    """Return the day of sources as `sources_then` makes them."""
    assert then.coverage is not None
    assert then.coverage.at is not None
    return then.coverage.at


def town_then(layers: Layers, day: str) -> Layers:
    """Return a town with its cameras and sites as of one day; everything else stays as it is.

    Cameras are as `planner.at_date` tells, without those that came later. A site whose status is
    of a later day was not there yet, but one that was closed later was built. A site without a
    day of its status was as it is.

    Parameters
    ----------
    layers
        The town.
    day
        YYYY-MM-DD.
    """
    then = at_date(layers, day)
    if "cameras" in layers.frames:
        cameras = then["cameras"]
        then = then.replaced(cameras=cameras[cameras["status"].ne(NOT_YET).fillna(True)])
    if "sites" not in layers.frames:
        return then
    sites = layers["sites"]
    later = sites["status_date"].gt(day).fillna(False).to_numpy(bool)
    closed = sites["status"].eq("closed").fillna(False).to_numpy(bool)
    status = sites["status"].mask(later & closed, "built")
    return then.replaced(sites=sites.assign(status=status)[~later | closed])


def past_of(
    sources: Sources, then: Sources | None, question: Question, asks: Asked, judged: Judged
) -> tuple[Judged | None, str]:
    """Return the places of a question a year earlier, and the day; (None, "") if it has no past.

    Parameters
    ----------
    sources, then
        What targets are told from, today and as of an earlier day.
    question
        What is asked of which places.
    asks
        Operator and limit of the target.
    judged
        The places of today.
    """
    facts = facts_read(question)
    if then is not None and reads_cameras(question):
        past = judge(then, question, asks, back=1)
        in_view = all(read == IN_VIEW for read in figures_read(question))
        return _held_to(sources, then, judged, past) if in_view else past, day_of(then)
    if not facts:
        return None, ""
    day = min(sources.facts.as_of(layer, key, back=1) for layer, key in facts)
    return judge(sources, question, asks, back=1), day.isoformat()


def trend_notes(
    sources: Sources,
    question: Question,
    past: Judged | None,
    past_on: str,
    ends: tuple[float, float],
) -> list[tuple[str, str]]:
    """Return the day that a value is compared with, or why it has no trend: notes, zh and en.

    Parameters
    ----------
    sources
        What targets are told from, today.
    question
        What is asked of which places.
    past, past_on
        The places a year earlier, if they are known, and the day.
    ends
        The value, and that of a year earlier; NaN where unknown. What is unknown has no note.
    """
    value, before = ends
    facts = facts_read(question)
    if np.isnan(value):
        return []
    if not np.isnan(before):
        return [] if facts else [note("before_on", day=past_on)]
    if past is None:
        read = figures_read(question)
        return [no_trend([_undated(sources.layers, layer, figure) for layer, figure in read])]
    if not facts:
        return [no_trend([("none_then", "", "")])]
    new = [fact for fact in facts if _is_new(sources, *fact, past)]
    return [no_trend([("fact", *fact) for fact in new or facts])]


def assumed_then(layers: Layers, day: str) -> tuple[Assumed, ...]:
    """Return what is taken for granted about an earlier day, with the number of rows.

    Parameters
    ----------
    layers
        The town as it stands.
    day
        YYYY-MM-DD.
    """
    sites = layers["sites"]
    undated = int((sites["status_date"].isna() & sites["status"].ne("planned")).sum())
    own = (Assumed("sites", "status_date", f"before {day}", undated),) if undated else ()
    return (*date_assumptions(layers, day), *own)


def _held_to(sources: Sources, then: Sources, judged: Judged, past: Judged) -> Judged:
    """Return sites a year earlier, none surer to be in view than one of which more is seen today.

    The chance of a site that is perhaps in view falls where ground that may be seen becomes
    ground that is seen: alone it would tell of a loss where there is none.
    """
    tables = [place_table(at, "sites").set_index("code") for at in (sources, then)]
    codes = past.places["code"]
    today, old = (table[["low", "value", "high"]].reindex(codes).to_numpy() for table in tables)
    now = pd.Series(judged.value, judged.places["code"]).reindex(codes).to_numpy(float)
    more, less = (today >= old).all(axis=1), (today <= old).all(axis=1)
    value = np.where(more, np.fmin(past.value, now), past.value)
    return replace(past, value=np.where(less & ~more, np.fmax(value, now), value))


def _source(layer: str, figure: Figure) -> str:
    """Return the layer whose rows make a figure; "" where it is a column of the places' own."""
    behind: dict[str, str] = load("targets")["behind"]
    if figure.source in ("rows", "near"):
        return figure.name
    if figure.source == "fact":
        return "facts"
    if layer == "road_exits" and figure.name in GUARDED:
        return "road_checkpoints"
    if told_by_coverage(layer, figure.name):
        return behind["coverage"]
    return behind["response"] if told_by_response(layer, figure.name) else ""


def _is_dated(layers: Layers, layer: str) -> bool:
    """Return whether any row of a layer names the day since when it is there."""
    column = load("targets")["since"].get(layer)
    return column is not None and bool(layers[layer][column].notna().any())


def _undated(layers: Layers, layer: str, figure: Figure) -> tuple[str, str, str]:
    """Return why the past of a figure is not known: kind of sentence, layer, column."""
    source, since = _source(layer, figure), load("targets")["since"]
    if not source:
        return "today", layer, figure.name
    if source not in since:
        return "undated", source, ""
    if not _is_dated(layers, source):
        return "unfilled", source, since[source]
    return "answer", "coverage", ""


def _is_new(sources: Sources, layer: str, key: str, past: Judged) -> bool:
    """Return whether no place has handed in a fact of an earlier year."""
    codes = past.places.loc[past.places["layer"] == layer, "code"].tolist()
    return bool(np.isnan(sources.facts.of(layer, key, codes, back=1)[0]).all())
