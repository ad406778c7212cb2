"""The cordon over HTTP: which junctions are held in time, by whom, and what stays open."""

from __future__ import annotations

import threading
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request

from api.cordon import CordonKeeper, ask, cordon_base, moment_of, network_now, params_of
from api.cordon_plans import find_plans, plans_of_site, site_document
from api.incident_source import Source
from planner.cordon_cards import cards_of
from planner.cordon_params import presets
from planner.cordon_town import CordonTown
from planner.results_cordon import Cordon

router = APIRouter()

Lon = Annotated[float, Query(ge=-180, le=180)]
Lat = Annotated[float, Query(ge=-90, le=90)]
_lock = threading.Lock()


def cordon_keeper(request: Request) -> CordonKeeper:
    """Return what the application that answers keeps ready."""
    with _lock:
        if not hasattr(request.app.state, "cordons"):
            request.app.state.cordons = CordonKeeper()
    keeper: CordonKeeper = request.app.state.cordons
    return keeper


Keeper = Annotated[CordonKeeper, Depends(cordon_keeper)]


@router.get("/cordon")
def cordon(
    lon: Lon,
    lat: Lat,
    source: Source,
    keeper: Keeper,
    preset: str | None = None,
    mode: Literal["foot", "ebike", "car"] | None = None,
    head_start_s: float | None = None,
    horizon_s: float | None = None,
    at: str | None = None,
    cards: bool = False,
) -> dict[str, Any]:
    """Return which junctions are held before a runner is there, now or at another moment."""
    base = cordon_base(source.workspace.params())
    params = params_of(
        preset,
        mode=mode,
        head_start_s=head_start_s,
        horizon_s=horizon_s,
        base=base,
    )
    ready, now = source.town(), source.now()
    moment = moment_of(ready.layers, source.store, now, at)
    town = keeper.town(ready.layers, network_now(ready, moment.minute), moment, base)
    answer = ask(town, ready.layers, params, (lon, lat), moment)
    if not cards:
        return answer.document
    assert isinstance(answer.result, Cordon)
    posts = [card.document() for card in cards_of(town, answer.result)]
    return {**answer.document, "cards": posts}


@router.get("/cordon/presets")
def cordon_presets(source: Source) -> dict[str, Any]:
    """Return what can be pressed: how the runner moves, since when, how far the ring lies."""
    return {
        "presets": [
            {
                "id": one.id,
                "mode": one.mode,
                "head_start_s": one.head_start_s,
                "horizon_s": one.horizon_s,
                **one.names,
            }
            for one in presets(source.workspace.params().cordon)
        ]
    }


@router.get("/cordon/plans")
def cordon_plans(source: Source, keeper: Keeper, site: str | None = None) -> dict[str, Any]:
    """Return what was planned ahead; of a site also where nothing is kept: worked out now."""
    workspace, store = source.workspace, source.store
    layers = workspace.layers(store)
    if site is None:
        kept = find_plans(workspace, store, layers)
        return {**kept.document, "kept_at": kept.made_at}

    def town() -> CordonTown:
        ready = source.town()
        moment = moment_of(ready.layers, store, source.now(), None)
        base = cordon_base(workspace.params())
        return keeper.town(ready.layers, network_now(ready, moment.minute), moment, base)

    return site_document(layers, site, plans_of_site(workspace, store, layers, site, town=town))
