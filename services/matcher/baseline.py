"""What a ranking has to beat: the cosine of TF-IDF vectors, which knows nothing of skills, levels or places.

The words of all postings and of the profile, English stop words apart, counted as `1 + log(count)`. scikit-learn does it, from
the `eval` extra; nothing but `joblark evaluate` needs it.
"""

from collections.abc import Sequence
from importlib import import_module

import numpy as np
from numpy.typing import NDArray


def tfidf_cosine(profile: str, postings: Sequence[str]) -> NDArray[np.float64]:
    """The likeness, 0–1, of a profile's words and those of each posting. Raises `ImportError` without scikit-learn."""
    text = import_module("sklearn.feature_extraction.text")
    try:
        vectors = text.TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform([profile, *postings])
    except ValueError:  # not one word in any of them
        return np.zeros(len(postings))
    return np.asarray((vectors[1:] @ vectors[0].T).todense(), dtype=float).ravel()
