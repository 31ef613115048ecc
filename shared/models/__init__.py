"""The tables, in one module for each writer; every other service may only read them.

Times are UTC and aware on every database. Values read from outside (`Profile`, `Posting.facts`) are stored as JSON and
validated by the code that reads them back. Rows that lead to an event carry `published_at`: empty means the event is
still owed (see `shared.outbox`).
"""

from shared.models.matcher import ArrivalsRow, BarRow, MatchRow, PlaceWeekRow, ScreeningRow, SkillShareRow
from shared.models.notifier import DeliveryRow, MailRow, ReturnRow, ScheduleRow, SentRow, SuppressionRow, SwitchRow
from shared.models.scraper import BoardRow, PostingRow
from shared.models.streams import StreamMark
from shared.models.web import FeedbackRow, SubscriptionRow

__all__ = [
    "ArrivalsRow",
    "BarRow",
    "BoardRow",
    "DeliveryRow",
    "FeedbackRow",
    "MailRow",
    "MatchRow",
    "PlaceWeekRow",
    "PostingRow",
    "ReturnRow",
    "ScheduleRow",
    "ScreeningRow",
    "SentRow",
    "SkillShareRow",
    "StreamMark",
    "SubscriptionRow",
    "SuppressionRow",
    "SwitchRow",
]
