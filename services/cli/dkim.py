"""`joblark dkim`: keys that sign the mails, and the DNS records that let everybody check the signatures."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.show import Json, err, out, print_json
from shared.errors import Conflict

if TYPE_CHECKING:
    from services.notifier.dkim import Signer
    from shared.settings import Settings

STRING = 255
"""Most characters in one string of a TXT record (RFC 1035 3.3.14)."""


def add_to(cli: typer.Typer) -> None:
    dkim = typer.Typer(help="Keys that sign the mails, and their DNS records.", no_args_is_help=True)
    dkim.command()(create)
    dkim.command()(show)
    cli.add_typer(dkim, name="dkim", rich_help_panel="Operate")


def create(
    selector: Annotated[str, typer.Argument(help="Name of the key in DNS, such as joblark-2026.")],
    ed25519: Annotated[bool, typer.Option("--ed25519", help="A small key to sign beside an RSA one, never alone.")] = False,
    file: Annotated[
        Path | None, typer.Option(help="Where to keep it. Default: the folder of keys, or the data folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a key: writes it to a file that only you can read, and prints the DNS record to publish."""
    from services.notifier.dkim import Signer, checked_selector, new_key, pem_of, signing_domain
    from shared.settings import Settings

    settings = Settings()
    path = file or _folder(settings) / f"{checked_selector(selector)}.pem"
    signer = Signer(signing_domain(settings), selector, new_key("ed25519" if ed25519 else "rsa"))
    _write(path, pem_of(signer.key))
    if json:
        print_json({**_row(signer), "file": path})
        return
    _print(signer)
    err.print(f"\nThe key is in {path}. Publish the record, wait until DNS has it, then:", soft_wrap=True)
    err.print(_advice(settings, path, selector), soft_wrap=True)


def show(json: Json = False) -> None:
    """Print the DNS records of the keys that mails are signed with now."""
    from services.notifier.dkim import signers
    from shared.settings import Settings

    found = signers(Settings())
    if not found:
        err.print("[dim]mails are not signed: joblark dkim create SELECTOR makes a key[/]")
    for signer in found:
        print_json(_row(signer)) if json else _print(signer)


def strings_of(record: str) -> tuple[str, ...]:
    """`record` cut into the strings that one TXT record holds; whoever reads it joins them again (RFC 6376 3.6.2.2)."""
    return tuple(record[i : i + STRING] for i in range(0, len(record), STRING))


def _folder(settings: "Settings") -> Path:
    return settings.dkim_keys_dir or settings.data_dir / "dkim"


def _write(path: Path, pem: str) -> None:
    """A new file that only its owner can read; never over an old one, whose record may be published."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{path} is there already: choose another selector, or remove it", code="dkim_key_exists") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(pem)


def _row(signer: "Signer") -> dict[str, object]:
    return {"name": signer.name, "type": "TXT", "selector": signer.selector, "kind": signer.kind, "record": signer.record}


def _print(signer: "Signer") -> None:
    """The record as a zone file has it: a name that ends in a dot, and strings of at most 255 characters."""
    strings = "\n  ".join(f'"{string}"' for string in strings_of(signer.record))
    out.print(f"{signer.name}. IN TXT (\n  {strings} )", markup=False, soft_wrap=True)


def _advice(settings: "Settings", path: Path, selector: str) -> str:
    if settings.dkim_keys_dir is not None and path.parent == settings.dkim_keys_dir:
        return "  restart the notifier: every key in JOBLARK_DKIM_KEYS_DIR signs"
    return f"  JOBLARK_DKIM_SELECTOR={selector}\n  JOBLARK_DKIM_KEY_FILE={path}"
