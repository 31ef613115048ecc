"""What holds for every mail of every kind, before any server sees it. A new kind of mail is found here by itself."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import dkim as reader
import pytest

from services.notifier.compose import compose, envelope
from services.notifier.dkim import SIGNED, Signer, new_key, sign
from services.notifier.kinds import Kind, Letter, kind_called, kinds
from services.notifier.mail import Mail, to_bytes
from shared import links as purposes
from shared.mail_ids import named_mail
from tests.letters import BASE_URL, LINKS, SECRET, SETTINGS, entry, letter_of, sampled_kinds, samples
from tests.mail_page import Page
from tests.spam_rules import broken, suspicious

SIGNER = Signer("joblark.example.org", "test", new_key())
LIMIT = 90_000
CONTRAST = 4.5
OURS = {
    "confirm": purposes.CONFIRM, "subscription": purposes.MANAGE, "unsubscribe": purposes.UNSUBSCRIBE,
    "feedback": purposes.FEEDBACK, "still-there": purposes.RENEW, "digest": purposes.COPY, "feed": purposes.FEED,
}  # fmt: skip
"""The purpose of a signed link of ours, by the first part of its path."""
ELEMENTS = {
    "html", "head", "title", "meta", "style", "body", "div", "p", "h1", "h2", "h3", "span", "a", "b", "strong", "em", "small",
    "br", "hr", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "code", "pre",
}  # fmt: skip
ONE_CLICK = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID")
STRANGER = "words of a stranger"
"""In the name of a sample whose words are an attacker's: what is a matter of taste is not asked of it."""


class Sent(NamedTuple):
    """A sample as it goes out, and as it is read back."""

    letter: Letter
    kind: Kind
    mail: Mail
    wire: bytes
    message: EmailMessage
    text: str
    html: str


@cache
def sent(name: str) -> Sent:
    letter = dict(samples())[name]
    mail = compose(letter)
    wire = sign(to_bytes(mail, letter.mail.opened_at), [SIGNER], letter.mail.opened_at)
    message = message_from_bytes(wire, policy=policy.default)
    text, html = (str(part.get_content()).replace("\r\n", "\n") for part in message.iter_parts())
    return Sent(letter, kind_called(letter.mail.kind), mail, wire, message, text, html)


@cache
def page(name: str, dark: bool = False) -> Page:
    return Page(sent(name).html, dark)


NAMES = [name for name, _ in samples()]
TASTEFUL = [name for name in NAMES if STRANGER not in name]
every = pytest.mark.parametrize("name", NAMES)
tasteful = pytest.mark.parametrize("name", TASTEFUL)


def test_every_kind_has_a_sample() -> None:
    assert sampled_kinds() == set(kinds())


@every
def test_it_is_a_mail_as_rfc_5322_has_it(name: str) -> None:
    wire = sent(name).wire
    message = message_from_bytes(wire, policy=policy.strict)  # raises for any defect

    assert [type(part) for part in message.walk()] == [EmailMessage] * 3
    assert not [defect for part in message.walk() for value in part.values() for defect in value.defects]
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert len(message["To"].addresses) == len(message["From"].addresses) == 1
    assert len(set(map(str.lower, message.keys()))) == len(message.keys())
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[^\x01-\x7f]", wire)
    assert max(map(len, wire.split(b"\r\n"))) <= 998


@every
def test_both_parts_arrive_as_they_were_written(name: str) -> None:
    assert sent(name).text == sent(name).mail.text.replace("\r\n", "\n")
    assert sent(name).html == sent(name).mail.html.replace("\r\n", "\n")
    assert sent(name).message["Subject"] == sent(name).mail.subject


@every
def test_another_library_verifies_its_signature(name: str) -> None:
    def dns(asked: bytes, timeout: int = 5) -> bytes | None:
        return SIGNER.record.encode() if asked == f"{SIGNER.name}.".encode() else None

    message = sent(name).message
    named = re.sub(r"\s", "", str(message["DKIM-Signature"])).partition("h=")[2].partition(";")[0].split(":")

    assert reader.verify(sent(name).wire, dnsfunc=dns)
    assert not reader.verify(sent(name).wire.replace(b"\r\nTo: ", b"\r\nTo: x"), dnsfunc=dns)
    assert set(named) == set(SIGNED) & set(message.keys())


@every
def test_its_name_is_found_again_in_what_comes_back(name: str) -> None:
    mail_id = sent(name).letter.mail.id

    assert named_mail(str(sent(name).message["Message-ID"]), SECRET) == mail_id
    assert named_mail(envelope(mail_id, SETTINGS), SECRET) == mail_id
    assert "ada" not in str(sent(name).message["Message-ID"]) + str(sent(name).message["Feedback-ID"])


def test_without_a_return_path_bounces_go_to_the_sender() -> None:
    plain = SETTINGS.model_copy(update={"mail_return_path": ""})

    assert envelope(7, plain) == "digest@joblark.example.org"
    assert re.fullmatch(r"bounces\+7-[a-z2-7]{12}@joblark\.example\.org", envelope(7, SETTINGS))


@every
def test_bulk_mail_has_a_way_out_by_one_click_and_no_other_has(name: str) -> None:
    message, kind = sent(name).message, sent(name).kind

    assert message["Auto-Submitted"] == "auto-generated"
    assert [header in message for header in ONE_CLICK] == [kind.bulk] * 4
    if kind.bulk:
        way_out = str(message["List-Unsubscribe"]).removeprefix("<").removesuffix(">")
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert LINKS.read(purposes.UNSUBSCRIBE, way_out.rpartition("/")[2]) == sent(name).letter.person.id
        assert way_out.startswith(f"{BASE_URL}/unsubscribe/")
        assert way_out in [href for href, _ in page(name).links]
        assert f"List-Unsubscribe: <{way_out}>\r\n".encode() in sent(name).wire


@every
def test_the_page_is_valid_html(name: str) -> None:
    found = page(name)
    ids = [element.get("id") for element in found.elements if element.get("id")]

    assert found.errors == []
    assert {element.tag for element in found.elements} <= ELEMENTS
    assert len(ids) == len(set(ids))
    assert found.root.get("lang") == "en"
    assert "{{" not in sent(name).html.replace("{{ 7*7 }}", "")
    assert "{%" not in sent(name).html


@every
def test_the_page_is_valid_html_in_outlook_too(name: str) -> None:
    """What Outlook reads of conditional comments; `o:` elements and `xml` are of its own language, and only there."""
    html = re.sub(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", "", sent(name).html, flags=re.DOTALL)
    html = re.sub(r"<noscript>\s*<xml>.*?</xml>\s*</noscript>", "", html, flags=re.DOTALL)
    html = re.sub(r"<!--\[if [^\]]*(?:mso|IE)[^\]]*\]>|<!\[endif\]-->", "", html)
    found = Page(html)

    assert found.errors == []
    assert {element.tag for element in found.elements} <= ELEMENTS
    assert "<!--[if" not in html


@every
def test_the_page_is_made_for_light_and_dark(name: str) -> None:
    metas = {element.get("name"): element.get("content") for element in page(name).elements if element.tag == "meta"}

    assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"
    assert "@media (prefers-color-scheme: dark)" in sent(name).html


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@every
def test_every_word_can_be_read(name: str, dark: bool) -> None:
    pieces = page(name, dark).pieces
    faint = [(piece.text[:60], round(piece.contrast, 2)) for piece in pieces if piece.contrast < CONTRAST]

    assert faint == []
    assert len(pieces) > 5


@every
def test_the_page_asks_no_server_for_anything(name: str) -> None:
    html, found = sent(name).html, page(name)

    assert not [
        element.tag for element in found.elements if element.tag in {"img", "link", "script", "iframe", "form", "input"}
    ]
    names = {attribute for element in found.elements for attribute in element.keys()}  # noqa: SIM118 - of ElementTree
    assert not names & {"src", "srcset", "background", "poster", "action", "ping", "data"}
    assert not [attribute for attribute in names if attribute.startswith("on")]
    assert not re.search(r"(?i)url\(|@import|@font-face|<v:|javascript:|data:", re.sub(r"(?s)>[^<]*<", "><", html))


@every
def test_every_link_is_one_of_ours_or_the_employers_own(name: str) -> None:
    given = {one["url"] for one in (sent(name).letter.mail.content or {}).get("entries", []) if one["url"]}

    for href, _ in page(name).links:
        parts = urlsplit(href)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        if not href.startswith(f"{BASE_URL}/"):
            assert href in given
        elif parts.path != "/":
            assert _reads(parts.path), f"not a link of ours: {parts.path}"
    assert given <= {href for href, _ in page(name).links}


def _reads(path: str) -> bool:
    """Whether this is a link of ours that was signed for what it is."""
    _, first, token = path.split("/")
    purpose = OURS[first]
    return bool(LINKS.read_feedback(token) if purpose == purposes.FEEDBACK else LINKS.read(purpose, token))


@every
def test_the_text_has_the_same_links(name: str) -> None:
    in_html = {href for href, _ in page(name).links}
    in_text = set(re.findall(r"https?://\S+", sent(name).text))

    assert in_html - in_text == set()
    assert {href for href in in_text - in_html if not BASE_URL.startswith(href.rstrip(".,)/"))} == set()


@every
def test_it_is_small_enough_to_be_shown_whole(name: str) -> None:
    assert len(sent(name).html.encode()) <= LIMIT


@every
def test_the_page_needs_no_encoding_unless_an_address_is_too_long_for_a_line(name: str) -> None:
    part = list(sent(name).message.iter_parts())[1]

    assert sent(name).html.isascii()
    assert part["Content-Transfer-Encoding"] == ("quoted-printable" if name == "digest: full" else "7bit")


def test_ten_ordinary_entries_are_far_below_the_limit() -> None:
    ten = [
        entry(number, company=f"Company {number}", company_key=str(number), also_in=["Kuala Lumpur"]) for number in range(10)
    ]
    letter = letter_of("digest", "2026-W47", {"entries": ten})

    assert len(to_bytes(compose(letter), letter.now)) <= LIMIT * 3 // 4


@tasteful
def test_no_rule_of_a_spam_filter_is_broken(name: str) -> None:
    assert broken(sent(name).wire) == [], suspicious(page(name).text)
