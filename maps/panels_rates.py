"""Rates of coverage side by side, none of them "the" rate, and what they rest on."""

from __future__ import annotations

from typing import Any

from maps.panels import Table
from maps.units import NONE, doubt, known, percent
from maps.words import Words
from planner.results import UNKNOWN, Interval
from planner.results_coverage import STEPS, Coverage

# Classes of places a table has a column for, after the one of all.
CLASSES = ("key_public", "key_industry", "rural")
STAGES = ("required", "built", "networked", "online", "in_service")
GROUPS = ("point_class", "builder", "police_unit")
MOST_GROUPS = 12
STATES = ("in_use", "repair", "removed", "indoor", "mobile", "not_yet", "no_place")

Cells = tuple[tuple[str, str], ...]


def coverage_tables(coverage: Coverage, say: Words, site_class: str) -> tuple[Table, ...]:
    """Return the tables below the figures; one without any figure is left out.

    Parameters
    ----------
    coverage
        The answer.
    say
        Words of the page's language.
    site_class
        The picture class that the last steps ask for, "" where it is not known.
    """
    made = (
        ladder_table(coverage, say, site_class),
        build_table(coverage, say),
        cameras_table(coverage, say),
        *(group_table(coverage, column, say) for column in GROUPS),
    )
    return tuple(table for table in made if table is not None)


def ladder_table(coverage: Coverage, say: Words, picture: str) -> Table | None:
    """Return the site rate by steps, from a record to a picture that serves, and by class."""
    whole = coverage.totals.get("site_rate") or {}
    by_class = coverage.totals.get("site_rate_by_class") or {}
    columns = [whole, *(by_class[name] for name in CLASSES if name in by_class)]
    heads = [say("all"), *(say.term("area_class", name) for name in CLASSES if name in by_class)]
    rows = tuple(
        (say.term("site_step", step), tuple(share_cell(c.get(step, UNKNOWN)) for c in columns))
        for step in STEPS
        if any(c.get(step, UNKNOWN).value is not None for c in columns)
    )
    if not rows:
        return None
    step = say.term("step", picture)
    note = say("The last two steps ask for a picture of class {step}.", step=step) if step else ""
    return Table(say("Places, step by step"), tuple(heads), rows, note=note)


def build_table(coverage: Coverage, say: Words) -> Table | None:
    """Return how many places must be watched, and how many have come how far."""
    counts = (coverage.totals.get("build_counts") or {}).get("sites") or {}
    classes = [name for name in ("all", *CLASSES) if name in counts]
    if not classes:
        return None
    heads = [say("all") if name == "all" else say.term("area_class", name) for name in classes]
    rows = tuple(
        (say.term("stage", stage), tuple(count_cell(counts[name][stage]) for name in classes))
        for stage in STAGES
    )
    return Table(say("Places, from required to in service"), tuple(heads), rows, folded=True)


def group_table(coverage: Coverage, column: str, say: Words) -> Table | None:
    """Return how many cameras there are of each class, owner or unit."""
    groups = (coverage.totals.get("cameras_by") or {}).get(column) or []
    if not groups or all(group["value"] is None for group in groups):
        return None
    heads = (say("count"), say("networked"), say("in service"))
    rows = tuple(
        (
            say.term(column, str(group["value"])) if group["value"] else say("unknown"),
            tuple(
                _spanned(group[name], group.get(f"{name}_unknown", 0))
                for name in ("cameras", "networked", "in_service")
            ),
        )
        for group in groups[:MOST_GROUPS]
    )
    title = say("Cameras by {column}", column=say.term("column", column))
    rest = len(groups) - len(rows)
    return Table(title, heads, rows, True, say("{n} more", n=rest) if rest > 0 else "")


def cameras_table(coverage: Coverage, say: Words) -> Table | None:
    """Return how many cameras are in which state."""
    counts = coverage.totals["cameras"]
    if not counts["total"]:
        return None
    rows = [
        (say.term("camera_state", state), ((f"{counts[state]:,}", ""),))
        for state in STATES
        if counts.get(state)
    ]
    rows.append((say("direction unknown"), ((f"{counts['no_azimuth']:,}", ""),)))
    return Table(say("Cameras: {n}", n=f"{counts['total']:,}"), (say("count"),), tuple(rows), True)


def share_cell(share: Interval | Any) -> tuple[str, str]:
    """Return a share and its doubt as a table shows them."""
    if share is None or not known(share.value):
        return NONE, ""
    return percent(share.value), doubt(share)


def count_cell(count: Interval | Any) -> tuple[str, str]:
    """Return a number and its doubt as a table shows them."""
    if not isinstance(count, Interval):
        return f"{count:,}", ""
    if count.value is None:
        return NONE, ""
    low, high = f"{count.low:,.0f}", f"{count.high:,.0f}"
    return f"{count.value:,.0f}", "" if low == high else f"({low}–{high})"


def _spanned(known_so: int, unknown: int) -> tuple[str, str]:
    """Return a number of cameras, and in brackets how many it is with those of unknown state."""
    return f"{known_so:,}", f"(–{known_so + unknown:,})" if unknown else ""


def coverage_notes(coverage: Coverage, say: Words) -> tuple[str, ...]:
    """Return what the figures rest on, in words."""
    cameras = coverage.cameras
    if not len(cameras):
        return ()
    step = say.term("step", coverage.picture_class)
    seen = say("Seen means: in a picture of class {step} or finer", step=step)
    counts = {
        say("walls taken as opaque for lack of heights: {n} cameras"): _count_false(
            cameras, "past_walls"
        ),
        say("look into private ground, which is cut out: {n} cameras"): _count_over(
            cameras, "private_m2"
        ),
        say("look into an area that needs consent: {n} cameras"): _count_text(cameras, "consent"),
        say("without a posted sign: {n} cameras"): _count_false(cameras, "sign_posted"),
    }
    return (seen, *(text.format(n=n) for text, n in counts.items() if n))


def _count_false(cameras: Any, column: str) -> int:
    return int(cameras[column].eq(False).sum()) if column in cameras else 0


def _count_over(cameras: Any, column: str) -> int:
    return int((cameras[column] > 0).sum()) if column in cameras else 0


def _count_text(cameras: Any, column: str) -> int:
    if column not in cameras:
        return 0
    return int(cameras[column].fillna("").astype(str).ne("").sum())
