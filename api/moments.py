"""Moments in requests, checked before any clock counts with them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator

from api.duty import plausible

Moment = Annotated[datetime, AfterValidator(plausible)]
