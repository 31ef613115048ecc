"""The sources: one module each, found by looking, not by a list. To add one, add a file (`docs/adding-a-source.md`)."""

import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from services.scraper.sources.base import Source
from shared.errors import NotFound


@cache
def sources() -> dict[str, Source]:
    """Every source by name, alphabetically. Raises `RuntimeError` when two share a name or a module declares none."""
    modules = (found.name for found in pkgutil.iter_modules(__path__) if found.name != "base")
    return registry((module, getattr(import_module(f"{__name__}.{module}"), "SOURCE", None)) for module in modules)


def registry(declared: Iterable[tuple[str, object]]) -> dict[str, Source]:
    """The sources of (module, its `SOURCE`) pairs, by name; refuses what would make a source unreachable."""
    found: dict[str, Source] = {}
    for module, source in declared:
        if not isinstance(source, Source):
            raise RuntimeError(f"services/scraper/sources/{module}.py declares no SOURCE = Source(...)")
        if source.name in found:
            raise RuntimeError(f"services/scraper/sources/{module}.py: there is another source called {source.name!r}")
        found[source.name] = source
    return dict(sorted(found.items()))


def source(name: str) -> Source:
    """The source called `name`. Raises `NotFound`, with the names it may have been meant to be."""
    if name in sources():
        return sources()[name]
    close = get_close_matches(name.lower(), sources(), n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(sources())}"
    raise NotFound(f"no source is called {name[:60]!r}; {hint}", code="source_unknown")
