"""First tables."""

import sqlalchemy as sa
from alembic import op

from shared.columns import Id, Json, Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrivals",
        sa.Column("posting_id", Id, nullable=False),
        sa.Column("shard", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("subscription_ids", sa.LargeBinary(), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.Column("matched_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("posting_id", "shard", "part", name=op.f("pk_arrivals")),
    )
    op.create_table(
        "bars",
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("bar", sa.Float(), nullable=False),
        sa.Column("lowered_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_bars")),
    )
    op.create_index("ix_bars_lowered_at", "bars", ["lowered_at"], unique=False)

    op.create_table(
        "boards",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("added_at", Utc(), nullable=False),
        sa.Column("removed_at", Utc(), nullable=True),
        sa.Column("next_poll_at", Utc(), nullable=False),
        sa.Column("leased_until", Utc(), nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("last_polled_at", Utc(), nullable=True),
        sa.Column("last_complete_at", Utc(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_yield_at", Utc(), nullable=True),
        sa.Column("postings_now", sa.Integer(), nullable=False),
        sa.Column("dropped_now", sa.Integer(), nullable=False),
        sa.Column("dropped_why", sa.Text(), nullable=True),
        sa.Column("held_why", sa.Text(), nullable=True),
        sa.Column("changes_per_day", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boards")),
        sa.UniqueConstraint("source", "name", name=op.f("uq_boards_source_name")),
    )
    op.create_index("ix_boards_next_poll_at", "boards", ["next_poll_at"], unique=False)

    op.create_table(
        "digest_schedules",
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("next_digest_at", Utc(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("covered_until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_digest_schedules")),
    )
    op.create_index("ix_digest_schedules_next_digest_at", "digest_schedules", ["next_digest_at"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("posting_id", Id, nullable=False),
        sa.Column("opening_key", sa.String(), nullable=False),
        sa.Column("liked", sa.Boolean(), nullable=False),
        sa.Column("parts", Json, nullable=False),
        sa.Column("given_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", "posting_id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_opening_key", "feedback", ["opening_key"], unique=False)
    op.create_index("ix_feedback_posting_id", "feedback", ["posting_id"], unique=False)

    op.create_table(
        "mails",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("since", Utc(), nullable=True),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("leased_until", Utc(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("content", Json, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.Column("returned", sa.String(), nullable=True),
        sa.Column("published_at", Utc(), nullable=True),
        sa.Column("published_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("subscription_id", "kind", "occasion", name=op.f("uq_mails_subscription_id_kind_occasion")),
    )
    op.create_index("ix_mails_finished_at", "mails", ["finished_at"], unique=False)
    for name, where in (("ix_mails_with_content", "content IS NOT NULL"), ("ix_mails_still_there", "kind = 'still-there'")):
        op.create_index(name, "mails", ["finished_at"], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_mails_published_ms", "mails", ["published_ms"], unique=False)
    owing = sa.text(
        "published_at IS NULL AND NOT (state NOT IN ('pending', 'deferred') AND "
        "(state NOT IN ('sent', 'unknown') OR kind NOT IN ('digest', 'welcome')))"
    )
    op.create_index("ix_mails_owing", "mails", ["id"], sqlite_where=owing, postgresql_where=owing)
    op.create_index("ix_mails_state_due_at", "mails", ["state", "due_at"], unique=False)
    op.create_index("ix_mails_subscription_id", "mails", ["subscription_id"], unique=False)

    op.create_table(
        "place_weeks",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "week", name=op.f("pk_place_weeks")),
    )
    op.create_table(
        "returns",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("mail_id", Id, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("returned_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("key", name=op.f("uq_returns_key")),
    )
    op.create_index("ix_returns_address_hash_returned_at", "returns", ["address_hash", "returned_at"], unique=False)
    op.create_index("ix_returns_mail_id", "returns", ["mail_id"], unique=False)

    op.create_table(
        "screenings",
        sa.Column("posting_id", Id, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("shard", sa.String(), nullable=False),
        sa.Column("subscriptions", sa.Integer(), nullable=False),
        sa.Column("shortlisted", sa.Integer(), nullable=False),
        sa.Column("screened_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("posting_id", "revision", "shard", name=op.f("pk_screenings")),
    )
    op.create_table(
        "shortlist",
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("posting_id", Id, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("matched_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", "posting_id", name=op.f("pk_shortlist")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shortlist_posting_id", "shortlist", ["posting_id"], unique=False)

    op.create_table(
        "skill_shares",
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("measured_over", sa.Integer(), nullable=False),
        sa.Column("measured_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("skill", name=op.f("pk_skill_shares")),
    )
    op.create_table(
        "stream_marks",
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("generation", sa.String(), nullable=False),
        sa.Column("acknowledged_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_stream_marks")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("profile", Json, nullable=False),
        sa.Column("tuning", Json, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("keep_unknown", sa.Boolean(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("quiet_note", sa.Boolean(), nullable=False),
        sa.Column("paused_until", Utc(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("confirmed_at", Utc(), nullable=True),
        sa.Column("renewed_at", Utc(), nullable=True),
        sa.Column("link_asked_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=False),
        sa.Column("published_at", Utc(), nullable=True),
        sa.Column("published_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index("ix_subscriptions_address_hash", "subscriptions", ["address_hash"], unique=False)
    op.create_index("ix_subscriptions_changed_at", "subscriptions", ["changed_at"], unique=False)
    op.create_index("ix_subscriptions_email", "subscriptions", ["email"], unique=False)
    op.create_index("ix_subscriptions_published_at", "subscriptions", ["published_at"], unique=False)
    op.create_index("ix_subscriptions_published_ms", "subscriptions", ["published_ms"], unique=False)
    op.create_index("ix_subscriptions_state_paused_until", "subscriptions", ["state", "paused_until"], unique=False)
    to_erase = sa.text("ended_at IS NOT NULL AND email <> ''")
    op.create_index(
        "ix_subscriptions_to_erase", "subscriptions", ["ended_at"], sqlite_where=to_erase, postgresql_where=to_erase
    )
    quiet = sa.text("quiet_note")
    op.create_index("ix_subscriptions_quiet_note", "subscriptions", ["id"], sqlite_where=quiet, postgresql_where=quiet)

    op.create_table(
        "suppressions",
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppressions")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )
    op.create_table(
        "deliveries",
        sa.Column("mail_id", Id, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("data_at", Utc(), nullable=True),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_deliveries_mail_id")),
        sa.PrimaryKeyConstraint("mail_id", "attempt", name=op.f("pk_deliveries")),
    )
    op.create_table(
        "postings",
        sa.Column("id", Id, nullable=False),
        sa.Column("board_id", Id, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("posting", Json, nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("listing_hash", sa.String(), nullable=True),
        sa.Column("opening_key", sa.String(), nullable=False),
        sa.Column("job_key", sa.String(), nullable=True),
        sa.Column("requisition_key", sa.String(), nullable=True),
        sa.Column("link_key", sa.String(), nullable=True),
        sa.Column("text_key", sa.String(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Utc(), nullable=False),
        sa.Column("last_seen_at", Utc(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("relisted_at", Utc(), nullable=True),
        sa.Column("missed_polls", sa.Integer(), nullable=False),
        sa.Column("published_at", Utc(), nullable=True),
        sa.Column("published_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_postings_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        sa.UniqueConstraint("board_id", "external_id", name=op.f("uq_postings_board_id_external_id")),
    )
    op.create_index("ix_postings_closed_at_first_seen_at", "postings", ["closed_at", "first_seen_at"], unique=False)
    op.create_index("ix_postings_job_key", "postings", ["job_key"], unique=False)
    op.create_index("ix_postings_link_key", "postings", ["link_key"], unique=False)
    op.create_index("ix_postings_opening_key", "postings", ["opening_key"], unique=False)
    op.create_index("ix_postings_published_at_closed_at", "postings", ["published_at", "closed_at"], unique=False)
    op.create_index("ix_postings_published_ms", "postings", ["published_ms"], unique=False)
    op.create_index("ix_postings_requisition_key", "postings", ["requisition_key"], unique=False)
    op.create_index("ix_postings_text_key", "postings", ["text_key"], unique=False)

    op.create_table(
        "sent_openings",
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("posting_id", Id, nullable=False),
        sa.Column("opening_key", sa.String(), nullable=False),
        sa.Column("mail_id", Id, nullable=False),
        sa.Column("sent_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_sent_openings_mail_id")),
        sa.PrimaryKeyConstraint("subscription_id", "posting_id", name=op.f("pk_sent_openings")),
    )
    op.create_index("ix_sent_openings_opening_key", "sent_openings", ["opening_key"], unique=False)
    op.create_index("ix_sent_openings_posting_id", "sent_openings", ["posting_id"], unique=False)
    op.create_index(
        "ix_sent_openings_subscription_id_opening_key", "sent_openings", ["subscription_id", "opening_key"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_sent_openings_subscription_id_opening_key", "sent_openings")
    op.drop_index("ix_sent_openings_posting_id", "sent_openings")
    op.drop_index("ix_sent_openings_opening_key", "sent_openings")

    op.drop_table("sent_openings")
    op.drop_index("ix_postings_text_key", "postings")
    op.drop_index("ix_postings_requisition_key", "postings")
    op.drop_index("ix_postings_published_ms", "postings")
    op.drop_index("ix_postings_published_at_closed_at", "postings")
    op.drop_index("ix_postings_opening_key", "postings")
    op.drop_index("ix_postings_link_key", "postings")
    op.drop_index("ix_postings_job_key", "postings")
    op.drop_index("ix_postings_closed_at_first_seen_at", "postings")

    op.drop_table("postings")
    op.drop_table("deliveries")
    op.drop_table("switches")
    op.drop_table("suppressions")
    op.drop_index("ix_subscriptions_quiet_note", "subscriptions")
    op.drop_index("ix_subscriptions_to_erase", "subscriptions")
    op.drop_index("ix_subscriptions_state_paused_until", "subscriptions")
    op.drop_index("ix_subscriptions_published_ms", "subscriptions")
    op.drop_index("ix_subscriptions_published_at", "subscriptions")
    op.drop_index("ix_subscriptions_email", "subscriptions")
    op.drop_index("ix_subscriptions_changed_at", "subscriptions")
    op.drop_index("ix_subscriptions_address_hash", "subscriptions")

    op.drop_table("subscriptions")
    op.drop_table("stream_marks")
    op.drop_table("skill_shares")
    op.drop_index("ix_shortlist_posting_id", "shortlist")

    op.drop_table("shortlist")
    op.drop_table("screenings")
    op.drop_index("ix_returns_mail_id", "returns")
    op.drop_index("ix_returns_address_hash_returned_at", "returns")

    op.drop_table("returns")
    op.drop_table("place_weeks")
    op.drop_index("ix_mails_subscription_id", "mails")
    op.drop_index("ix_mails_state_due_at", "mails")
    for name in ("ix_mails_owing", "ix_mails_published_ms"):
        op.drop_index(name, "mails")
    for name in ("ix_mails_still_there", "ix_mails_with_content"):
        op.drop_index(name, "mails")
    op.drop_index("ix_mails_finished_at", "mails")

    op.drop_table("mails")
    op.drop_index("ix_feedback_posting_id", "feedback")
    op.drop_index("ix_feedback_opening_key", "feedback")

    op.drop_table("feedback")
    op.drop_index("ix_digest_schedules_next_digest_at", "digest_schedules")

    op.drop_table("digest_schedules")
    op.drop_index("ix_boards_next_poll_at", "boards")

    op.drop_table("boards")
    op.drop_index("ix_bars_lowered_at", "bars")

    op.drop_table("bars")
    op.drop_table("arrivals")
