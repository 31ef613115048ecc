"""How well location strings are read: `python tests/benchmarks/places.py`.

Reads the strings of `places_judged.tsv` and compares the countries found with those that a person saw in each; then every
string of the recorded lists that names Singapore. With `--draw SEED NUMBER` it prints fresh strings for judging instead:
half drawn by how many postings have them, half from the distinct ones.
"""

import csv
import gzip
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from shared.reading.places import read_places  # noqa: E402

BULK = ROOT.parent / "shared" / "data" / "bulk"
JUDGED = HERE / "places_judged.tsv"
SINGAPORE = re.compile(r"singap|sinagp|新加坡|シンガポール|싱가포르|\bSGP\b|^SG$", re.IGNORECASE)
BAR = 0.98


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--draw"]:
        sys.stdout.writelines(f"{string}\n" for string in drawn(int(arguments[1]), int(arguments[2])))
        return 0
    for name, judged in verdicts().items():
        wrong = {string: countries for string, countries in judged.items() if found(string) != countries}
        share = 1 - len(wrong) / len(judged)
        print(f"{name}: {len(judged)} strings, {len(judged) - len(wrong)} right: {share:.4f} (bar {BAR})")
        for string, countries in wrong.items():
            print(f"  {string!r}: read {found(string) or '-'}, a person {countries or '-'}")
    singapore()
    cost()
    return 0


def verdicts() -> dict[str, dict[str, str]]:
    """Strings of each sample with the countries that a person read, as `DE GB`."""
    samples: dict[str, dict[str, str]] = {}
    with JUDGED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, dialect="excel-tab", quoting=csv.QUOTE_NONE):
            samples.setdefault(row["sample"], {})[row["string"]] = row["countries"]
    return samples


def found(string: str) -> str:
    return " ".join(sorted({place.country for place in read_places([string]) if place.country}))


def singapore() -> None:
    """Every string that names Singapore, wherever it comes from."""
    strings = sorted({string for string in every_string() if SINGAPORE.search(string)})
    missed = [string for string in strings if "SG" not in found(string)]
    print(f"Singapore: {len(strings)} strings, {len(strings) - len(missed)} read as Singapore {missed or ''}")


def every_string() -> Iterator[str]:
    yield from greenhouse()
    with (BULK / "singapore_postings.jsonl").open(encoding="utf-8") as file:
        for line in file:
            posting = json.loads(line)
            yield from filter(None, (posting.get("location"), *(posting.get("secondary") or ())))
    for file in (HERE.parents[2] / "shared" / "data" / "feeds").rglob("*.json"):
        yield from locations(json.loads(file.read_text(encoding="utf-8", errors="replace") or "null"))


def locations(document: object, name: str = "") -> Iterator[str]:
    """Every text of at most 200 characters under a name such as `location`, `office`, `city` or `country`."""
    if isinstance(document, dict):
        for key, value in document.items():
            inside = bool(re.search("location|office|city|country|address", name, re.IGNORECASE)) and key.lower() == "name"
            yield from locations(value, name if inside else key)
    elif isinstance(document, list):
        for value in document:
            yield from locations(value, name)
    elif isinstance(document, str) and len(document) <= 200 and re.search("location|city|country|office", name, re.IGNORECASE):
        yield document


def greenhouse() -> list[str]:
    """The location of each posting of the two daily lists."""
    files = sorted((BULK / "greenhouse_112k").glob("*.json.gz")) or sys.exit("needs greenhouse_112k beside the repository")
    return [
        posting["location"]
        for file in files
        for posting in json.loads(gzip.decompress(file.read_bytes()))
        if posting["location"]
    ]


def drawn(seed: int, number: int) -> list[str]:
    """Distinct strings in an order that `seed` fixes."""
    postings, chance = Counter(greenhouse()), random.Random(seed)
    order = sorted(postings)
    weighted = sorted(order, key=lambda string: -(chance.random() ** (1 / postings[string])))[: number // 2]
    rest = [string for string in order if string not in set(weighted)]
    return weighted + chance.sample(rest, number - len(weighted))


def cost() -> None:
    strings = sorted(set(greenhouse()))[::5]
    read_places(["Singapore"])
    began = time.process_time()
    for string in strings:
        read_places([string])
    print(f"{(time.process_time() - began) / len(strings) * 1e6:.0f} µs per string that was not read before")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
