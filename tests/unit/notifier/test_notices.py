"""Every mail that is no digest: it says what it must, in text and in HTML alike, and nothing that a stranger typed."""

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import pytest

from services.notifier.compose import compose
from services.notifier.kinds import Letter, kinds, manage, watching
from services.notifier.kinds.manage import MOST
from services.notifier.mail import Mail
from services.notifier.refusals import check_way_out
from shared.audit import Audit
from shared.errors import UnreadableInput
from shared.match import Cause
from shared.posting import Place
from tests.factories import NOW, profile, subscription_row
from tests.notices import LINKS, MONTH, alert_content, letter, notices, person, troubles, two_subscriptions

NAMES = sorted(notices())
POSTAL = "Joblark, 1 Example Street, Singapore 000000"
HOSTILE = '<script>alert(1)</script> https://evil.example/ " onload=x {{ 7*7 }} {% raw %}'
WHO_MAY = {
    "confirm": {"pending"},
    "manage": {"active", "paused"},
    "still-there": {"active", "paused"},
    "watching": {"active"},
    "farewell": {"ended"},
    "alert": set(),
}


def mail(name: str) -> Mail:
    return compose(notices()[name])


def words_of(html: str) -> str:
    """What a reader sees of a page, as one line."""
    body = re.sub(r"<(style|title|head)\b.*?</\1>|<!--.*?-->", " ", html, flags=re.DOTALL | re.IGNORECASE)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def both(one: Mail) -> Sequence[str]:
    return " ".join(one.text.split()), words_of(one.html)


def says(one: Mail, *words: str) -> None:
    for part in both(one):
        for said in words:
            assert said in part, f"{said!r} is not in {part}"


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'<a\s[^>]*?href="([^"]*)"', html)]


# ------------------------------------------------------------------------------------------------------------ every mail


@pytest.mark.parametrize("name", NAMES)
def test_both_parts_have_the_same_links(name: str) -> None:
    one = mail(name)
    in_text = set(re.findall(r"https?://\S+", one.text)) - {"https://joblark.example.org,"}
    assert set(links(one.html)) == in_text


@pytest.mark.parametrize("name", NAMES)
def test_text_is_written_as_text(name: str) -> None:
    text = mail(name).text
    for line in text.splitlines():
        assert len(line) <= 80 or "  " in line[:4] or "http" in line or name.startswith("alert"), line
    assert not re.search(r"<\w|&\w+;|\n\n\n|[ \t]\n(?<!-- \n)", text)
    assert text.count("\n-- \n") <= 1


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_is_small_and_asks_no_server_for_anything(name: str) -> None:
    html = mail(name).html
    assert len(html) < 30_000
    assert not re.search(r"<(img|link|script|iframe|form|object|base)\b|url\(|@import|\bsrc=", html)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_of_a_template(name: str) -> None:
    one = mail(name)
    for part in (one.subject, one.text, one.html):
        assert "{{" not in part
        assert "{%" not in part
        assert "None" not in part


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("alert")])
def test_who_writes_stands_in_every_mail_to_a_person(name: str) -> None:
    says(mail(name), POSTAL)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("alert")])
def test_no_empty_line_where_there_is_no_postal_address(name: str) -> None:
    sample = notices()[name]
    bare = letter(sample.mail.kind, sample.mail.content, to=sample.subscription, occasion=sample.mail.occasion, mail_postal="")
    assert "Example Street" not in compose(bare).html + compose(bare).text
    assert not compose(bare).text.rstrip().endswith("--")


def test_who_may_get_what() -> None:
    assert {kind.name: set(kind.states) for kind in kinds().values() if kind.name in WHO_MAY} == WHO_MAY


@pytest.mark.parametrize("name", ["still-there", "watching", "watching-uncounted"])
def test_what_comes_unasked_has_a_way_out(name: str) -> None:
    one, url = mail(name), LINKS.unsubscribe(42)
    assert one.headers["List-Unsubscribe"] == f"<{url}>"
    assert one.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    check_way_out(kinds()[notices()[name].mail.kind], one.headers, (one.text, unescape(one.html)), url)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(("still-there", "watching"))])
def test_what_answers_a_person_has_nothing_to_leave(name: str) -> None:
    assert not {header for header in mail(name).headers if header.startswith("List-")}


# --------------------------------------------------------------------------------------------------------------- confirm


def test_a_confirmation_says_what_was_asked_for_and_how_to_say_no() -> None:
    one = mail("confirm")
    assert one.subject == "Please confirm: jobs that fit you, every week"
    says(
        one,
        "every Monday at 08:00, Asia/Singapore time",
        "senior backend engineering",
        "Go, PostgreSQL, Kafka and Kubernetes",
        "The request expires on 5 December 2026.",
        "If this was not you, ignore this mail; we remind you once, and then no more.",
    )
    assert links(one.html) == [LINKS.confirm(42)] * 2


def test_a_reminder_asks_gently_and_for_the_last_time() -> None:
    one = mail("confirm-reminder")
    assert one.subject == "Still to confirm: jobs that fit you, every week"
    says(
        one,
        "We ask once more, and then no more",
        "If you changed your mind, do nothing: the request expires on 5 December 2026 and is forgotten.",
        "you will hear nothing more from us.",
    )
    assert "remind you once" not in one.text + one.html


def test_a_confirmation_carries_no_words_of_a_stranger() -> None:
    """Whoever types somebody else's address must not be able to write to them: list-bombing is done with such fields."""
    places = (Place(city="evil.example/win"), Place(city="http://evil.example"), Place(city="me@evil.example"))
    who = profile("go", "visit evil.example now", headline="Visit www.evil.example", places=places)
    stranger = subscription_row(42, who, state="pending", confirmed_at=None, rule='company:"evil.example"')
    one = compose(letter("confirm", to=stranger, occasion="revision-1"))
    assert "evil" not in one.html + one.text + one.subject
    says(one, "Skills", "Go")


# ---------------------------------------------------------------------------------------------------------------- manage


def test_the_links_of_an_address_each_say_what_they_lead_to() -> None:
    one = mail("manage")
    assert one.subject == "Your 2 subscriptions at Joblark"
    says(
        one,
        "Senior backend engineering in Singapore",
        "every Monday at 08:00, Asia/Singapore time",
        "Go, PostgreSQL, Kafka and Kubernetes",
        "Data engineering in Berlin and Singapore",
        "on the first Thursday of each month at 18:00, Asia/Singapore time",
        "Paused until 31 December 2026",
        "If you did not ask for it, ignore it: nothing has changed.",
    )
    assert set(links(one.html)) == {LINKS.manage(42), LINKS.manage(57)}


def test_one_subscription_is_one() -> None:
    one = compose(letter("manage", manage.content_of([person()])))
    assert one.subject == "Your subscription at Joblark"
    says(one, "asked for this link. It opens a page")


def test_only_what_was_confirmed_and_runs_is_told_of() -> None:
    others = [
        person(2, state="pending", confirmed_at=None),
        person(3, state="ended", ended_at=NOW),
        person(4, email=""),
    ]
    assert manage.content_of(others) is None
    assert [held["id"] for held in manage.content_of([*others, person(5)])["subscriptions"]] == [5]


def test_the_active_come_first_and_too_many_are_counted() -> None:
    rows = [person(1, state="paused"), *(person(id_) for id_ in range(2, MOST + 4))]
    content = manage.content_of(rows)
    assert [held["id"] for held in content["subscriptions"]] == list(range(MOST + 3, 3, -1))
    says(compose(letter("manage", content)), "There was no room here for 3 more.")


def test_content_holds_no_address() -> None:
    assert "@" not in str(manage.content_of(two_subscriptions()))


def test_a_profile_with_much_in_it_fits() -> None:
    who = profile(*(f"{n} " + "s" * 300 for n in range(90)), places=[Place(city=f"{n} {HOSTILE}") for n in range(30)])
    one = compose(letter("manage", manage.content_of([subscription_row(42, who)])))
    assert "evil" not in one.html + one.text


# ----------------------------------------------------------------------------------------------------------- still there


def test_a_year_later_one_button_is_asked_for() -> None:
    one = mail("still-there")
    says(
        one,
        "We have not heard from you for a year",
        "every Monday at 08:00",
        "Without an answer by 21 December 2026 your subscription ends by itself",
        "your address is erased 28 days later",
    )
    assert links(one.html)[0] == LINKS.renew(42)
    assert set(links(one.html)) == {LINKS.renew(42), LINKS.manage(42), LINKS.unsubscribe(42)}


def test_who_is_paused_is_told_so() -> None:
    says(compose(letter("still-there", to=person(state="paused"))), "Your subscription is paused now.")
    assert "paused" not in mail("still-there").text


# -------------------------------------------------------------------------------------------------------------- watching


def test_a_quiet_month_says_what_jobs_fell_to_and_how_to_widen() -> None:
    one = mail("watching")
    says(one, "We looked at 1,412 new jobs for you", "24 October 2026 to 21 November 2026", "57", "for other reasons")
    order = [both(one)[0].index(words) for words in ("931", "188", "140", "96", "57: for other")]
    assert order == sorted(order)
    says(one, "add a place, or say that remote work suits you too", "leave the level open", "subscribe again from there")


def test_the_numbers_shown_add_up() -> None:
    shown = [int(number) for number in re.findall(r"^   (\d+): ", mail("watching").text, flags=re.MULTILINE)]
    assert sum(shown) == 1_412


def test_without_a_count_the_mail_goes_out_all_the_same() -> None:
    one = mail("watching-uncounted")
    says(one, "We are still watching for you", "As soon as one fits, you get a digest.")
    assert "To see more" not in one.text + one.html
    assert "looked at" not in one.text + one.html


@pytest.mark.parametrize(("considered", "words"), [(0, "no new job"), (1, "1 new job"), (1_000_000, "1,000,000 new jobs")])
def test_few_and_many_jobs(considered: int, words: str) -> None:
    says(compose(letter("watching", watching.content_of(*MONTH, Audit(considered=considered, matched=0)))), f"{words} for you")


def test_nobody_is_told_to_do_what_they_do_already() -> None:
    content = watching.content_of(*MONTH, Audit(considered=3, matched=0, dropped={Cause.CLOSED: 2, Cause.SENT: 1}))
    weekly = compose(letter("watching", content)).text
    assert "have your digest every day" in weekly
    assert "subscribe again" not in weekly, "that is done on the page"
    assert "To see more" not in compose(letter("watching", content, to=person(cadence="daily"))).text


def test_every_cause_has_words() -> None:
    assert set(watching.FELL_TO) == set(Cause)
    assert set(watching.WIDEN) == set(Cause) - {Cause.SENT}


# -------------------------------------------------------------------------------------------------------------- farewell


def test_a_farewell_says_what_comes_of_the_address_and_how_to_come_back() -> None:
    one = mail("farewell")
    says(
        one,
        "Your subscription has ended, as you asked. This is the last mail about it.",
        "On 19 December 2026 we erase your address.",
        "subscribe again",
    )
    assert links(one.html) == ["https://joblark.example.org/"]


def test_a_silent_one_is_told_why() -> None:
    says(mail("farewell-silent"), "We asked whether you are still there and heard nothing, so your subscription has ended.")


def test_the_day_is_the_one_where_the_person_lives() -> None:
    late = person(state="ended", ended_at=NOW, ended_why="asked", timezone="America/New_York")
    says(compose(letter("farewell", to=late)), "On 18 December 2026 we erase")
    says(compose(letter("farewell", to=late, address_keep_days=1)), "On 21 November 2026 we erase")


# ----------------------------------------------------------------------------------------------------------------- alert


def test_an_alert_says_what_since_when_and_the_commands() -> None:
    one = mail("alert")
    assert one.to == "operator@joblark.example.org"
    assert one.subject == "Joblark: Complaints are above Gmail's red line, and 2 more things"
    says(
        one,
        "3 things need you",
        "9 complaints about 2,143 mails in 7 days: 0.42%, of at most 0.10%",
        "joblark deliveries stop",
        "2 boards that used to list jobs do not any more",
        "Since 17 November 2026, 00:05 UTC",
        "greenhouse:lumenworks, silent: listed jobs until 4 days ago, and none since",
        "lever:quillstone, failing: 14 times in a row: http_status: the board answered 404",
        "3 events were set aside after failing again and again",
        "joblark dead-letters replay mails --all",
        "One board is due and not read",
    )


def test_all_clear_is_one_line() -> None:
    one = mail("alert-over")
    assert one.subject == "Joblark: all is well again"
    says(one, "All is well again", "What is over", "One board is due and not read")


def test_what_a_board_answered_is_never_markup() -> None:
    content = alert_content(over=(HOSTILE,))
    content["troubles"][0] |= {"title": HOSTILE, "details": [HOSTILE], "advice": HOSTILE, "commands": [HOSTILE]}
    one = compose(letter("alert", content))
    assert "<script" not in one.html
    assert "onload=x {{ 7*7 }}" in words_of(one.html)
    assert "49" not in words_of(one.html)
    assert "\n" not in one.subject


# -------------------------------------------------------------------------------------------------------------- content


WRONG: list[Any] = [
    {},
    {"subscriptions": []},
    {"subscription_ids": [1]},
    {"subscriptions": [{"id": 1}] * 3},
    {"since": "yesterday", "until": None},
    {"since": NOW.isoformat(), "until": NOW.isoformat(), "considered": -1},
    {"since": NOW.isoformat(), "until": NOW.isoformat(), "dropped": {"weather": 3}},
    {"troubles": [{"code": "Not A Code", "title": "x", "advice": "y"}]},
    {"troubles": [], "over": []},
    {"over": ["x" * 301]},
    {"over": ["x"] * 10_000},
]


@pytest.mark.parametrize("kind", ["manage", "watching", "alert"])
@pytest.mark.parametrize("content", WRONG)
def test_content_that_nobody_understands_is_a_clear_error(kind: str, content: Any) -> None:
    with pytest.raises(UnreadableInput, match=rf"mail 7 \({kind}\): .* is not what this version writes") as error:
        compose(letter(kind, content))
    assert (error.value.code, error.value.retry) == ("content_invalid", False)


def test_an_error_repeats_nothing_of_the_content() -> None:
    with pytest.raises(UnreadableInput) as error:
        compose(letter("manage", {"subscriptions": [{"id": "mei.1@example.org", "timezone": "mei.1@example.org"}]}))
    assert "mei" not in str(error.value)


@pytest.mark.parametrize("kind", ["manage", "watching", "alert"])
def test_content_that_was_dropped_is_a_clear_error(kind: str) -> None:
    with pytest.raises(UnreadableInput, match="has no content any more") as error:
        compose(letter(kind))
    assert error.value.code == "content_dropped"


def test_a_letter_to_nobody_is_an_error() -> None:
    lost = notices()["still-there"]
    with pytest.raises(ValueError, match="about no subscription"):
        compose(Letter(lost.mail, None, lost.links, lost.settings, lost.now))


def test_every_sample_trouble_is_one() -> None:
    assert [alarm.trouble.code for alarm in troubles()] == ["complaints_red", "dead_letters", "boards_lost"]
