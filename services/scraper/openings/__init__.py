"""Openings: which postings are one job to a reader. For display and the sent ledger only: nothing is ever deleted for it.

evidence.py   what tells of it, read from one posting and stored beside it
titles.py     when two titles name one job
links.py      when two web addresses lead to one job
texts.py      how much alike two descriptions are
assign.py     the decision
"""

from services.scraper.openings.assign import Member, assign, new_key, same_job
from services.scraper.openings.evidence import COLUMNS, Evidence, read_evidence, stored_evidence
from services.scraper.openings.links import canonical_url

__all__ = [
    "COLUMNS",
    "Evidence",
    "Member",
    "assign",
    "canonical_url",
    "new_key",
    "read_evidence",
    "same_job",
    "stored_evidence",
]
