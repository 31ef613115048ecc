"""`joblark profile read`: what is read from a CV, what each skill rests on, and what the CV leaves open."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.show import Json, cell, out, print_json, table

if TYPE_CHECKING:
    from shared.posting import Pay, Place
    from shared.profile import Profile

CV = "A CV: PDF (LinkedIn's Save to PDF too), Word, HTML, text or JSON Resume; - reads standard input."
SAY = {
    "role": 'a line such as "Backend Engineer" at the top',
    "level": '"Senior Backend Engineer", or the dates of your jobs',
    "years": 'the dates of your jobs (2019 - 2023), or "8 years of building …"',
    "places": '"based in Singapore"; "open to relocating to Berlin"',
    "workplaces": '"looking for remote work"',
    "employments": '"looking for contract work", "seeking a full-time role"',
    "pay_floor": '"at least 90,000 EUR a year"',
}
"""How a CV says what was not found in it."""
STANDINGS = {"headline": "headline", "used": "used", "listed": "listed", "mentioned": "in passing"}


def add_to(cli: typer.Typer) -> None:
    profile = typer.Typer(help="What is read from a CV.", no_args_is_help=True)
    profile.command("read")(read_profile)
    cli.add_typer(profile, name="profile", rich_help_panel="Try")


def read_profile(file: Annotated[str, typer.Argument(help=CV)], json: Json = False) -> None:
    """Read a CV and print the profile in it: skills with what they rest on, what is wanted, and what is not said."""
    from services.cli.match import profile_of

    profile = profile_of(file)
    if json:
        return print_json(profile.model_dump(mode="json"))
    facts = _facts(profile)
    out.print(f"[bold]{cell(profile.headline)}[/]\n")
    for name, words in facts.items():
        if words:
            out.print(f"[bold]{name.replace('_', ' '):12}[/] {cell(words)}")
    out.print()
    table(_skills(profile), as_json=False)
    _print_unknown([name for name, words in facts.items() if not words])
    return None


def _facts(profile: "Profile") -> dict[str, str]:
    """Everything but the skills, as words; empty where unknown."""
    return {
        "role": (profile.role or "").replace("_", " "),
        "level": profile.level or "",
        "years": "" if profile.years is None else f"{profile.years:g}",
        "places": "; ".join(map(_place, profile.places)),
        "workplaces": ", ".join(profile.workplaces),
        "employments": ", ".join(kind.replace("_", " ") for kind in profile.employments),
        "pay_floor": _pay(profile.pay_floor),
    }


def _place(place: "Place") -> str:
    return ", ".join(part for part in (place.city, place.region, place.country) if part)


def _pay(pay: "Pay | None") -> str:
    return f"at least {pay.low:,.0f} {pay.currency} a year" if pay and pay.low else ""


def _skills(profile: "Profile") -> list[dict[str, Any]]:
    from shared.reading.skills import display_name

    return [
        {
            "skill": display_name(skill.skill),
            "years": "" if skill.years is None else f"{skill.years:g}",
            "last used": skill.last_used or "",
            "standing": STANDINGS.get(skill.standing or "", ""),
            "evidence": skill.evidence,
        }
        for skill in profile.skills
    ]


def _print_unknown(names: list[str]) -> None:
    if names:
        out.print("\n[bold]not said[/]: these stay out of the score; to say them, write")
    for name in names:
        out.print(f"  [dim]{name.replace('_', ' '):12}[/] {SAY[name]}", soft_wrap=True)
