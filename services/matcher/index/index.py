"""The index: rows, skills, cohorts and rules, kept together."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.matcher.index.cohorts import BEYOND, Cohorts, exact, hundredths, least_of, needed
from services.matcher.index.growing import Array, numbered_anew
from services.matcher.index.rows import Rows
from services.matcher.index.rules import NO_RULE, Rules
from services.matcher.index.skills import Skills
from shared.rule import PostingView
from shared.scoring import Offer, Wish

NOBODY = np.zeros(0, np.intp), np.zeros(0, np.int32)
"""Rows and scores where no cohort can reach the threshold, as for every second posting: rows are not even looked at."""


class Candidates(NamedTuple):
    """Subscriptions whose bar a posting reaches, by id, with the exact score in hundredths of a point."""

    ids: Array
    scores: Array


class Index:
    """Live subscriptions. `threshold` is the score, 0–100, below which nothing is a match."""

    def __init__(self, threshold: float) -> None:
        self.threshold = round(threshold * 100)
        self.rows, self.skills, self.cohorts, self.rules = Rows(), Skills(), Cohorts(), Rules()

    def __len__(self) -> int:
        return self.rows.alive

    def revision(self, subscription_id: int) -> int | None:
        """The revision held for a subscription, or `None`."""
        row = self.rows.find(subscription_id)
        return None if row is None else int(self.rows["revisions"][row])

    def put(
        self, subscription_id: int, revision: int, wish: Wish, bar: float = 0.0, rule: str = "", keep_unknown: bool = True
    ) -> None:
        """Add a subscription, or replace what was held for it. `bar` is 0–100. `RuleError` leaves all as it was."""
        number = self.rules.number(rule, keep_unknown)
        self._kill(subscription_id)
        row = self.rows.append(
            subscription_id,
            revisions=revision,
            cohorts=self.cohorts.number(wish),
            bars=self._bar(bar),
            rules=number,
        )
        self.skills.put(row, wish.credit)
        self._tidy()

    def remove(self, subscription_id: int) -> None:
        """Forget a subscription; nothing happens if it is not held."""
        self._kill(subscription_id)
        self._tidy()

    def _kill(self, subscription_id: int) -> None:
        row = self.rows.find(subscription_id)
        if row is not None:
            self.rows.kill(row)

    def _tidy(self) -> None:
        if self.rows.needs_compaction():
            self.compact()

    def set_bar(self, subscription_id: int, bar: float) -> None:
        """A score must reach `bar`, and the threshold, to be a candidate. Unknown subscriptions are ignored."""
        row = self.rows.find(subscription_id)
        if row is not None:
            self.rows["bars"][row] = self._bar(bar)

    def _bar(self, bar: float) -> int:
        return max(round(bar * 100), self.threshold)

    def screen(self, offer: Offer, view: PostingView) -> Candidates:
        """Every subscription that a posting is a match for. `offer` and `view` are of one posting."""
        rows, scores = self._scored(offer)
        kept = scores >= self._of("bars", rows)
        if np.count_nonzero(kept) * 2 < len(kept):
            rows, scores = _only(kept, rows, scores)
            kept = np.ones(len(rows), np.bool_)
        kept &= self.rules.admitting(self._of("rules", rows), view)
        rows, scores = _only(kept, rows, scores)
        ids = self._of("ids", rows)
        if not self.rows.in_order:
            order = np.argsort(ids, kind="stable")
            ids, scores = ids[order], scores[order]
        return Candidates(ids, scores)

    def _of(self, name: str, rows: Array) -> Array:
        """A column of these rows."""
        return np.take(self.rows[name], rows) if len(rows) else np.zeros(0, self.rows[name].dtype)

    def _scored(self, offer: Offer) -> tuple[Array, Array]:
        """The rows that reach the threshold, or nearly, and their exact scores in hundredths."""
        least = least_of(self.threshold)
        reached = self.cohorts.reaching(offer, least)
        if reached is None:
            return NOBODY
        table, cells = reached
        if not offer.asked:
            return self._of_cohorts(np.take(hundredths(table.without if offer.vague else table.unknown), cells))
        points_needed = np.take(needed(table, offer.full_marks, least), cells)
        if points_needed.min() == BEYOND:
            return NOBODY
        points = self.skills.points(offer.asked, len(self.rows))
        rows = np.flatnonzero(points >= self._by_row(points_needed))
        own = np.take(cells, self._of("cohorts", rows))
        return rows, exact(table, own, np.take(points, rows), offer.full_marks)

    def _of_cohorts(self, scores: Array) -> tuple[Array, Array]:
        """All rows of the cohorts that reach the threshold, by the scores of all cohorts: skills count for nothing."""
        if scores.max() < self.threshold:
            return NOBODY
        rows = np.flatnonzero(self._by_row(scores >= self.threshold))
        return rows, np.take(scores, self._of("cohorts", rows))

    def _by_row(self, values: Array) -> Array:
        """What each row's cohort has."""
        return np.take(values, self.rows["cohorts"])

    def compact(self) -> None:
        """Leave the dead rows behind with what only they had, and put the living in the order of their ids."""
        if self.rows.in_order and self.rows.alive == len(self.rows):
            return
        order = self.rows.order()
        place = np.full(len(self.rows), -1, np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        skills = Skills()
        for skill, rows, credit in self.skills.columns():
            moved = place[rows]
            kept = np.flatnonzero(moved >= 0)
            kept = kept[np.argsort(moved[kept], kind="stable")]
            if len(kept):
                skills.load(skill, moved[kept], credit[kept], len(order))
        self.rows = Rows({name: column.values[order] for name, column in self.rows.columns.items()})
        self.skills = skills
        self._forget()

    def _forget(self) -> None:
        """Number anew the cohorts and rules that rows have, and leave the others behind."""
        cohorts, self.rows["cohorts"][:] = numbered_anew(self.rows["cohorts"])
        if len(cohorts) < len(self.cohorts):
            self.cohorts = self.cohorts.only(cohorts)
        ruled = self.rows["rules"] != NO_RULE
        rules, self.rows["rules"][ruled] = numbered_anew(self.rows["rules"][ruled])
        if len(rules) < len(self.rules):
            self.rules = self.rules.only(rules)


def _only(kept: Array, *columns: Array) -> Sequence[Array]:
    """Columns without the rows that are not kept. Mostly nearly all are or nearly none, and all of them is quickest."""
    if kept.all():
        return columns
    places = np.flatnonzero(kept)
    return [np.take(column, places) for column in columns]
