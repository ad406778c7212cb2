"""1, 3 and 5 minutes: places in time by tier, what is reached of each village, what units lose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maps.report_model import Block, Cell, Column, Lines, Number, Part, Section, Table
from maps.report_words import term, told

Document = Mapping[str, Any]
# What of a village is within a band: key of the whole, of what is inside, word, unit, on paper.
MEASURES = (
    ("sites", "sites_in", "sites", "count", True),
    ("households", "households_in", "households", "count", True),
    ("street_m", "street_in_m", "street_m", "m", False),
    ("open_m2", "open_in_m2", "open_ground", "m2", False),
)


def response_section(response: Document, targets: Document | None = None) -> Section:
    """Return how many places are reached in time, what is reached of each village, and units.

    Parameters
    ----------
    response
        The document.
    targets
        The targets, if there are some; one of them may count fewer places.
    """
    columns = (
        Column(told("tier"), 2.4, "number"),
        Column(told("reached"), 2, "part"),
        Column(told("value_one"), 2, "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            Number(tier["tier_min"], "min"),
            Part(tier["met"], tier["sites"]),
            Number(tier["share"], "share"),
        )
        for tier in response["tiers"]
    ]
    table = Table(told("head_response"), columns, rows, told("sheet_summary"))
    blocks: list[Block] = [table]
    if _counts_fewer(response, targets):
        blocks.append(Lines((told("all_places"),), sheet=told("sheet_summary")))
    return Section(
        told("head_response"), (*blocks, _villages(response), _units(response)), landscape=True
    )


def _villages(response: Document) -> Table:
    """Return what is within each band of each village, the worst reached first."""
    villages: dict[str, list[Document]] = {}
    for row in response["bands"]:
        if row["scope"] == "village":
            villages.setdefault(row["code"], []).append(row)
    ordered = sorted(villages.values(), key=lambda rows: _share(rows[-1]))
    bands = [band / 60 for band in response["bands_s"]]
    measured = [
        Column(told("within", what=told(word), n=f"{band:g}"), 1.7, "part", on_paper=on_paper)
        for _, _, word, _, on_paper in MEASURES
        for band in bands
    ]
    columns = (Column(told("village"), 3.0), Column(told("code"), on_paper=False), *measured)
    cells: list[tuple[Cell, ...]] = [
        (
            rows[0]["name"] if rows[0]["code"] else told("outside_villages"),
            rows[0]["code"],
            *(
                Part(row[inside], row[whole], unit)
                for whole, inside, _, unit, _ in MEASURES
                for row in rows
            ),
        )
        for rows in ordered
    ]
    return Table(
        told("response_villages"), columns, cells, told("sheet_response"), empty=told("none")
    )


def _share(row: Document) -> tuple[float, float]:
    """Return the share of households within a band, else of places, and minus how many there are.

    Where there is neither, the share is 2, above all others.
    """
    for whole, inside, *_ in (MEASURES[1], MEASURES[0]):
        if row[whole]:
            return row[inside] / row[whole], -row[whole]
    return 2.0, 0.0


def _units(response: Document) -> Table:
    """Return the units by what is lost while each is away."""
    columns = (
        Column(told("unit_name"), 3.2),
        Column(told("code"), on_paper=False),
        Column(told("kind"), 2.0),
        Column(told("mode"), 1.6),
        Column(told("promise"), 1.4, "number"),
        Column(told("first_at"), 1.4, "number"),
        Column(told("own_places"), 1.6, "part"),
        Column(told("late_without"), 1.6, "number"),
        Column(told("lost_sites"), 1.6, "number"),
        Column(told("lost_households"), 1.6, "number"),
        Column(told("lost_street_m"), 1.7, "number"),
        Column(told("absent"), on_paper=False),
    )
    lost = ("sites_alone", "lost_sites", "lost_households")
    ordered = sorted(response["units"], key=lambda u: [-(u[key] or 0) for key in lost])
    rows: list[tuple[Cell, ...]] = [
        (
            unit["name"] or unit["code"],
            unit["code"],
            term("unit", unit["kind"]),
            term("mode", unit["mode"]),
            Number(unit["tier_min"], "min"),
            Number(unit["sites_first"]),
            Part(unit["own_in"], unit["own_sites"]),
            *(Number(unit[key]) for key in lost),
            Number(unit["lost_street_m"], "m"),
            term("absent", unit["reason"]),
        )
        for unit in ordered
    ]
    title = told("response_units", n=f"{response['bands_s'][-1] / 60:g}")
    return Table(title, columns, rows, told("sheet_units"), empty=told("none"))


def _counts_fewer(response: Document, targets: Document | None) -> bool:
    """Return whether a target counts fewer places of a tier than the answer does."""
    sites = {f"tier_{tier['tier_min']:g}": tier["sites"] for tier in response["tiers"]}
    readings = [one for t in (targets or {}).get("targets", []) for one in t.get("beside", [])]
    return any(one["whole"] != sites.get(one["name"], one["whole"]) for one in readings)
