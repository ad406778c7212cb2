"""Legend of the page of 1, 3 and 5 minutes: what colours and marks mean, which layers to show."""

from __future__ import annotations

from maps.legend_coverage import class_swatch
from maps.overlays_within import KEY_AREAS, OUTLINES, outlined, shaded_bands
from maps.panels import LegendGroup, Swatch, Switch, mark_swatch, tag_swatch
from maps.scales import scale
from maps.style import seen_labels, style
from maps.within import band_parts, basis_of, measures, minutes
from maps.words import Words
from planner.results_response import Response


def response_legend(response: Response, say: Words) -> tuple[LegendGroup, ...]:
    """Return the legend; layers that have nothing to show are left out."""
    groups = (_themes(response, say), _places(say), _units(response, say), _parts(response, say))
    return tuple(group for group in groups if group.swatches or group.switches)


def _themes(response: Response, say: Words) -> LegendGroup:
    """Return the circles of each mode and the shares of each band, one of them at a time."""
    table = style()["rings"]
    modes = list(dict.fromkeys(response.circles["mode"]))
    names = tuple(f"circles_{mode}" for mode in modes)
    parts = zip(table["fills"], table["opacities"], table["dashes"], strict=True)
    rings = [
        Swatch(minutes(band, say), "area", (table["line"], opacity, 2.5, dash, fill), names)
        for band, (fill, opacity, dash) in zip(response.bands_s, parts, strict=False)
    ]
    beyond = (table["beyond"], table["beyond_opacity"], 0, "", table["beyond"])
    bands = shaded_bands(response)
    shares = tuple(f"share_{band:g}" for band in bands)
    what = measures(say)[basis_of(band_parts(response).get("village", []))][0].lower()
    classes = class_swatch(
        scale("seen"),
        seen_labels(),
        say("share of {what} reached: dark = few, pale = many", what=what),
        shares,
    )
    return LegendGroup(
        say("1-3-5 minute circles"),
        (
            *(rings if names else ()),
            *((Swatch(say("beyond"), "area", beyond, names),) if names else ()),
            *((classes,) if shares else ()),
        ),
        (
            *(
                Switch(name, say("circles: {mode}", mode=say.term("mode", mode)))
                for name, mode in zip(names, modes, strict=True)
            ),
            *(
                Switch(name, say("villages: share within {n} min", n=f"{band / 60:g}"))
                for name, band in zip(shares, bands, strict=True)
            ),
        ),
        "radio" if len(names) + len(shares) > 1 else "check",
        (*names, *shares)[1:],
    )


def _places(say: Words) -> LegendGroup:
    return LegendGroup(
        say("Places"),
        (
            mark_swatch("late", say("late")),
            mark_swatch("met", say("in time")),
            mark_swatch("cannot_tell", say("cannot tell")),
        ),
        (Switch("late", say("late places")), Switch("sites", say("other places"))),
    )


def _units(response: Response, say: Words) -> LegendGroup:
    absent = bool((~response.units["comes"].astype(bool)).any())
    signs = [tag_swatch("unit", say("Name"), say("unit"))]
    signs += [tag_swatch("unit away", say("Name"), say("does not come"))] if absent else []
    return LegendGroup(say("Units"), tuple(signs), (Switch("units", say("units")),))


def _parts(response: Response, say: Words) -> LegendGroup:
    """Return the outlines, off at first."""
    words = {
        "village": say("villages"),
        "grid": say("grids"),
        "beat": say("beats"),
        KEY_AREAS: say("key areas"),
    }
    late = (style()["status"]["not_met"], 0.06, 2.5, "")
    there = outlined(response)
    names = [OUTLINES[part] for part in there]
    areas = there[-1:] == [KEY_AREAS]
    sign = Swatch(say("key area nobody reaches in time"), "area", late, (OUTLINES[KEY_AREAS],))
    return LegendGroup(
        say("Outlines"),
        (sign,) if areas else (),
        tuple(Switch(OUTLINES[part], words[part]) for part in there),
        off=tuple(names),
    )
