"""Every live subscription at once, as columns: whom does this posting suit?

Reverse search, exact. For one posting (an `Offer`): cohorts tell the score but for skills, once for all who wish for the same;
skills sum up each row's points; rows that could reach the threshold are scored exactly; the rules of those above their bar
decide. `Index.screen` is that paragraph.
"""

from services.matcher.index.index import Candidates, Index

__all__ = ["Candidates", "Index"]
