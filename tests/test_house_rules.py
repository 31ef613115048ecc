"""Rules of the house that no linter knows. `make check` runs them; CONTRIBUTING.md gives the reason for each."""

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from services.scraper.sources import sources
from shared import models  # noqa: F401 - fills SQLModel.metadata
from shared.events import STREAMS

ROOT = Path(__file__).parents[1]
PROJECT = ("shared", "services")
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "manager", "misc"}
MODULE_LINES, FUNCTION_LINES = 250, 45
SERVICES = ("scraper", "matcher", "notifier", "web", "embedded", "cli")
MAY_SAY_SUBSCRIBER = ("shared/streams/",)
"""Where FastStream's word for a handler is meant, and never a person."""

# Put together here, so that this file does not name what it forbids.
REGISTRIES = tuple(
    ".".join(name) for name in (("pypi", "org"), ("python" + "hosted", "org"), ("npmjs", "org"), ("crates", "io"))
)
MACHINE_PATH = re.compile(r"(?<![\w.$})~-])/(?:" + "|".join(("work", "tmp", "home", "root")) + r")/[\w.]")


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in _project_files() if {*path.parts[:-1], path.stem} & VAGUE] == []


def test_modules_and_functions_are_short() -> None:
    assert [fault for path in _project_files() if "migrations" not in path.parts for fault in _too_long(path)] == []


def test_nobody_is_called_a_subscriber() -> None:
    checked = [path for path in _project_files() if not path.as_posix().startswith(MAY_SAY_SUBSCRIBER)]
    assert [f"{path}: {name}" for path in checked for name in _identifiers(path) if "subscriber" in name.lower()] == []


def test_public_functions_say_what_they_return() -> None:
    assert [f"{path}: {name}" for path in _project_files() for name in _unannotated(path)] == []


def test_what_is_shared_is_shared() -> None:
    """A package is shared as a whole: of the readers in `shared.reading` one may serve a single command."""
    users = Counter(part for service in SERVICES for part in {_part(module) for module in _reached_by(service)})
    checked = {_part(name) for name in _shared_modules() if not name.startswith("shared.migrations")}
    assert {name: users[name] for name in sorted(checked) if users[name] < 2} == {}


def test_every_source_has_a_recording() -> None:
    folders = (ROOT / "tests" / "recordings", ROOT / "services" / "embedded" / "samples" / "boards")
    recorded = {path.name.split(".")[0] for folder in folders for path in folder.iterdir()}
    assert sources().keys() - recorded == set()


def test_no_file_names_a_package_registry() -> None:
    assert [f"{path}: {host}" for path, text in _committed() for host in REGISTRIES if host in text] == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    faults = [f"{path}: {found.group()}…" for path, text in _committed() for found in MACHINE_PATH.finditer(text)]
    assert faults == []


@pytest.mark.parametrize("kind", ["streams", "tables"])
def test_the_architecture_names_every(kind: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    names = {"streams": [*STREAMS, "postings.dead"], "tables": sorted(SQLModel.metadata.tables)}[kind]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_links_between_documents_lead_somewhere() -> None:
    assert [f"{path}: {link}" for path in _documents() for link in _links(path) if not _leads_somewhere(path, link)] == []


# ------------------------------------------------------------------------------------------------------------- modules


@cache
def _project_files() -> tuple[Path, ...]:
    """Our modules, relative to the repository."""
    found = sorted(path for folder in PROJECT for path in (ROOT / folder).rglob("*.py"))
    assert len(found) > 50, "the project's modules are not where this test looks for them"
    return tuple(path.relative_to(ROOT) for path in found)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _too_long(path: Path) -> Iterator[str]:
    lines = len((ROOT / path).read_text().splitlines())
    if lines > MODULE_LINES:
        yield f"{path} has {lines} lines"
    for function in _functions(path):
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield f"{path}: {function.name} has {length} lines"


def _unannotated(path: Path) -> Iterator[str]:
    return (node.name for node in _functions(path) if not node.name.startswith("_") and node.returns is None)


def _identifiers(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        for field in ("id", "attr", "arg", "name", "asname"):
            if isinstance(name := getattr(node, field, None), str):
                yield name


# ------------------------------------------------------------------------------------------------------------- imports


def _module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _part(module: str) -> str:
    """`shared.reading.page.dates` → `shared.reading`."""
    return ".".join(module.split(".")[:2])


def _shared_modules() -> dict[str, Path]:
    """Modules of `shared/` that hold anything, by their dotted name."""
    names = {_module_name(path): path for path in _project_files() if path.parts[0] == "shared"}
    return {name: path for name, path in names.items() if _tree(path).body}


def _imported(path: Path) -> set[str]:
    """Modules that a module imports, each with the packages it lies in, since those run too."""
    named: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {".".join(parts[:end]) for name in named for parts in [name.split(".")] for end in range(1, len(parts) + 1)}


def _reached_by(service: str) -> set[str]:
    """Modules of `shared/` that a service imports, directly or through others of `shared/`."""
    shared, reached = _shared_modules(), set[str]()
    waiting = [path for path in _project_files() if path.parts[:2] == ("services", service)]
    while waiting:
        fresh = (_imported(waiting.pop()) & shared.keys()) - reached
        reached |= fresh
        waiting += [shared[name] for name in fresh]
    return reached


# --------------------------------------------------------------------------------------------------------------- files


@cache
def _committed() -> tuple[tuple[str, str], ...]:
    """Every file that is committed or would be by `git add --all`, with its text; pictures have none worth reading."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"git cannot list the files here: {found.stderr.strip()}")
    paths = [ROOT / name for name in found.stdout.splitlines() if not name.endswith(".png")]
    return tuple((path.relative_to(ROOT).as_posix(), path.read_text(errors="ignore")) for path in paths if path.is_file())


def _documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def _links(path: Path) -> Iterator[str]:
    """Links of a Markdown file to files, outside code: `[text](target)` and HTML's `src`, `srcset` and `href`."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(), flags=re.DOTALL)
    for found in re.finditer(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", text):
        link = found[1] or found[2]
        if not re.match(r"[a-z]+:", link):
            yield link


def _leads_somewhere(document: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = (document.parent / name).resolve() if name else document
    return target.exists() and target.is_relative_to(ROOT) and (not heading or heading in _headings(target))


def _headings(path: Path) -> set[str]:
    """Headings as a link names them: lower case, blanks as hyphens, without punctuation."""
    titles = re.findall(r"^#+ +(.+)$", path.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
