"""What may happen to an incident: send, arrive, clear, close; and what is kept of it afterwards.

Pure steps from one state to the next. `gis.store_incidents.change_incident` runs them within the
transaction that writes, so that of two who send the same unit the second is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from gis.duty_rows import LONGER, NOBODY_CAME, IncidentTotal, OpenIncident, SentUnit
from gis.errors import ConflictError
from gis.profiles import load


def send(
    incident: OpenIncident, unit: str, at: datetime, *, others: Iterable[OpenIncident] = ()
) -> OpenIncident:
    """Return the incident with a unit on its way.

    Parameters
    ----------
    incident
        An open one.
    unit
        Code of the unit.
    at
        When it is sent.
    others
        Incidents that are open; the same one may be among them.

    Raises
    ------
    ConflictError
        If the unit is on its way or there already, here or at another incident, or the time lies
        before the incident began.
    """
    for other in (incident, *(one for one in others if one.number != incident.number)):
        if unit in other.engaged():
            where = "this incident" if other is incident else f"incident {other.number}"
            msg = f"{unit} was sent to {where} already"
            raise ConflictError(msg)
    _not_before(at, incident.opened_at, f"{unit} cannot be sent before the incident began")
    # A unit that was free again and is sent once more: its first arrival stays what it was.
    earlier = next((sent for sent in incident.units if sent.unit == unit), None)
    if earlier is not None:
        again = replace(earlier, cleared_at=None)
        return _with(incident, again)
    return replace(incident, units=(*incident.units, SentUnit(unit, at)))


def arrive(incident: OpenIncident, unit: str, at: datetime) -> OpenIncident:
    """Return the incident with a unit there.

    Raises
    ------
    ConflictError
        If the unit was not sent, is free again, is there already, or the time lies before it was
        sent.
    """
    sent = _engaged(incident, unit)
    if sent.arrived_at is not None:
        msg = f"{unit} has arrived already"
        raise ConflictError(msg)
    _not_before(at, sent.sent_at, f"{unit} cannot arrive before it was sent")
    return _with(incident, replace(sent, arrived_at=at))


def clear(incident: OpenIncident, unit: str, at: datetime) -> OpenIncident:
    """Return the incident with a unit free again, whether it has arrived or was called back.

    Raises
    ------
    ConflictError
        If the unit was not sent, is free again already, or the time lies before it was sent or
        arrived.
    """
    sent = _engaged(incident, unit)
    last = sent.arrived_at or sent.sent_at
    _not_before(at, last, f"{unit} cannot be free before it was sent or arrived")
    return _with(incident, replace(sent, cleared_at=at))


def close(incident: OpenIncident, at: datetime) -> IncidentTotal:
    """Return what is kept of an incident that is closed: one more in the totals of its kind.

    The response time is that of the first unit to arrive, after the incident began; the month is
    that in which it began, in the offset of `at`.

    Raises
    ------
    ConflictError
        If the time lies before anything that happened at the incident.
    """
    happened = [incident.opened_at]
    for sent in incident.units:
        happened += [one for one in (sent.sent_at, sent.arrived_at, sent.cleared_at) if one]
    _not_before(at, max(happened), "the incident cannot be closed before what happened there")
    begun = incident.opened_at.astimezone(at.tzinfo)
    tier_min = incident.tier_min or 0
    total = IncidentTotal(
        f"{begun:%Y-%m}", incident.village or "", incident.kind, tier_min, NOBODY_CAME
    )
    arrivals = [sent.arrived_at for sent in incident.units if sent.arrived_at is not None]
    if not arrivals:
        return total
    response_s = (min(arrivals) - incident.opened_at).total_seconds()
    within = int(response_s <= tier_min * 60)
    return replace(total, band_s=band_of(response_s), within_tier=within, sum_s=response_s)


def band_of(response_s: float) -> int:
    """Return the band of response times that a time belongs to, by its longest time.

    Examples
    --------
    >>> band_of(60.0), band_of(60.1), band_of(1e6) == LONGER
    (60, 180, True)
    """
    bands: list[int] = load("incidents")["bands_s"]
    return next((band for band in bands if response_s <= band), LONGER)


def _engaged(incident: OpenIncident, unit: str) -> SentUnit:
    sent = next((one for one in incident.units if one.unit == unit), None)
    if sent is None:
        msg = f"{unit} was not sent to this incident"
        raise ConflictError(msg)
    if sent.cleared_at is not None:
        msg = f"{unit} is free again: send it once more first"
        raise ConflictError(msg)
    return sent


def _with(incident: OpenIncident, sent: SentUnit) -> OpenIncident:
    units = tuple(sent if one.unit == sent.unit else one for one in incident.units)
    return replace(incident, units=units)


def _not_before(at: datetime, earliest: datetime, problem: str) -> None:
    if at < earliest:
        msg = f"{problem} ({earliest.isoformat(timespec='seconds')})"
        raise ConflictError(msg)
