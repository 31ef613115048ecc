"""robots.txt: what it allows us, and how long it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scraper.robots import DAY, HOUR, MAX_BYTES, UNTOLD, Answer, Robots, read
from shared.errors import FetchError, Postponed

SITE = "https://boards.example"


def allowed(text: str, *paths: str) -> list[bool]:
    rules = read(text.encode())
    return [rules.allows(SITE + path) for path in paths]


# ------------------------------------------------------------------------------------------------------------ the rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [True, True, True]),
        ("User-agent: *\nDisallow:", [True, True, True]),
        ("User-agent: *\nDisallow: /", [False, False, False]),
        ("User-agent: *\nDisallow: /api", [True, False, False]),
        ("User-agent: *\nDisallow: /api\nAllow: /api/v1/", [True, False, True]),
        ("User-agent: *\nDisallow: /*?board=", [True, True, False]),
        ("User-agent: *\nDisallow: /api$", [True, False, True]),
        ("User-agent: Joblark\nDisallow: /\n\nUser-agent: *\nAllow: /", [False, False, False]),
        ("User-agent: *\nDisallow: /\n\nUser-agent: JOBLARK/2.0\nDisallow: /api$", [True, False, True]),
        ("User-agent: *\nAllow: /\n\nUser-agent: otherbot\nUser-agent: joblark\nDisallow: /", [False, False, False]),
        ("User-agent: joblark-images\nUser-agent: job\nUser-agent: lark\nDisallow: /", [True, True, True]),
        ("User-agent: Googlebot\nDisallow: /", [True, True, True]),
        ("user agent joblark\ndisallow /api", [True, False, False]),
        ("\ufeffUser-agent: *\r\nDisallow: /api # and below\r\n", [True, False, False]),
        ("Disallow: /", [True, True, True]),
        ("<!doctype html>\n<title>Careers</title>\n<p>User-agent: *</p>", [True, True, True]),
    ],
)
def test_what_is_allowed(text: str, expected: list[bool]) -> None:
    assert allowed(text, "/", "/api", "/api/v1/jobs?board=7") == expected


def test_two_groups_for_us_are_one() -> None:
    text = "User-agent: joblark\nDisallow: /a\n\nUser-agent: x\nDisallow: /c\n\nUser-agent: joblark\nDisallow: /b"
    assert allowed(text, "/a", "/b", "/c") == [False, False, True]


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10),
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: 10\n\nUser-agent: joblark\nCrawl-delay: 1", 1),
        ("User-agent: otherbot\nCrawl-delay: 10", 0),
        *[(f"User-agent: *\nCrawl-delay: {nonsense}", 0) for nonsense in ("soon", "-5", "inf", "nan", "1e999")],
    ],
)
def test_the_crawl_delay(text: str, delay: float) -> None:
    assert read(text.encode()).crawl_delay == delay


def test_what_comes_after_500_kib_is_not_read() -> None:
    filler = "# nothing\n" * (MAX_BYTES // 10 + 1)
    assert allowed(f"User-agent: *\nDisallow: /early\n{filler}\nDisallow: /late", "/early", "/late") == [False, True]


@pytest.mark.parametrize(
    "body",
    [
        b"".join(b"user-agent:a%d\n" % n for n in range(15_000)) + b"disallow:/\n" * 22_000,
        b"user-agent: *\n" + b"".join(b"disallow:/*a*b*%d\n" % n for n in range(26_000)),
        b"user-agent: *\ndisallow:/" + b"*a" * 200_000,
        b"user-agent: *\ndisallow:/" + b"$a" * 200_000,
        b"user-agent: *" * 40_000,
        b"\n" * 500_000,
    ],
    ids=["15,000 robots", "26,000 patterns", "stars", "dollars", "one line", "no lines"],
)
@pytest.mark.timeout(20)  # without a bound, the first takes minutes and gigabytes
def test_a_hostile_file_stalls_nothing(body: bytes) -> None:
    read(body).allows(SITE + "/" + "ab" * 1000)


@given(st.binary(max_size=2000) | st.text(max_size=2000).map(lambda text: f"user-agent: *\ndisallow: {text}".encode()))
def test_whatever_the_bytes_there_is_no_error(body: bytes) -> None:
    assert isinstance(read(body).allows(f"{SITE}/api?q=%zz%00"), bool)


# ------------------------------------------------------------------------------------------------------------- keeping


class Site:
    """A site whose robots.txt answers what it is told, by a clock of its own."""

    def __init__(self, *answers: Answer | FetchError) -> None:
        self.answers, self.asked, self.now = list(answers), 0, 1_790_000_000.0
        self.robots = Robots(self._ask, clock=lambda: self.now)

    async def _ask(self, origin: str) -> Answer:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, FetchError):
            raise answer
        return answer

    async def allows(self, path: str = "/api") -> bool:
        return (await self.robots.rules(SITE)).allows(SITE + path)

    async def keeps_out(self) -> FetchError:
        with pytest.raises(FetchError) as caught:
            await self.robots.rules(SITE)
        return caught.value


CLOSED = Answer(200, b"User-agent: *\nDisallow: /")
AWAY = FetchError("cannot reach it", code="fetch_unreachable")


@pytest.mark.parametrize(("fresh_for", "kept"), [(None, DAY), (7200.0, 7200.0), (0.0, HOUR), (60.0, HOUR), (30 * DAY, DAY)])
async def test_it_is_asked_once_for_as_long_as_it_is_fresh(fresh_for: float | None, kept: float) -> None:
    site = Site(Answer(200, b"User-agent: *\nDisallow: /", fresh_for), Answer(404))
    assert not await site.allows()
    site.now += kept - 1
    assert not await site.allows()
    assert site.asked == 1
    site.now += 2
    assert await site.allows()
    assert site.asked == 2


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 451])
async def test_where_there_is_none_everything_is_allowed(status: int) -> None:
    assert await Site(Answer(status)).allows()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_server_that_cannot_tell_keeps_us_out_and_is_asked_again_in_an_hour(status: int) -> None:
    site = Site(Answer(status), Answer(404))
    error = await site.keeps_out()
    assert (error.code, error.retry, error.retry_after) == ("fetch_disallowed", True, HOUR)
    site.now += HOUR - 60
    assert (await site.keeps_out()).retry_after == 60
    assert site.asked == 1
    site.now += 61
    assert await site.allows()


async def test_after_thirty_days_of_errors_it_counts_as_not_there() -> None:
    site = Site(Answer(500))
    for _ in range(int(UNTOLD // HOUR) - 1):
        await site.keeps_out()
        site.now += HOUR + 1
    site.now += 3 * HOUR
    assert await site.allows()


async def test_a_site_that_is_away_is_a_failure_like_any_other() -> None:
    site = Site(AWAY, Answer(404))
    assert await site.keeps_out() is AWAY
    assert await site.allows()


@pytest.mark.parametrize("later", [AWAY, Answer(503), Postponed("it rests", retry_after=60)])
async def test_rules_that_cannot_be_renewed_go_on_holding(later: Answer | FetchError) -> None:
    site = Site(CLOSED, later, later, Answer(404))
    assert not await site.allows()
    for _ in range(2):
        site.now += DAY
        assert not await site.allows()
    site.now += DAY
    assert await site.allows()


async def test_files_asked_for_longest_ago_go_when_there_are_too_many() -> None:
    big = Answer(200, b"User-agent: *\nDisallow: /\n" + b"#" * (MAX_BYTES - 100))
    site = Site(big)
    for n in range(40):
        await site.robots.rules(f"https://{n}.example")
    await site.robots.rules("https://39.example")
    assert site.asked == 40
    await site.robots.rules("https://0.example")
    assert site.asked == 41
