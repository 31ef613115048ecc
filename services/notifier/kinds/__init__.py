"""Every kind of mail. Each sibling module that declares `KIND` is one; there is no list to keep."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from services.notifier.kinds.base import Kind, Letter
from shared.errors import Conflict, NotFound

__all__ = ["Kind", "Letter", "kind_called", "kinds"]


@cache
def kinds() -> dict[str, Kind]:
    """Every declared kind by its name. Raises `Conflict` when two modules claim one name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    declared = [module.KIND for module in modules if hasattr(module, "KIND")]
    known = {kind.name: kind for kind in declared}
    if len(known) < len(declared):
        raise Conflict("two modules of services/notifier/kinds declare a mail of one name: rename one")
    return known


def kind_called(name: str) -> Kind:
    """The kind of that name. Raises `NotFound`."""
    if name not in kinds():
        raise NotFound(f"there is no mail called {name[:60]!r}: choose one of {', '.join(sorted(kinds()))}")
    return kinds()[name]
