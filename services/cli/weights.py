"""`joblark subscriptions weights`: what somebody's answers to jobs taught, and taking it back."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.show import Json, table
from services.cli.subscribe import Who, find
from services.cli.work import in_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlmodel.ext.asyncio.session import AsyncSession


def weights(
    subscription: Who,
    reset: Annotated[bool, typer.Option("--reset", help="Take back all that answers taught, as the web page does.")] = False,
    json: Json = False,
) -> None:
    """What each part of the score weighs for somebody, and how many steps their answers moved it."""
    from services.web import repository

    async def work(session: "AsyncSession") -> "Mapping[str, int]":
        row = await find(session, subscription)
        return (await repository.forget_answers(session, row.id, datetime.now(UTC)) if reset else row).tuning

    table(_rows(in_transaction(work)), as_json=json)


def _rows(tuning: "Mapping[str, int]") -> list[dict[str, object]]:
    from shared.scoring.weights import WEIGHTS, tuned

    weighs = zip(WEIGHTS.items(), tuned(tuning), strict=True)
    return [
        {"part": part, "weight": round(weight, 3), "for_everybody": usual, "steps": tuning.get(part, 0)}
        for (part, usual), weight in weighs
    ]
