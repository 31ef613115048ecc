"""Rules that spam filters are known to have, written anew for the mails we send. Each is true for a mail that breaks it.

They are about what can be seen in the mail itself; what a filter knows of servers and reputations is elsewhere.
"""

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from urllib.parse import urlsplit

from tests.mail_page import Page

Test = Callable[["Received"], bool]
RULES: dict[str, Test] = {}
PHRASES = (
    "act now", "apply now", "as seen on", "buy now", "call now", "cash bonus", "click below", "click here", "congratulations",
    "dear friend", "do it today", "double your", "earn extra", "eliminate debt", "extra income", "fast cash",
    "financial freedom", "free gift", "free money", "free trial", "get paid", "get rich", "great offer", "guaranteed",
    "increase sales", "limited time", "lowest price", "make money", "million dollars", "money back", "no catch", "no cost",
    "no credit check", "no obligation", "no strings attached", "not spam", "now only", "obligation free", "offer expires",
    "once in a lifetime", "only today", "order now", "per week from home", "prize", "pure profit", "risk free", "risk-free",
    "satisfaction guaranteed", "save big", "special promotion", "this is not spam", "this isn't spam", "urgent", "viagra",
    "what are you waiting for", "while supplies last", "winner", "work from home", "you have been selected", "100% free",
)  # fmt: skip
SHORTENERS = {"bit.ly", "goo.gl", "t.co", "tinyurl.com", "is.gd", "ow.ly", "buff.ly", "rebrand.ly", "cutt.ly", "lnkd.in"}


class Received:
    """A mail as it arrives, taken apart."""

    def __init__(self, wire: bytes) -> None:
        self.wire = wire
        self.message: EmailMessage = message_from_bytes(wire, policy=policy.default)
        self.subject = str(self.message["Subject"] or "")
        self.parts = {part.get_content_type(): part for part in self.message.walk() if not part.is_multipart()}

    @cached_property
    def html(self) -> str:
        return str(self.parts["text/html"].get_content()) if "text/html" in self.parts else "<html><body></body></html>"

    @cached_property
    def text(self) -> str:
        return str(self.parts["text/plain"].get_content()) if "text/plain" in self.parts else ""

    @cached_property
    def page(self) -> Page:
        return Page(self.html)

    @property
    def seen(self) -> str:
        """All that a person reads of it."""
        return f"{self.subject}\n{self.page.text}"


def broken(wire: bytes) -> list[str]:
    """The names of the rules that this mail breaks."""
    mail = Received(wire)
    return [name for name, test in RULES.items() if test(mail)]


def rule(test: Test) -> Test:
    RULES[test.__name__] = test
    return test


@rule
def subject_in_capitals(mail: Received) -> bool:
    letters = [letter for letter in mail.subject if letter.isalpha()]
    return len(letters) >= 8 and sum(map(str.isupper, letters)) > 0.6 * len(letters)


@rule
def subject_shouts(mail: Received) -> bool:
    return bool(re.search(r"!|\?\?|\$\$|\*\*|~~|\.\.\.\.|%%|>>>", mail.subject))


@rule
def subject_is_gappy(mail: Received) -> bool:
    return bool(re.search(r"(?:\b\w[ .*_-]){4,}", mail.subject))


@rule
def subject_pretends_to_be_an_answer(mail: Received) -> bool:
    return bool(re.match(r"(?i)(?:re|fwd?|aw|sv)\s*(?:\[\d+\])?:", mail.subject)) and "In-Reply-To" not in mail.message


@rule
def subject_is_missing_or_endless(mail: Received) -> bool:
    return not 3 <= len(mail.subject) <= 255


@rule
def subject_begins_with_money_or_a_number_of_dollars(mail: Received) -> bool:
    return bool(re.match(r"\s*(?:[$€£]|\d+\s*%\s*off)", mail.subject, re.IGNORECASE))


@rule
def a_needed_header_is_missing_or_twice(mail: Received) -> bool:
    return any(len(mail.message.get_all(name, [])) != 1 for name in ("From", "To", "Subject", "Date", "Message-ID"))


@rule
def date_cannot_be_read(mail: Received) -> bool:
    date = mail.message["Date"]
    return date is None or getattr(date, "datetime", None) is None or date.datetime.tzinfo is None


@rule
def message_id_looks_forged(mail: Received) -> bool:
    found = re.fullmatch(r"<([A-Za-z0-9.+_=-]{8,120})@([a-z0-9-]+(?:\.[a-z0-9-]+)+)>", str(mail.message["Message-ID"] or ""))
    return not found or not _same_domain(found[2], _from_domain(mail))


@rule
def sender_has_no_name_or_one_that_is_another_address(mail: Received) -> bool:
    addresses = getattr(mail.message["From"], "addresses", ())
    return len(addresses) != 1 or not addresses[0].display_name or "@" in addresses[0].display_name


@rule
def sender_looks_made_by_a_machine(mail: Received) -> bool:
    local = mail.message["From"].addresses[0].username if getattr(mail.message["From"], "addresses", ()) else ""
    return bool(re.search(r"\d{4}|^[bcdfghjklmnpqrstvwxz]{7}", local))


@rule
def addressed_to_nobody_or_to_many(mail: Received) -> bool:
    return len(getattr(mail.message["To"], "addresses", ())) != 1 or "Bcc" in mail.message


@rule
def asks_to_be_important(mail: Received) -> bool:
    return any(name in mail.message for name in ("X-Priority", "X-MSMail-Priority", "Importance", "Priority"))


@rule
def headers_hold_raw_octets(mail: Received) -> bool:
    return not mail.wire.partition(b"\r\n\r\n")[0].isascii()


@rule
def a_line_is_longer_than_mail_may_have(mail: Received) -> bool:
    return max(map(len, mail.wire.split(b"\r\n"))) > 998


@rule
def line_ends_are_not_those_of_mail(mail: Received) -> bool:
    return bool(re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", mail.wire))


@rule
def text_is_wrapped_in_base64(mail: Received) -> bool:
    return any(part["Content-Transfer-Encoding"] == "base64" for part in mail.parts.values())


@rule
def a_part_has_no_charset(mail: Received) -> bool:
    return any(part.get_content_charset() not in ("utf-8", "us-ascii") for part in mail.parts.values())


@rule
def only_html(mail: Received) -> bool:
    return "text/html" in mail.parts and len(mail.text.split()) < 10


@rule
def text_says_something_else_than_html(mail: Received) -> bool:
    shown, written = _words(mail.page.text), _words(mail.text)
    return len(shown & written) < 0.7 * len(shown)


@rule
def pictures_in_place_of_words(mail: Received) -> bool:
    pictures = sum(found.tag in ("img", "svg", "canvas", "picture") for found in mail.page.elements)
    return pictures > 0 and len(mail.page.text) < 400 * pictures


@rule
def a_picture_that_nobody_sees(mail: Received) -> bool:
    return any(found.tag == "img" and {found.get("width"), found.get("height")} & {"0", "1"} for found in mail.page.elements)


@rule
def a_link_says_another_address(mail: Received) -> bool:
    return any(
        _host(said[1]) and not _same_domain(_host(said[1]), _host(href))
        for href, text in mail.page.links
        if (said := re.match(r"\s*((?:https?://|www\.)[^\s]+|[\w-]+(?:\.[\w-]+)+(?=/|\s*$))", text))
    )


@rule
def a_link_hides_where_it_goes(mail: Received) -> bool:
    hosts = [_host(href) for href, _ in mail.page.links]
    return any(
        host in SHORTENERS or re.fullmatch(r"[\d.]+|0x[0-9a-f]+|\[.*\]", host) or "@" in urlsplit(href).netloc
        for host, (href, _) in zip(hosts, mail.page.links, strict=True)
    )


@rule
def a_link_to_an_odd_port_or_scheme(mail: Received) -> bool:
    parts = [urlsplit(href) for href, _ in mail.page.links]
    return any(part.scheme not in ("http", "https", "mailto") or part.port not in (None, 80, 443) for part in parts)


@rule
def letters_too_small_to_read(mail: Received) -> bool:
    return any(piece.size < 10 for piece in mail.page.pieces)


@rule
def letters_too_large(mail: Received) -> bool:
    return any(piece.size > 40 for piece in mail.page.pieces)


@rule
def words_in_the_colour_of_what_is_behind(mail: Received) -> bool:
    """Filters do not ask whether they are displayed at all."""
    return any(piece.contrast < 2 for piece in (*mail.page.pieces, *mail.page.unseen))


@rule
def much_that_nobody_sees(mail: Received) -> bool:
    return len(mail.page.hidden) > max(600, len(mail.page.text) / 2)


@rule
def much_in_capitals(mail: Received) -> bool:
    words = re.findall(r"[^\W\d_]{4,}", mail.page.text)
    return len(words) > 10 and sum(map(str.isupper, words)) > 0.2 * len(words)


@rule
def shouts(mail: Received) -> bool:
    return mail.seen.count("!") > 2 or bool(re.search(r"!!|\?\?|\${2,}", mail.seen))


@rule
def suspicious_words(mail: Received) -> bool:
    return bool(suspicious(mail.seen))


def suspicious(text: str) -> list[str]:
    """The phrases of spam in `text`."""
    plain = " ".join(text.casefold().split())
    return [phrase for phrase in PHRASES if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain)]


@rule
def a_form_or_a_script(mail: Received) -> bool:
    return any(found.tag in ("script", "form", "iframe", "object", "embed", "applet", "meta") and (
        found.tag != "meta" or found.get("http-equiv", "").casefold() == "refresh"
    ) for found in mail.page.elements)  # fmt: skip


@rule
def broken_html(mail: Received) -> bool:
    return bool(mail.page.errors)


@rule
def random_letters(mail: Received) -> bool:
    """Long runs without a vowel, as are put into mails to make each one different."""
    return len(re.findall(r"(?i)\b[bcdfghjklmnpqrstvwxz]{9,}\b", mail.page.text)) > 1


@rule
def an_attachment(mail: Received) -> bool:
    return any(part.get_content_disposition() == "attachment" for part in mail.message.walk())


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 3}


def _from_domain(mail: Received) -> str:
    addresses = getattr(mail.message["From"], "addresses", ())
    return addresses[0].domain.lower() if addresses else ""


def _host(url: str) -> str:
    return (urlsplit(url if "//" in url else f"https://{url}").hostname or "").removeprefix("www.")


def _same_domain(one: str, other: str) -> bool:
    """Whether one is the other, or lies in it."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
