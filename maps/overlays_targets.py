"""Layers of the targets page: villages by how many targets they miss, and the places that fail."""

from __future__ import annotations

import shapely

from gis.layers import Layers
from gis.schema import SCHEMAS
from maps.overlays import MOST_FEATURES, Feature, Overlay, closer, feature, place_name, thinned
from maps.overlays_labels import street_labels, village_labels
from maps.scales import scale
from maps.units import each_row, known
from maps.words import Words
from planner.results_targets import Targets

# Layer of a failing place to what its features' keys begin with.
KEYS = {"villages": "village", "stations": "station"}
# So many targets are named at one place.
MOST_NAMED = 6


def targets_overlays(layers: Layers, targets: Targets, say: Words) -> list[Overlay]:
    """Return the layers of the targets page, lowest first."""
    return [
        villages(layers, targets),
        failing_places(layers, targets, say),
        *street_labels(layers, say.lang),
        village_labels(layers, say.lang),
        stations(layers, targets),
    ]


def place_key(layer: str, code: str) -> str:
    """Return what a place of a layer is called in the page.

    Examples
    --------
    >>> place_key("villages", "330602017001"), place_key("sites", "P1")
    ('village:330602017001', 'sites:P1')
    """
    return f"{KEYS.get(layer, layer)}:{code}"


def missed(targets: Targets, scope: str) -> dict[str, int]:
    """Return the code of each station or village to how many targets it misses."""
    cards = targets.scorecards[targets.scorecards["scope"] == scope]
    count = cards["status"].eq("not_met").groupby(cards["code"]).sum()
    return {str(code): int(n) for code, n in count.items()}


def villages(layers: Layers, targets: Targets) -> Overlay:
    """Return the villages, the darker the more targets they miss."""
    table, counts = layers["villages"], missed(targets, "village")
    rows = table[table["code"].isin(counts)]
    classes = scale("missed").classes([counts[code] for code in rows["code"]])
    made = [
        feature(
            shape, f"missed_{number}", key=place_key("villages", row.code), title=place_name(row)
        )
        for row, shape, number in zip(
            each_row(rows), thinned(rows.geometry), classes.tolist(), strict=True
        )
    ]
    return Overlay("villages", made)


def stations(layers: Layers, targets: Targets) -> Overlay:
    """Return the stations that have a scorecard."""
    table, counts = layers["stations"], missed(targets, "station")
    rows = table[table["code"].isin(counts) & table.geometry.notna()]
    made = [
        feature(
            shapely.point_on_surface(row.geometry),
            "unit",
            key=place_key("stations", row.code),
            title=place_name(row),
            tag=place_name(row),
        )
        for row in each_row(rows)
    ]
    return Overlay("stations", made)


def failing_places(layers: Layers, targets: Targets, say: Words) -> Overlay:
    """Return the places that fail some target, those that fail most of them on top."""
    titles = dict(zip(targets.targets["id"], targets.targets[f"title_{say.lang}"], strict=True))
    names = {row.code: place_name(row) for row in each_row(layers["villages"])}
    places = place_points(layers, targets)
    made: list[tuple[int, Feature]] = []
    for (a, b), rows in targets.failing.groupby(["layer", "code"], sort=False):
        layer, code = str(a), str(b)
        if layer in KEYS or (layer, code) not in places:
            continue
        row = rows.iloc[0]
        told = [titles[target] for target in dict.fromkeys(rows["target"]) if target in titles]
        values = [
            say.term("layer", layer),
            code,
            names.get(row["village"], ""),
            _joined(told, say),
        ]
        title = str(row["name"]) if known(row["name"]) and row["name"] else code
        key = place_key(layer, code)
        place = places[layer, code]
        made.append((len(told), feature(place, "unseen", key=key, title=title, values=values)))
    made.sort(key=lambda one: one[0])
    features = [one for _, one in made[-MOST_FEATURES:]]
    fields = (say("Kind"), say("Number"), say("Village"), say("Targets that fail here"))
    return Overlay("places", features, fields, closer(len(features)))


def place_points(layers: Layers, targets: Targets) -> dict[tuple[str, str], shapely.Point]:
    """Return (layer, code) of each failing place that has a point, and that point."""
    points: dict[tuple[str, str], shapely.Point] = {}
    for name, codes in targets.failing.groupby("layer")["code"]:
        layer = str(name)
        if layer not in SCHEMAS or "code" not in layers[layer]:
            continue
        table = layers[layer]
        rows = table[table["code"].isin(codes) & table.geometry.notna()]
        spots = shapely.point_on_surface(rows.geometry.to_numpy())
        points |= {(layer, code): spot for code, spot in zip(rows["code"], spots, strict=True)}
    return points


def _joined(names: list[str], say: Words) -> str:
    rest = len(names) - MOST_NAMED
    told = " · ".join(names[:MOST_NAMED])
    return f"{told} · {say('{n} more', n=rest)}" if rest > 0 else told
