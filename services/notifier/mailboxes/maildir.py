"""A Maildir (https://cr.yp.to/proto/maildir.html): mails that are new, or that nobody has seen yet.

What was read moves from `new/` to `cur/` with the flag S, and F too where somebody should look at it. Not before the commit: a
mail that is read twice counts once, one that is marked and then lost would never count.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from services.notifier.mailboxes.base import MOST, Item

INFO = ":2,"


class Maildir:
    """Reads and marks; deletes nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = [*_files(path / "new"), *(name for name in _files(path / "cur") if "S" not in name.partition(INFO)[2])]
        self.total: int | None = len(self.names)

    @staticmethod
    def is_one(path: Path) -> bool:
        return (path / "new").is_dir() and (path / "cur").is_dir()

    def __iter__(self) -> Iterator[Item]:
        for name in self.names:
            try:
                with os.fdopen(os.open(self._place(name), os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                    yield Item(name, file.read(MOST))
            except FileNotFoundError:
                continue  # another reader was faster

    def settle(self, item: Item, *, flag: bool) -> None:
        plain, _, flags = item.name.partition(INFO)
        marked = plain + INFO + "".join(sorted({*flags, "S", *("F" if flag else "")}))
        try:
            os.rename(self._place(item.name), self.path / "cur" / marked)
        except FileNotFoundError:
            return

    def _place(self, name: str) -> Path:
        return self.path / ("cur" if INFO in name else "new") / name


def _files(folder: Path) -> list[str]:
    """The mails in a folder, oldest name first: no hidden files, no links, which could lead anywhere."""
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False) and entry.name[0] != ".")
