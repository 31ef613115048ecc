"""What every adapter is made of, so that an adapter itself only tells how one source writes its jobs.

source.py   `Source`, the declaration an adapter ends with; `Request` out, `Parsed` back
draft.py    `Wire`, the base of wire models; `Draft`, a job in the source's words, made into a clean `RawPosting`
answer.py   bytes → document, with limits and a plain sentence for everything that can be wrong
terms.py    words that all sources share: workplace, employment, pay per year, moments
"""

from services.scraper.sources.base.answer import json_document, number, rows
from services.scraper.sources.base.draft import Draft, Wire, at, from_html
from services.scraper.sources.base.source import Dropped, Parsed, Request, Source, Terms, joined
from services.scraper.sources.base.terms import day, employment, moment, pay, workplace

__all__ = [
    "Draft",
    "Dropped",
    "Parsed",
    "Request",
    "Source",
    "Terms",
    "Wire",
    "at",
    "day",
    "employment",
    "from_html",
    "joined",
    "json_document",
    "moment",
    "number",
    "pay",
    "rows",
    "workplace",
]
