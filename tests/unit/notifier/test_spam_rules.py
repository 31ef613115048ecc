"""The rules that our mails are held against: each catches a mail that is wrong in that way, and none a plain one."""

import pytest

from tests.letters import words
from tests.spam_rules import RULES, broken

HEAD = "From: Joblark <digest@example.org>\nTo: ada@example.net\nSubject: Jobs for you\nDate: Sat, 21 Nov 2026 00:05:00 +0000\n"
HEAD += "Message-ID: <1a-k3w5k3w5k3w5@example.org>\nMIME-Version: 1.0\n"
BODY = "Here are some jobs that may well suit somebody like you, every week again"


def mail_with(head: str = "", html: str = "", *, without: str = "", text: str = BODY, encoding: str = "7bit") -> bytes:
    """A mail in which nothing is wrong but what is given: headers take the place of those with the same name."""
    names = {line.partition(":")[0] for line in (head + without).split("\n") if line}
    kept = "".join(f"{line}\n" for line in HEAD.split("\n") if line and line.partition(":")[0] not in names)
    page_ = f"<!doctype html><html><head><title>x</title></head><body><p>{BODY}</p>{html}</body></html>"
    part = 'Content-Type: text/{}; charset="utf-8"\nContent-Transfer-Encoding: {}\n\n{}\n'
    parts = [part.format("plain", encoding, text), part.format("html", "7bit", page_)]
    mime = 'Content-Type: multipart/alternative; boundary="b"\n\n'
    wire = f"{kept}{head}{mime}" + "".join(f"--b\n{one}" for one in parts) + "--b--\n"
    return wire.replace("\n", "\r\n").encode()


WRONG = {
    "subject_in_capitals": mail_with("Subject: GREAT JOBS for YOU\n"),
    "subject_shouts": mail_with("Subject: Jobs for you!\n"),
    "subject_is_gappy": mail_with("Subject: J o b s for you\n"),
    "subject_pretends_to_be_an_answer": mail_with("Subject: RE: Jobs\n"),
    "subject_is_missing_or_endless": mail_with(f"Subject: {words(300)}\n"),
    "subject_begins_with_money_or_a_number_of_dollars": mail_with("Subject: $9,000 a month\n"),
    "a_needed_header_is_missing_or_twice": mail_with(without="Date:"),
    "date_cannot_be_read": mail_with("Date: the other day\n"),
    "message_id_looks_forged": mail_with("Message-ID: <1a-k3w5k3w5k3w5@mail.example.com>\n"),
    "sender_has_no_name_or_one_that_is_another_address": mail_with('From: "boss@bank.example" <digest@example.org>\n'),
    "sender_looks_made_by_a_machine": mail_with("From: Joblark <jobs20261@example.org>\n"),
    "addressed_to_nobody_or_to_many": mail_with("To: undisclosed-recipients:;\n"),
    "asks_to_be_important": mail_with("X-Priority: 1\n"),
    "headers_hold_raw_octets": mail_with("X-Name: é\n"),
    "a_line_is_longer_than_mail_may_have": mail_with(html="<!-- " + "x" * 1_000 + " -->"),
    "line_ends_are_not_those_of_mail": mail_with() + b"\n",
    "text_is_wrapped_in_base64": mail_with(text="SGVyZQ==", encoding="base64"),
    "a_part_has_no_charset": mail_with().replace(b'; charset="utf-8"', b""),
    "only_html": mail_with(text="Please look at the HTML part"),
    "text_says_something_else_than_html": mail_with(text="Ten words about the weather which is fine again today, dear reader"),
    "pictures_in_place_of_words": mail_with(html='<img src="x" alt="x" width="600">'),
    "a_picture_that_nobody_sees": mail_with(html='<img src="x" alt="x" width="1">'),
    "a_link_says_another_address": mail_with(html='<a href="https://evil.example/x">https://bank.example</a>'),
    "a_link_hides_where_it_goes": mail_with(html='<a href="https://bit.ly/abc">job</a>'),
    "a_link_to_an_odd_port_or_scheme": mail_with(html='<a href="https://example.org:8443/">job</a>'),
    "letters_too_small_to_read": mail_with(html='<p style="font-size:6px">small</p>'),
    "letters_too_large": mail_with(html='<p style="font-size:60px">large</p>'),
    "words_in_the_colour_of_what_is_behind": mail_with(html='<p style="color:#fefefe">hidden</p>'),
    "much_that_nobody_sees": mail_with(html=f'<div style="display:none">{words(800)}</div>'),
    "much_in_capitals": mail_with(html="<p>BACKEND ENGINEER WANTED HERE THIS WEEK WITH SKILLS</p>"),
    "shouts": mail_with(html="<p>Look at this!!</p>"),
    "suspicious_words": mail_with(html="<p>Click here</p>"),
    "a_form_or_a_script": mail_with(html='<form action="https://example.org/"></form>'),
    "broken_html": mail_with(html="<p><b>x</p>"),
    "random_letters": mail_with(html="<p>xkcdqwrtz bdfghjklmn</p>"),
    "an_attachment": mail_with().replace(b"text/plain;", b"text/plain;\r\n name=x;", 1).replace(
        b"\r\nContent-Transfer", b"\r\nContent-Disposition: attachment\r\nContent-Transfer", 1
    ),
}  # fmt: skip


def test_nothing_is_wrong_with_a_plain_mail() -> None:
    assert broken(mail_with()) == []


def test_every_rule_is_tried() -> None:
    assert set(WRONG) == set(RULES)


@pytest.mark.parametrize("name", WRONG)
def test_a_mail_that_breaks_the_rule_is_caught(name: str) -> None:
    assert name in broken(WRONG[name])
