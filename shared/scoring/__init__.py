"""How well one posting fits one profile: the one scorer, used by the matcher for all and by every page and mail that says why.

`offer` is what scoring needs of a posting, with the `rarity` of each skill, `wish` what it needs of a subscription; `parts`
compare them, `score` puts the parts together, `reasons` says it in words, `weights` holds every number, `feedback` what answers
to jobs teach. Same input, same score.
"""

from shared.scoring.offer import Offer, offer_of
from shared.scoring.rarity import SHIPPED, Rarities
from shared.scoring.score import match, score
from shared.scoring.wish import Wish, wish_of

__all__ = ["SHIPPED", "Offer", "Rarities", "Wish", "match", "offer_of", "score", "wish_of"]
