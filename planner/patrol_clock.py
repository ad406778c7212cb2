"""The clock of an evening: seconds since its midnight, also where clocks go forward or back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY_S = 86_400


@dataclass(frozen=True)
class Clock:
    """Ticks of one evening: seconds that pass after its midnight.

    Parameters
    ----------
    date
        The day on whose evening the patrols begin.
    timezone
        Name of the town's time zone.

    Examples
    --------
    >>> clock = Clock(date(2026, 10, 24), "Europe/Berlin")
    >>> clock.tick(19 * 3600), clock.tick(28 * 3600)
    (68400, 104400)
    >>> clock.iso(68_400), clock.iso(104_400)
    ('2026-10-24T19:00:00+02:00', '2026-10-25T04:00:00+01:00')
    >>> clock.wall_s(104_400) / 3600
    28.0
    """

    date: date
    timezone: str

    def tick(self, wall_s: int) -> int:
        """Return the tick when the town's clocks show a time; 28 * 3600 is 4:00 the next day."""
        days, seconds = divmod(int(wall_s), DAY_S)
        clock = datetime.combine(self.date + timedelta(days=days), datetime.min.time())
        shown = (clock + timedelta(seconds=seconds)).replace(tzinfo=ZoneInfo(self.timezone))
        return int((shown.astimezone(UTC) - self._midnight()).total_seconds())

    def iso(self, tick: int) -> str:
        """Return a tick as ISO 8601 with the offset of the town's time zone."""
        moment = self._midnight() + timedelta(seconds=int(tick))
        return moment.astimezone(ZoneInfo(self.timezone)).isoformat()

    def wall_s(self, tick: int) -> int:
        """Return what the town's clocks show at a tick, seconds after the evening's midnight."""
        shown = datetime.fromisoformat(self.iso(tick)).replace(tzinfo=None)
        return int((shown - datetime.combine(self.date, datetime.min.time())).total_seconds())

    def _midnight(self) -> datetime:
        midnight = datetime.combine(self.date, datetime.min.time(), ZoneInfo(self.timezone))
        return midnight.astimezone(UTC)
