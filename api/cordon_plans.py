"""Cordons planned ahead: kept in the store, shown again as long as the town is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from api.cli_terms import document_head
from api.cordon import closed_by_now, cordon_base, network_at_hour
from api.duty import town_time, with_units
from api.version import program_version
from api.workspace import Workspace
from gis.errors import LayerMissingError, NotFoundError
from gis.layers import Layers
from gis.store import Store
from planner.cordon_params import CordonParams
from planner.cordon_plans import CordonPlans, SitePlan, plan_ahead, plan_site
from planner.cordon_sites import site_of
from planner.cordon_town import CordonTown, prepare_cordon
from planner.results import plain, records
from planner.week import minute_text

# Its name in the store; no standing answer.
KEPT_AS = "cordon_plans"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class KeptPlans:
    """Plans as the store keeps them.

    Parameters
    ----------
    document
        What `fengqiao cordon --plans --json` prints.
    cordons
        Site to preset to the document of its whole plan.
    texts
        Language to the plans in lines.
    made_at
        When they were kept, ISO 8601, UTC.
    """

    document: dict[str, Any] = field(repr=False)
    cordons: dict[str, dict[str, dict[str, Any]]] = field(repr=False)
    texts: dict[str, str] = field(repr=False)
    made_at: str

    def summary(self) -> str:
        """Return the plans in lines, in English."""
        return self.texts["en"]


def make_plans(
    workspace: Workspace, store: Store, *, minute: int | None, progress: Progress
) -> KeptPlans:
    """Plan ahead, keep the plans in place of the last ones, and return them.

    Parameters
    ----------
    workspace, store
        The town. Units count where they are based; streets that are closed now stay so.
    minute
        Minute of the week, for traffic and hours of duty; None = all are on duty, no traffic.
    progress
        Called with the site that begins, its number, and how many there are.

    Raises
    ------
    LayerMissingError
        If the town has no streets.
    """
    layers, base = workspace.layers(store), cordon_base(workspace.params())
    closed = closed_by_now(workspace, store, layers, town_time(workspace))
    town = _town(workspace, layers, minute, closed)
    ahead = plan_ahead(town, base=base, minute=minute, progress=progress)
    head = document_head("cordon-plans", layers, params=_params(base, minute))
    kept = {
        "basis": _basis(layers, base, minute, closed),
        "minute": minute,
        "plans": {**head, **ahead.document()},
        "cordons": _by_site(ahead),
        "texts": {lang: ahead.summary(lang) for lang in ("zh", "en")},
    }
    store.save_result(KEPT_AS, kept, {}, revision=layers.revision)
    return find_plans(workspace, store, layers)


def find_plans(workspace: Workspace, store: Store, layers: Layers) -> KeptPlans:
    """Return the plans that are kept.

    Raises
    ------
    NotFoundError
        If there are none, or the town, its closures, its numbers or the program have changed.
    """
    command = "make them with `fengqiao cordon --plans`"
    try:
        stored = store.load_result(KEPT_AS)
    except NotFoundError as error:
        msg = f"there are no cordons planned ahead: {command}"
        raise NotFoundError(msg) from error
    kept = stored.document
    base, closed = (
        cordon_base(workspace.params()),
        closed_by_now(workspace, store, layers, town_time(workspace)),
    )
    if kept["basis"] != _basis(layers, base, kept.get("minute"), closed):
        msg = f"the cordons planned ahead are of an earlier state of the town: {command}"
        raise NotFoundError(msg)
    return KeptPlans(kept["plans"], kept["cordons"], kept["texts"], stored.made_at)


def plans_of_site(
    workspace: Workspace,
    store: Store,
    layers: Layers,
    code: str,
    *,
    town: Callable[[], CordonTown] | None = None,
) -> tuple[dict[str, dict[str, Any]], str | None]:
    """Return the plans of one site by preset, and when they were kept; None = worked out now.

    Parameters
    ----------
    workspace, store, layers
        The town.
    code
        Of the site; any site of the town, not only those that are planned ahead.
    town
        Returns the town made ready, if that is kept already: called where nothing is kept.

    Raises
    ------
    NotFoundError
        If there is no such site, or it stands on no street.
    """
    site = site_of(layers, code)
    try:
        kept = find_plans(workspace, store, layers)
    except NotFoundError:
        pass
    else:
        if code in kept.cordons:
            return kept.cordons[code], kept.made_at
    if town is None:
        closed = closed_by_now(workspace, store, layers, town_time(workspace))
        ready = _town(workspace, layers, None, closed)
    else:
        ready = town()
    found = plan_site(ready, site, base=cordon_base(workspace.params()))
    if not found:
        msg = f"{site.name} ({code}) stands on no street that a runner could take"
        raise NotFoundError(msg)
    return {plan.preset: _document(plan) for plan in found}, None


def site_document(
    layers: Layers,
    code: str,
    found: tuple[dict[str, dict[str, Any]], str | None],
    preset: str | None = None,
) -> dict[str, Any]:
    """Return the plans of a site as they are given out as JSON.

    Parameters
    ----------
    layers
        The town.
    code
        Of the site.
    found
        What `plans_of_site` has returned.
    preset
        Only this one; None = all.

    Raises
    ------
    NotFoundError
        If the site is not planned with that preset.
    """
    plans, made_at = found
    if preset is not None and preset not in plans:
        msg = f"{code} is planned for {', '.join(plans)}, not for {preset!r}"
        raise NotFoundError(msg)
    head = document_head("cordon-site", layers, params={"site": code, "preset": preset})
    wanted = plans if preset is None else {preset: plans[preset]}
    return {**head, "kept_at": made_at, "presets": wanted}


def _town(
    workspace: Workspace, layers: Layers, minute: int | None, closed: list[str]
) -> CordonTown:
    """Return the town made ready at a minute, units at their bases and some streets closed."""
    whole, params = with_units(layers), workspace.params()
    streets = network_at_hour(whole, params.response, minute, closed)
    if streets is None:
        raise LayerMissingError("cordon", ["streets"])
    return prepare_cordon(whole, streets, params.cordon.tables)


def _basis(
    layers: Layers, base: CordonParams, minute: int | None, closed: list[str]
) -> dict[str, Any]:
    """Return what plans are made from, as JSON has it."""
    return {
        "revision": layers.revision,
        "program": program_version(),
        "params": plain(_params(base, minute)),
        "closed": closed,
    }


def _params(base: CordonParams, minute: int | None) -> dict[str, Any]:
    return {**base.stated(), "at": None if minute is None else minute_text(minute)}


def _by_site(ahead: CordonPlans) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {}
    rows = records(ahead.plans, list(ahead.plans.columns))
    for row in rows:
        cordon = ahead.cordons[row["site"], row["preset"]]
        found.setdefault(row["site"], {})[row["preset"]] = {**cordon.document(), "plan": row}
    return found


def _document(plan: SitePlan) -> dict[str, Any]:
    return {**plan.cordon.document(), "plan": plain(plan.row)}
