"""What one full digest costs before it is sent: its ten entries in words, as a page, as a mail, signed.

Run: python -m tests.benchmarks.bench_mail [--times 500]. Each step is given as the best and the median of so many single runs,
in milliseconds; on a busy machine the best is nearer to what the step itself costs.
"""

import argparse
import statistics
import time
from collections.abc import Callable

from services.notifier import render
from services.notifier.compose import compose
from services.notifier.dkim import Signer, new_key, sign
from services.notifier.kinds import Letter, kind_called
from services.notifier.mail import to_bytes
from tests.letters import SKILLS, audit, entry, letter_of, market


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=500)
    times = parser.parse_args().times
    letter, signer = full_digest(), Signer("joblark.example.org", "bench", new_key())
    kind, at = kind_called("digest"), letter.now
    context, mail = kind.context(letter), compose(letter)
    wire = to_bytes(mail, at)
    steps: dict[str, Callable[[], object]] = {
        "context (words and links)": lambda: kind.context(letter),
        "render (page and text)": lambda: render.render("digest", context),
        "compose (both, and headers)": lambda: compose(letter),
        "to_bytes": lambda: to_bytes(mail, at),
        "sign": lambda: sign(wire, [signer], at),
        "  of it RSA": lambda: signer.sign(b"x" * 1_000),
        "all of it": lambda: sign(to_bytes(compose(letter), at), [signer], at),
    }
    print(f"HTML {len(mail.html):,} octets, text {len(mail.text):,}, mail {len(wire):,}")
    for name, step in steps.items():
        took = [_milliseconds(step) for _ in range(times)]
        print(f"{name:30} best {min(took):6.3f}  median {statistics.median(took):6.3f}")


def full_digest() -> Letter:
    """Ten ordinary jobs, the audit and the market strip."""
    usual = {"matched": SKILLS[:9], "missing": ["rust", "bazel"], "also_in": ["Kuala Lumpur"], "closes_on": "2026-12-04"}
    entries = [entry(number, company=f"Company {number}", company_key=str(number), **usual) for number in range(1, 11)]
    return letter_of("digest", "2026-W47", {"entries": entries, "audit": audit(), "market": market(), "waiting": 7})


def _milliseconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    main()
