"""Duty states, the roster, closures, open incidents and totals of closed ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version on."""
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_duty"),
        sa.UniqueConstraint("unit", name="uq_duty_unit"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "roster",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=True),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("start_min", sa.Integer(), nullable=False),
        sa.Column("end_min", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_roster"),
    )
    op.create_table(
        "closures",
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("street", name="pk_closures"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("village", sa.Text(), nullable=True),
        sa.Column("tier_min", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "incident_units",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.Text(), nullable=True),
        sa.Column("cleared_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name="fk_incident_units_incident"
        ),
        sa.PrimaryKeyConstraint("incident", "unit", name="pk_incident_units"),
    )
    op.create_table(
        "incident_totals",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tier_min", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("band_s", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("incidents", sa.Integer(), nullable=False),
        sa.Column("within_tier", sa.Integer(), nullable=False),
        sa.Column("sum_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "month", "village", "kind", "tier_min", "band_s", name="pk_incident_totals"
        ),
    )


def downgrade() -> None:
    """Go one version back."""
    for table in (
        "incident_totals", "incident_units", "incidents", "closures", "roster", "duty"
    ):
        op.drop_table(table)
