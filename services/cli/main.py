"""The `joblark` command. Each sibling module that has `add_to` brings its commands; there is no list to keep."""

import logging
import sys
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import structlog
import typer
from pydantic import ValidationError
from rich.markup import escape

import services.cli
from services.cli.show import err
from shared.errors import JoblarkError

ABOUT = """Job alerts that fit: reads job boards, scores every posting against each engineer's profile, and mails
a weekly digest that says why.

Try it: `joblark demo` runs the whole line on invented data, with no network and no key.
Run it: `joblark up` is everything in one process; `docker compose up` the same as services.
Then: `joblark boards add greenhouse:acme`, `joblark subscribe --email … --profile cv.txt`, `joblark digest send --now`.

Listings take --json: one object a line. Exit codes: 0 done, 1 could not be done, 2 unusable input or arguments.
"""


def build() -> typer.Typer:
    """The command with everything its sibling modules add."""
    cli = typer.Typer(help=ABOUT, no_args_is_help=True, rich_markup_mode="markdown", pretty_exceptions_enable=False)
    for found in iter_modules(services.cli.__path__):
        module = import_module(f"services.cli.{found.name}")
        if hasattr(module, "add_to"):
            module.add_to(cli)
    return cli


def main() -> None:
    """Entry point. Our own errors become one line on stderr that says what to do, never a traceback."""
    _keep_stdout_clean()
    try:
        build()()
    except JoblarkError as error:
        fail(str(error), error.code, error.exit_code)
    except ValidationError as error:
        fail("; ".join(_setting(item) for item in error.errors()), "settings_invalid", 2)
    except KeyboardInterrupt:
        sys.exit(130)


def fail(message: str, code: str, exit_code: int) -> None:
    """Say what went wrong and leave."""
    line = " ".join(message.split())
    err.print(f"[bold red]joblark:[/] {escape(line)} [dim]({code})[/]", soft_wrap=True)
    sys.exit(exit_code)


def _keep_stdout_clean() -> None:
    """Commands speak by what they print: a log line in the middle would break --json. `up` and `run` log as configured."""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )


def _setting(problem: Mapping[str, Any]) -> str:
    name = "_".join(str(part) for part in problem["loc"]).upper()
    return f"JOBLARK_{name}: {problem['msg']}" if name else str(problem["msg"]).removeprefix("Value error, ")
