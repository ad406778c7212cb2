"""A team's evening as a calendar: the patrol as a whole, and each stop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from maps.patrol_card import Place, TeamCard
from maps.patrol_card_page import stay_text
from maps.patrol_card_words import said

if TYPE_CHECKING:
    from icalendar import Event

REMIND = timedelta(minutes=-30)


def route_ics(card: TeamCard) -> str:
    """Return a team's evening as iCalendar (RFC 5545).

    Times are in the town's zone, which the calendar describes; a moment of the hour that comes
    twice when clocks are put back is in UTC the second time, since local time cannot tell.

    Parameters
    ----------
    card
        The team.
    """
    from icalendar import Alarm, Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//fengqiao-grid//patrol//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    mark = f" ({said('made_up', card.lang)})" if card.made_up else ""
    head = f"{said('route_card', card.lang)}: {card.title}{mark}"
    remark = said("n_stops", card.lang, n=len(card.stops))
    evening = _event(card, "evening", head, card.depart, card.back, card.base, remark)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", head)
    alarm.add("trigger", REMIND)
    evening.add_component(alarm)
    calendar.add_component(evening)
    for stop in card.stops:
        title = f"{stop.order} {stop.title}"
        begin = datetime.fromisoformat(stop.arrive) + timedelta(seconds=stop.wait_s)
        note = stay_text(stop, card.lang)
        calendar.add_component(
            _event(
                card, f"stop-{stop.order}", title, begin.isoformat(), stop.depart, stop.place, note
            )
        )
    year = card.plan.night.year
    calendar.add_missing_timezones(date(year - 1, 1, 1), date(year + 2, 1, 1))
    return str(calendar.to_ical().decode())


def local(moment: str, zone: str | None) -> datetime:
    """Return a moment in a zone, or in UTC where the zone's clock shows that time before, too.

    Examples
    --------
    >>> local("2026-10-25T02:30:00+02:00", "Europe/Berlin").utcoffset()
    datetime.timedelta(seconds=7200)
    >>> local("2026-10-25T02:30:00+01:00", "Europe/Berlin").isoformat()
    '2026-10-25T01:30:00+00:00'
    """
    at = datetime.fromisoformat(moment)
    if zone is None:
        return at.astimezone(UTC)
    there = at.astimezone(ZoneInfo(zone))
    return at.astimezone(UTC) if there.fold else there


def _event(
    card: TeamCard, part: str, title: str, begin: str, end: str, place: Place, note: str
) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{card.date}-{card.code}-{card.plan.mark}-{part}@fengqiao-grid")
    event.add("dtstamp", datetime.fromisoformat(card.depart).astimezone(UTC))
    event.add("dtstart", local(begin, card.zone))
    event.add("dtend", local(end, card.zone))
    event.add("summary", title)
    event.add("description", note)
    event.add("location", title.split(" ", 1)[-1] if part != "evening" else card.town)
    event.add("geo", (round(place[1], 6), round(place[0], 6)))
    return event
