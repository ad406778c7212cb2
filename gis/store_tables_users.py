"""The tables of the store that belong to its users: accounts, links, jobs, what teams report.

users      who may log in; sessions, who is logged in; attempts, what failed
secrets    keys that sign links
audit      who changed, exported or gave out what, and when
links      given to teams for a night; signals, what they say of themselves; hazards they report
jobs       long work; job_events, how it went
displays   what wall screens show
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, Integer, Table, Text

from gis.store_tables import metadata as metadata  # of all tables, for migrations

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

# Of a session only a hash is kept: who reads the table cannot take one over.
sessions = Table(
    "sessions",
    metadata,
    Column("token", Text, primary_key=True),
    Column("user", ForeignKey("users.name"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
)

# Failed logins and links, by whom they are counted for.
attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, index=True),
    Column("at", Text, nullable=False),
    sqlite_autoincrement=True,
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    sqlite_autoincrement=True,
)

links = Table(
    "links",
    metadata,
    Column("jti", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("night", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("revoked_at", Text),
)

# What a team says of itself: that it set out, how many it is, that it is safe and finished.
signals = Table(
    "signals",
    metadata,
    Column("night", Text, primary_key=True),
    Column("team", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Integer),
    Column("at", Text, nullable=False),
)

# `uid` is given by the phone, so that what is sent twice is kept once.
hazards = Table(
    "hazards",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("night", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("answer", Text),
    Column("changed_at", Text),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("made_at", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("started_at", Text),
    Column("finished_at", Text),
    Column("attempt", Integer, nullable=False),
    Column("worker", Text),
    Column("lease_until", Text),
    Column("cancelled", Boolean, nullable=False),
    Column("result", JSON),
    Column("message", Text),
    sqlite_autoincrement=True,
)

job_events = Table(
    "job_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", ForeignKey("jobs.id"), nullable=False, index=True),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    sqlite_autoincrement=True,
)

# What a wall screen shows: the address its operator looks at.
displays = Table(
    "displays",
    metadata,
    Column("name", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
)
