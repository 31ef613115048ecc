"""The mails as they are read: by people, by mail programs, and by whoever hopes to run a script in one."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from services.notifier.digest import Candidate, Digest, choose
from services.notifier.kinds.confirm import confirm_context
from services.notifier.render import Context, Rendered, kinds, render
from shared.errors import NotFound
from shared.posting import Level, Pay, Place, Role
from shared.profile import Profile, ProfileSkill

Make = Callable[..., Candidate]
ContextOf = Callable[..., Context]
VOID = {"meta", "br", "img", "hr", "link", "input", "o:allowpng"}
CONFIRM = "https://joblark.example.org/confirm/NDI.c2lnbmVk"


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


@pytest.fixture
def rendered(digest: Digest, context_of: ContextOf) -> Rendered:
    return render("digest", context_of(digest))


def confirm(**given: object) -> Rendered:
    profile = Profile(
        headline="Visit www.evil.example now",
        role=Role.BACKEND,
        level=Level.SENIOR,
        skills=(ProfileSkill(skill="Go"), ProfileSkill(skill="PostgreSQL")),
        places=(Place(city="Singapore", country="SG"), Place(city="evil.example/win")),
    )
    values = {"profile": profile, "cadence": "weekly", "weekday": 0, "hour": 8, "timezone": "Asia/Singapore", "postal": ""}
    return render("confirm", confirm_context(**(values | {"confirm_url": CONFIRM} | given)))


def test_every_folder_is_a_mail() -> None:
    assert kinds() == ("confirm", "digest")
    with pytest.raises(NotFound, match="there is no mail called"):
        render("../digest", {})


def test_a_name_missing_from_the_context_is_an_error(digest: Digest, context_of: ContextOf) -> None:
    context = context_of(digest)
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
def test_the_subject_is_the_best_match_and_the_count(candidate: Make, context_of: ContextOf, count: int, subject: str) -> None:
    others = [candidate(i, title="Engineer", company=f"C{chr(65 + i)}", score=60) for i in range(2, count + 1)]
    best = candidate(1, title="Backend\r\n Engineer", company="Lumenworks", score=90)

    assert render("digest", context_of(choose([best, *others], set(), 10, 2))).subject == subject


def test_an_empty_digest_is_never_a_mail(context_of: ContextOf) -> None:
    with pytest.raises(ValueError, match="empty"):
        context_of(Digest())


def test_both_parts_say_the_same_things(rendered: Rendered) -> None:
    page = Page(rendered.html).text
    for part in (page, rendered.text):
        for words in (
            "5 jobs that fit you", "Week of 16 November 2026 · Singapore", "Lumenworks · Singapore · hybrid",
            "SGD 108,000–150,000 a year", "first seen 5 days ago", "93% fit", "10 skills it asks for · senior, as you are",
            "Also in Kuala Lumpur", "+2 more at Lumenworks", "Remote, APAC", "ISO 8583", "Joblark, 1 Example Street",
            "every week because this address is subscribed", "Unsubscribe", "Change what you get", "Harbour & Pine",
        ):  # fmt: skip
            assert words in part
    assert "<" not in rendered.text
    assert "&amp;" not in rendered.text
    assert page.count("+2 more at Lumenworks") == 1


def test_links_go_straight_to_the_employer_and_to_us(rendered: Rendered) -> None:
    page = Page(rendered.html)

    assert page.links == [
        "https://jobs.example.com/lumenworks/0", "https://jobs.example.com/quillstone/2", "https://jobs.example.com/tidewater/3",
        "https://jobs.example.com/lumenworks/4", "https://jobs.example.com/harbour/7",
        "https://joblark.example.org/subscription/NDI.c2lnbmVk", "https://joblark.example.org/unsubscribe/NDI.c2lnbmVk",
    ]  # fmt: skip
    assert all(link in rendered.text for link in page.links if link)


@pytest.mark.parametrize("mail", ["digest", "confirm"])
def test_a_mail_asks_no_server_for_anything(rendered: Rendered, mail: str) -> None:
    html = rendered.html if mail == "digest" else confirm().html
    page = Page(html)

    assert not {tag for tag, _ in page.elements} & {"img", "link", "script", "iframe", "object", "form", "base", "video"}
    assert not [attributes for _, attributes in page.elements if {"src", "background", "srcset"} & attributes.keys()]
    assert "url(" not in html
    assert "@import" not in html


@pytest.mark.parametrize("mail", ["digest", "confirm"])
def test_the_page_is_well_formed_for_outlook_too(rendered: Rendered, mail: str) -> None:
    html = rendered.html if mail == "digest" else confirm().html
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


@pytest.mark.parametrize("mail", ["digest", "confirm"])
def test_dark_mode_is_declared_and_styled(rendered: Rendered, mail: str) -> None:
    html = rendered.html if mail == "digest" else confirm().html

    assert '<meta name="color-scheme" content="light dark"' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert '<html lang="en"' in html


def test_the_line_beside_the_subject_says_what_comes_next(rendered: Rendered) -> None:
    words = Page(rendered.html).text

    assert words.startswith(
        "Also Senior Platform Engineer, Developer Infrastructure at Quillstone; Site Reliability Engineer at"
    )


HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1) {{ 7*7 }} {% raw %} ]]> <!--[if mso]>'


def test_words_of_a_posting_are_never_markup(candidate: Make, context_of: ContextOf) -> None:
    hostile = candidate(
        1, title=HOSTILE, company=HOSTILE, location=HOSTILE, locations=("Hanoi", HOSTILE + "2"),
        matched=(HOSTILE,), missing=(HOSTILE,), reasons=(HOSTILE,), description=HOSTILE,
        url="https://jobs.example.com/?a=1&b='\"><script>",
    )  # fmt: skip
    mail = render("digest", context_of(choose([hostile], set(), 10, 2), postal=HOSTILE, places=(Place(city=HOSTILE),)))
    page = Page(mail.html)

    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "49" not in page.text
    assert "\n" not in mail.subject


def test_ten_full_entries_stay_under_what_gmail_shows(candidate: Make, context_of: ContextOf) -> None:
    full = [
        candidate(
            i, title="T" * 500, company=f"{chr(65 + i) * 3} " + "C" * 300, location="L" * 300, score=90,
            pay=Pay(low=100_000, high=200_000, currency="SGD"), locations=[f"{n} " + "P" * 100 for n in range(30)],
            url="https://jobs.example.com/" + "u" * 960,
            matched=[f"{n} " + "m" * 90 for n in range(30)], missing=[f"{n} " + "n" * 90 for n in range(30)],
            reasons=[f"{n} " + "r" * 300 for n in range(9)],
        )
        for i in range(10)
    ]  # fmt: skip
    mail = render("digest", context_of(choose(full, set(), 10, 2)))

    assert Page(mail.html).text.count("LLL…") == 10
    assert len(mail.html.encode()) < 90_000


def test_a_bare_posting_leaves_no_empty_lines(candidate: Make, context_of: ContextOf) -> None:
    bare = candidate(1, company=None, location=None, days=0)
    mail = render("digest", context_of(choose([bare], set(), 10, 2), places=(), postal=""))
    text = mail.text

    assert text.startswith(
        "1 job that fits you\nWeek of 16 November 2026\n\n1. Backend Engineer (80% fit)\n   First seen today\n\n-- \n"
    )
    assert "· <" not in mail.html
    assert not re.search(r"<div[^>]*font-family[^>]*></div>", mail.html)


def test_a_confirmation_says_what_was_asked_for_and_how_to_say_no() -> None:
    mail = confirm()
    page = Page(mail.html)

    assert mail.subject == "Please confirm: jobs that fit you, every week"
    for part in (mail.text, page.text):
        for words in (
            "every Monday at 08:00, Asia/Singapore time",
            "senior backend engineering",
            "Go and PostgreSQL",
            "Singapore",
        ):
            assert words in part
        assert "If this was not you, ignore this mail; you will hear nothing more from us." in part
    assert page.links == [CONFIRM, CONFIRM]
    assert CONFIRM in mail.text


def test_a_confirmation_carries_no_words_of_a_stranger() -> None:
    mail = confirm()

    assert "evil" not in mail.html + mail.text + mail.subject
