"""Nights planned, check-ins, hours of teams, plates of patrol points."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version on."""
    op.create_table(
        "patrol_nights",
        sa.Column("night", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("night", name="pk_patrol_nights"),
    )
    op.create_table(
        "checkins",
        sa.Column("night", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("stop", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("night", "team", "stop", name="pk_checkins"),
    )
    op.create_table(
        "team_nights",
        sa.Column("night", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("length_m", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("night", "team", name="pk_team_nights"),
    )
    op.create_table(
        "plates",
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issued_at", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("point", "serial", name="pk_plates"),
    )


def downgrade() -> None:
    """Go one version back."""
    for table in ("plates", "team_nights", "checkins", "patrol_nights"):
        op.drop_table(table)
