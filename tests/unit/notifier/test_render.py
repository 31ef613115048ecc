"""The mails that list jobs as they are read: by people, by mail programs, and by whoever hopes to run a script in one."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from services.notifier.digest import Candidate, Digest, Market
from services.notifier.kinds import Letter, kind_called
from services.notifier.render import Rendered, kinds, render
from shared.audit import Audit
from shared.errors import NotFound
from shared.match import Cause
from shared.posting import Pay, Place
from tests.factories import profile
from tests.week import AUDIT, MARKET, NOW, digest_from, letter, pictured

Make = Callable[..., Candidate]
VOID = {"meta", "br", "img", "hr", "link", "input", "o:allowpng"}
LISTING = ("digest", "welcome", "welcome-quiet")
DAY = timedelta(days=1)


class Page(HTMLParser):
    """Every element with its attributes, the visible text, and whether what is opened is closed again."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.elements if tag == "a"]


def rendered(of: Letter) -> Rendered:
    return render(of.mail.kind, kind_called(of.mail.kind).context(of))


def mail(*candidates: Candidate, kind: str = "digest", size: int = 10, **given: object) -> Rendered:
    return rendered(letter(digest_from(*candidates, size=size), kind=kind, **given))


def drawn(name: str) -> Rendered:
    return rendered(pictured()[name])


def unwrapped(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------------------------------------------------- what it says


def test_every_folder_is_a_mail() -> None:
    assert {"digest", "welcome"} <= set(kinds())
    with pytest.raises(NotFound, match="there is no mail called"):
        render("../digest", {})


def test_a_name_missing_from_the_context_is_an_error() -> None:
    context = kind_called("digest").context(pictured()["digest"])
    del context["unsubscribe_url"]

    with pytest.raises(UndefinedError, match="unsubscribe_url"):
        render("digest", context)


@pytest.mark.parametrize(
    ("count", "subject"),
    [
        (1, "Backend Engineer at Lumenworks"),
        (2, "Backend Engineer at Lumenworks, and 1 more job that fits you"),
        (7, "Backend Engineer at Lumenworks, and 6 more jobs that fit you"),
    ],
)
def test_the_subject_is_the_best_match_and_the_count(candidate: Make, count: int, subject: str) -> None:
    others = [candidate(i, title="Engineer", company=f"C{chr(65 + i)}", is_local=False) for i in range(2, count + 1)]
    best = candidate(1, title="Backend\r\n Engineer", company="Lumenworks", score=90, skills=("go", "kafka"))

    assert mail(best, *others).subject == subject
    assert mail(best, *others, kind="welcome").subject == f"Welcome: {subject}"


def test_an_empty_digest_is_never_a_mail() -> None:
    with pytest.raises(ValueError, match="empty"):
        rendered(letter(Digest()))


def test_both_parts_say_the_same_things() -> None:
    digest = drawn("digest")
    page = Page(digest.html).text
    for part in (page, unwrapped(digest.text)):
        for words in (
            "6 jobs that fit you", "Week of 16 November 2026 · Singapore", "Lumenworks · Singapore · hybrid",
            "SGD 108,000–150,000 a year · apply by 4 December", "First seen yesterday · open 12 days · checked open today",
            "9 of 10 skills it names are yours · backend work, like yours · senior level, like yours",
            "100% fit", "Also in", "Kuala Lumpur", "+2 more at Lumenworks", "Remote, APAC", "From USD 96,000 a year",
            "Fernhill Search · through an agency · Singapore", "last seen open yesterday · listed by Himalayas",
            "First seen 3 months ago · listed again 2 days ago · checked open today", "Harbour & Pine",
            "Joblark, 1 Example Street", "every week because you asked for jobs that fit you and confirmed it on 5 March 2026",
            "Unsubscribe", "Change what you get", "Pause", "Read on the web", "Your feed", "More like this", "Not for me",
        ):  # fmt: skip
            assert words in part
    assert ("re-post" in page.casefold(), digest.text.count("Re-post")) == (True, 1)
    assert "<" not in digest.text
    assert "&amp;" not in digest.text
    assert page.count("+2 more at Lumenworks") == 1


def test_links_go_straight_to_the_employer_and_to_us() -> None:
    letters = pictured()
    of, digest = letters["digest"], drawn("digest")
    links, person = of.links, of.person.id
    jobs = [
        (1, "lumenworks/0"),
        (3, "quillstone/2"),
        (9, "fernhill/8"),
        (8, "harbour/7"),
        (5, "lumenworks/4"),
        (4, "tidewater/3"),
    ]
    wanted = [
        link
        for posting_id, path in jobs
        for link in (
            *[f"https://jobs.example.com/{path}"] * 2,
            links.feedback(person, posting_id, True),
            links.feedback(person, posting_id, False),
        )
    ]
    manage = links.manage(person)
    wanted += [manage, f"{manage}#pause", links.unsubscribe(person), links.copy(of.mail.id), links.feed(person)]

    assert Page(digest.html).links == wanted
    assert all(link in digest.text.split() for link in wanted)


def test_the_line_beside_the_subject_says_what_comes_next() -> None:
    words = Page(drawn("digest").html).text

    assert words.startswith(
        "Also Senior Platform Engineer, Developer Infrastructure at Quillstone; Backend Engineer (Go) at Fernhill Search"
    )


def test_one_that_was_subscribed_by_the_operator_is_told_no_date_of_their_own() -> None:
    text = unwrapped(rendered(letter(pictured_digest())).text)

    assert "You get this mail every week because this address is subscribed to jobs that fit you." in text


def pictured_digest() -> Digest:
    return Digest.model_validate(pictured()["digest"].mail.content)


def test_a_mail_that_is_only_looked_at_has_no_copy_on_the_web() -> None:
    of = pictured()["digest"]
    of.mail.id = None

    assert "Read on the web" not in rendered(of).html + rendered(of).text


# --------------------------------------------------------------------------------------------------------------- freshness


@pytest.mark.parametrize(
    ("given", "age"),
    [
        ({"days": 0}, "First seen today · checked open today"),
        ({"days": 3, "posted": 12}, "First seen 3 days ago · open 12 days · checked open today"),
        ({"days": 3, "posted": 3}, "First seen 3 days ago · checked open today"),
        ({"days": 12, "posted": 3}, "First seen 12 days ago · checked open today"),
        ({"days": 3, "last_seen_at": NOW - 2 * DAY}, "First seen 3 days ago · last seen open 2 days ago"),
        (
            {"days": 3, "relisted_at": NOW - DAY, "posted": 90},
            "First seen 3 days ago · listed again yesterday · checked open today",
        ),
        ({"days": 800}, "First seen 2 years ago · checked open today"),
    ],
)
def test_how_fresh_a_job_is(candidate: Make, given: dict[str, object], age: str) -> None:
    digest = mail(candidate(1, **given))

    assert age in unwrapped(digest.text)
    assert age in Page(digest.html).text


@pytest.mark.parametrize(
    ("closes_on", "words"),
    [
        (date(2026, 11, 21), "apply today"),
        (date(2026, 12, 4), "apply by 4 December\n"),
        (date(2028, 1, 4), "apply by 4 January 2028\n"),
        (date(2026, 11, 20), ""),
        (None, ""),
    ],
)
def test_until_when_one_may_apply(candidate: Make, closes_on: date | None, words: str) -> None:
    text = mail(candidate(1, closes_on=closes_on)).text

    assert words in text
    assert ("apply" in text) == bool(words)


# ------------------------------------------------------------------------------------------------------------ the week


def with_week(audit: Audit | None, market: Market | None, **given: object) -> Rendered:
    return rendered(letter(pictured_digest().model_copy(update={"audit": audit, "market": market, "waiting": 2}), **given))


def test_the_week_in_numbers_that_add_up() -> None:
    said = "412 new this week · 52 fit · 6 here, 2 kept for later · left out: 231 elsewhere, 88 other level, 41 already sent"

    digest = with_week(AUDIT, None)
    assert said in unwrapped(digest.text)
    assert said in Page(digest.html).text
    assert "412 new today" in unwrapped(with_week(AUDIT, None, cadence="daily").text)


@pytest.mark.parametrize(
    "audit",
    [None, Audit(considered=0, matched=0), Audit(considered=413, matched=52, dropped=AUDIT.dropped)],
    ids=["nobody counted", "there was nothing", "they do not add up"],
)
def test_numbers_that_say_nothing_are_left_out(audit: Audit | None) -> None:
    digest = with_week(audit, None)

    assert "left out" not in digest.text + digest.html
    assert " new this week" not in digest.text + digest.html
    assert "week by week" not in digest.text + digest.html


def test_every_cause_has_words() -> None:
    audit = Audit(considered=len(Cause), matched=0, dropped=dict.fromkeys(Cause, 1))

    assert unwrapped(with_week(audit, None).text).count(" 1 ") >= len(Cause) - 1


def test_the_market_is_drawn_without_a_picture_and_said_in_numbers() -> None:
    digest = with_week(None, MARKET)
    page = Page(digest.html)
    [label] = [attributes["aria-label"] for _, attributes in page.elements if attributes.get("role") == "img"]
    heights = [
        int(attributes["height"] or 0)
        for _, attributes in page.elements
        if attributes.get("class", "") in ("bar", "bar latest")
    ]

    assert label == "Oldest week first: 226, 301, 284, 372, 178, 339, 405 and 412"
    assert heights == [24, 32, 30, 40, 19, 36, 43, 44]
    assert "New openings in Singapore, week by week" in page.text
    assert "▅▆▆█▄▇██   226 301 284 372 178 339 405 412" in digest.text


def test_a_place_without_openings_has_no_market() -> None:
    assert "week by week" not in with_week(AUDIT, Market(place="Singapore", weeks=(0, 0))).text


def test_a_market_of_many_fits_under_its_bars() -> None:
    text = with_week(None, Market(place="Everywhere", weeks=(1_204, 99_999, 104_500))).text

    assert "▁██   1,204 99,999 104k" in text


# -------------------------------------------------------------------------------------------------------------- the welcome


def test_a_welcome_says_when_the_next_ones_come_and_shows_what_fits_already() -> None:
    welcome = drawn("welcome")
    for part in (Page(welcome.html).text, unwrapped(welcome.text)):
        for words in (
            "You are in: 3 jobs that fit you", "every Monday at 08:00, Asia/Singapore time", "Monday, 23 November",
            "Senior Backend Engineer, Settlement", "More like this", "confirmed it on 21 November 2026", "Unsubscribe",
        ):  # fmt: skip
            assert words in part


def test_a_welcome_without_jobs_says_when_the_first_come_and_what_was_asked_for() -> None:
    welcome = drawn("welcome-quiet")
    assert welcome.subject == "Welcome: jobs that fit you, from Monday, 23 November"
    for part in (Page(welcome.html).text, unwrapped(welcome.text)):
        for words in ("The first mail comes on Monday, 23 November", "Go, PostgreSQL", "senior backend", "Unsubscribe"):
            assert words in part
        assert "More like this" not in part
        assert "week by week" not in part


# ------------------------------------------------------------------------------------------------------------ mail programs


@pytest.mark.parametrize("name", LISTING)
def test_a_mail_asks_no_server_for_anything(name: str) -> None:
    html = drawn(name).html
    page = Page(html)

    assert not {tag for tag, _ in page.elements} & {"img", "link", "script", "iframe", "object", "form", "base", "video"}
    assert not [attributes for _, attributes in page.elements if {"src", "background", "srcset"} & attributes.keys()]
    assert "url(" not in html
    assert "@import" not in html


@pytest.mark.parametrize("name", LISTING)
def test_the_page_is_well_formed_for_outlook_too(name: str) -> None:
    html = drawn(name).html
    as_outlook_reads_it = re.sub(
        r"<!--\[if [^\]]*(?:mso|IE)[^\]]*\]>|<!\[endif\]-->",
        "",
        re.sub(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", "", html),
    )

    Page(html)
    Page(as_outlook_reads_it)
    assert len(as_outlook_reads_it) < len(html)
    assert "{{" not in html
    assert "{%" not in html


@pytest.mark.parametrize("name", LISTING)
def test_dark_mode_is_declared_and_styled(name: str) -> None:
    html = drawn(name).html

    assert '<meta name="color-scheme" content="light dark"' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert '<html lang="en"' in html


@pytest.mark.parametrize("name", LISTING)
def test_the_text_is_written_in_lines_that_can_be_read(name: str) -> None:
    lines = drawn(name).text.splitlines()

    assert not [line for line in lines if len(line) > 72 and "https://" not in line]
    assert not [line for line in lines if line != line.rstrip() and line != "-- "]
    assert "\n\n\n" not in drawn(name).text


# -------------------------------------------------------------------------------------------------------------- hostile words

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1) {{ 7*7 }} {% raw %} ]]> <!--[if mso]>'


@pytest.mark.parametrize("kind", ["digest", "welcome"])
def test_words_of_a_posting_are_never_markup(candidate: Make, kind: str) -> None:
    hostile = candidate(
        1, title=HOSTILE, company=HOSTILE, location=HOSTILE, locations=("Hanoi", HOSTILE + "2"), description=HOSTILE,
        skills=("go",), attribution=HOSTILE, url="https://jobs.example.com/?a=1&b='\"><script>",
        places=(Place(city=HOSTILE, country="SG"),),
    )  # fmt: skip
    chosen = digest_from(hostile).model_copy(update={"market": Market(place=HOSTILE, weeks=(1, 2))})
    who = profile("go", places=(Place(city=HOSTILE, country="SG"),))
    found = rendered(letter(chosen, kind=kind, mail_postal=HOSTILE, who=who))
    page = Page(found.html)

    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "49" not in page.text
    assert "\n" not in found.subject


def full(candidate: Make, words: Callable[[str, int], str], url: str) -> Sequence[Candidate]:
    """Ten entries with everything, each text as long as it may be and longer."""
    skills = ("python", "java", "kafka", "kubernetes", "terraform", "postgresql", "redis", "docker", "linux", "grpc", "rust")
    return [
        candidate(
            i, title=words("t", 500), company=f"{chr(65 + i) * 3} " + words("c", 300), location=words("l", 300),
            pay=Pay(low=100_000, high=200_000, currency="SGD"), locations=[f"{n} " + words("p", 100) for n in range(30)],
            url=url, skills=(*skills, "go"), wants=("bazel", "nix", "data engineering", "apache airflow", "apache spark"),
            attribution=words("a", 90), agency=True, relisted_at=NOW - DAY, closes_on=date(2026, 12, 4), places=(),
        )
        for i in range(10)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "url"),
    [
        (lambda letter, count: letter * count, "https://jobs.example.com/" + "u" * 870),
        (lambda letter, count: "工程師" * (count // 3), "https://jobs.example.com/" + "u" * 375),
        (lambda letter, count: ("Ведущий разработчик " * 25)[:count], "https://jobs.example.com/" + "u" * 870),
        (lambda letter, count: "&" * count, "https://jobs.example.com/?" + "&" * 170),
        (lambda letter, count: "😀" * count, "https://jobs.example.com/?" + "&a" * 145),
    ],
    ids=["latin", "chinese", "cyrillic", "ampersands", "emoji"],
)
def test_ten_full_entries_stay_under_what_gmail_shows(candidate: Make, words: Callable[[str, int], str], url: str) -> None:
    chosen = digest_from(*full(candidate, words, url)).model_copy(update={"audit": AUDIT, "market": MARKET})
    found = rendered(letter(chosen))

    assert len(chosen.entries) == 10
    assert Page(found.html).text.count("Not for me") == 10
    assert len(found.html.encode()) < 90_000


def test_a_bare_posting_leaves_no_empty_lines(candidate: Make) -> None:
    bare = candidate(1, company=None, location=None, days=0, score=80.0, last_seen_at=NOW)
    found = mail(bare, mail_postal="", who=profile("go", places=()))
    text = found.text

    assert text.startswith("1 job that fits you\nWeek of 16 November 2026\n\n1. Backend Engineer (")
    assert "fit)\n   First seen today · checked open today\n   Why: " in text
    assert "· <" not in found.html
    assert not re.search(r"<div[^>]*></div>", found.html)
