"""What is told from words alone: boards in addresses and lists, and the clues in a page."""

from pathlib import Path

import pytest

from services.scraper import recognise
from services.scraper.clues import MAX_ADDRESSES, clues_in, same_company
from services.scraper.recognise import Line, Named, board_at, board_list, is_address, named, starter, web_address
from services.scraper.sources import source
from shared.errors import NotFound, UnreadableInput

# ------------------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("url", "board"),
    [
        ("https://boards.greenhouse.io/tideglass/jobs/411", "greenhouse:tideglass"),
        ("https://boards.greenhouse.io/embed/job_board/js?for=tideglass", "greenhouse:tideglass"),
        ("https://jobs.lever.co/Tideglass", "lever:Tideglass"),
        ("https://jobs.ashbyhq.com/tideglass/1b2c", "ashby:tideglass"),
        ("https://jobs.smartrecruiters.com/Tideglass/744000-go-engineer", "smartrecruiters:Tideglass"),
        ("https://tideglass.wd3.myworkdayjobs.com/en-US/Careers", "workday:tideglass.wd3/Careers"),
        ("https://apply.workable.com/tideglass/", "workable:tideglass"),
        ("https://tideglass.example/jobs/sitemap.xml", "sitemap:https://tideglass.example/jobs/sitemap.xml"),
    ],
)
def test_boards_in_addresses(url: str, board: str) -> None:
    assert str(board_at(url)) == board
    assert str(named(url)) == board


@pytest.mark.parametrize(
    "url", ["https://tideglass.example/careers", "https://www.greenhouse.io/", "https://[half/", "mailto:a@b.example", ""]
)
def test_addresses_that_tell_nothing(url: str) -> None:
    assert board_at(url) is None


def test_sources_of_any_host_come_last_and_only_where_wanted() -> None:
    assert board_at("https://tideglass.example/sitemap.xml", anywhere=False) is None


def test_an_adapters_slip_over_a_strangers_address_is_no_board(monkeypatch: pytest.MonkeyPatch) -> None:
    def slips(address: object) -> str:
        raise IndexError

    monkeypatch.setattr(recognise, "sources", lambda: {"greenhouse": _with(source("greenhouse"), board_of=slips)})
    assert board_at("https://boards.greenhouse.io/tideglass") is None


def _with(kind: object, **changes: object) -> object:
    from dataclasses import replace

    return replace(kind, **changes)  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://tideglass.example/careers", True),
        ("HTTP://tideglass.example", True),
        ("tideglass.example/careers", True),
        ("greenhouse:tideglass", False),
        ("workday:tideglass.wd3/Careers", False),
        ("jsonld:https://tideglass.example/careers", False),
        ("tideglass", False),
        (".", False),
    ],
)
def test_what_people_mean(text: str, *, address: bool) -> None:
    assert is_address(text) is address


def test_an_address_gets_its_scheme_or_is_refused() -> None:
    assert web_address(" tideglass.example/careers") == "https://tideglass.example/careers"
    for wrong in ("https://", "https://a b.example", "https://[", "https://x.example/" + "y" * 3000):
        with pytest.raises(UnreadableInput, match="is not an address of a web page"):
            web_address(wrong)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tideglass", "write it as SOURCE:BOARD"),
        ("greenhouse:", "write it as SOURCE:BOARD"),
        ("greenhouse: ", "write it as SOURCE:BOARD"),
        ("grenhouse:tideglass", "did you mean greenhouse"),
        ("greenhouse:" + "x" * 201, "a board's name is one line of 1 to 200 characters"),
        ("https://tideglass.example/careers", "names no board of a source we know"),
    ],
)
def test_names_that_are_none(text: str, words: str) -> None:
    with pytest.raises((UnreadableInput, NotFound), match=words):
        named(text)


def test_an_address_too_long_for_a_name_is_kept_beside_it() -> None:
    url = "https://tideglass.example/" + "x" * 300
    board = recognise.board_of("jsonld", url)
    assert (board.name, board.url) == (url[:200], url)
    assert recognise.board_of("jsonld", url[:200]) == Named("jsonld", url[:200])


# ---------------------------------------------------------------------------------------------------------------- lists


def read(text: str) -> list[Line]:
    return list(board_list(text.encode()))


def test_a_list_of_lines() -> None:
    lines = read("\ufeff# ours\n\ngreenhouse:tideglass\r\n  https://jobs.lever.co/nium  \nthemuse:company=Acme, Inc\nwhat\n")
    assert [(line.number, str(line.board)) for line in lines] == [
        (3, "greenhouse:tideglass"),
        (4, "lever:nium"),
        (5, "themuse:company=Acme, Inc"),
        (6, "None"),
    ]
    assert lines[-1].text == "what"
    assert "write it as SOURCE:BOARD" in lines[-1].reason


@pytest.mark.parametrize(
    "table",
    [
        "name,url\nTideglass,https://jobs.lever.co/tideglass\n",
        'Name,URL,note\n"Tideglass, Inc",https://jobs.lever.co/tideglass,x\n',
        '"name","url"\n"Tideglass","https://jobs.lever.co/tideglass"\n',
        "source,board\nlever,tideglass\n",
        "source\tboard\tcompany\nlever\ttideglass\tTideglass\n",
        "url\nhttps://jobs.lever.co/tideglass",
    ],
)
def test_tables(table: str) -> None:
    (line,) = read(table)
    assert (line.number, line.board) == (2, Named("lever", "tideglass"))


def test_an_address_with_a_blank_at_its_end_and_a_row_that_is_short() -> None:
    lines = read("name,url\nA,https://jobs.lever.co/xpansiv%20\nB\nC,https://jobs.lever.co/\n")
    assert [str(line.board) for line in lines] == ["lever:xpansiv", "None"]
    assert lines[1].reason.startswith("names no board of a source we know")


def test_limits_of_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognise, "MAX_LINES", 3)
    with pytest.raises(UnreadableInput, match="4 lines, more than 3"):
        read("a\nb\nc\nd")
    assert len(read("greenhouse:" + "x" * 100_000)[0].text) == 200


def test_a_source_whose_key_is_missing_is_a_source_all_the_same() -> None:
    assert named("adzuna:sg").source == "adzuna"


def test_every_board_of_a_starter_list_is_of_a_source() -> None:
    lines = list(board_list((recognise.STARTER / "singapore.tsv").read_bytes()))
    assert [line for line in lines if line.board is None] == []
    assert len(starter("singapore")) == len({str(line.board) for line in lines}) == len(lines) >= 30
    with pytest.raises(NotFound, match="no starter list is called 'mars'; there are: singapore"):
        starter("mars")


@pytest.mark.recorded
def test_recorded_lists(shared_data: Path) -> None:
    """Of 12,846 lines only those without a board in them are not recognised: Workday's with a language for a site, mostly."""
    for file in sorted((shared_data / "data" / "bulk" / "boards").glob("*.csv")):
        lines = list(board_list(file.read_bytes()))
        assert len(lines) == len(file.read_text().splitlines()) - 1
        assert {line.board.source for line in lines if line.board} == {file.name.split("_")[0]}
        unknown = [line.text for line in lines if line.board is None]
        assert all(url.rstrip("/").endswith(("/en-us", "/embed", "/j")) or "myworkdayjobs" in url for url in unknown), file.name
        assert len(unknown) < (len(lines) * 0.6 if "workday" in file.name else 3)


# ---------------------------------------------------------------------------------------------------------------- clues

URL = "https://careers.tideglass.example/open"


def test_what_a_page_calls_itself() -> None:
    page = '<title>Careers at Tideglass | Harbours</title><meta property="og:site_name" content="Tideglass Pte. Ltd.">'
    assert clues_in(page.encode(), URL).names == ("Tideglass Pte. Ltd.", "Careers", "Tideglass", "Harbours", "tideglass")
    assert clues_in(b"", "https://www.jobs.tideglass.com.sg/").names == ("tideglass",)


@pytest.mark.parametrize(
    ("page", "board", "built_in"),
    [
        ('<script src="//boards.greenhouse.io/embed/job_board/js?for=tide"></script>', "greenhouse:tide", True),
        ('<iframe src="https://jobs.ashbyhq.com/tide/embed?version=2"></iframe>', "ashby:tide", True),
        ('<a href="https://jobs.lever.co/tide">Jobs</a>', "lever:tide", False),
        ("<a href=https://jobs.lever.co/tide/1b2c?x=1>Go Engineer</a>", "lever:tide", False),
        ('<script>fetch("https://api.ashbyhq.com/posting-api/job-board/tide?x=1")</script>', "ashby:tide", False),
        (r'<script>{"url": "https:\/\/boards.greenhouse.io\/tide\/jobs\/7"}</script>', "greenhouse:tide", False),
        (r'<script>{"url": "https:\u002F\u002Fjobs.lever.co\u002Ftide"}</script>', "lever:tide", False),
        ("<p>See https://apply.workable.com/tide.</p>", "workable:tide", False),
    ],
)
def test_boards_in_a_page(page: str, board: str, *, built_in: bool) -> None:
    found = clues_in(page.encode(), URL)
    assert {str(each) for each in found.boards} == {board}
    assert {str(each) for each in found.embedded} == ({board} if built_in else set())


def test_a_page_of_many_links_is_looked_at_in_part_and_its_scripts_first() -> None:
    links = "".join(f'<a href="https://jobs.lever.co/c{n}">x</a>' for n in range(5000))
    found = clues_in(f'{links}<script src="https://boards.greenhouse.io/embed/job_board/js?for=tide"></script>'.encode(), URL)
    assert len(set(found.boards)) == MAX_ADDRESSES
    assert Named("greenhouse", "tide") in found.embedded


def test_feeds_of_jobs_and_no_others() -> None:
    page = """<link rel="alternate" type="application/rss+xml" title="Blog" href="/feed">
    <link rel="alternate" type="application/rss+xml" title="Jobs" href="/feed/2">
    <link rel="alternate" type="application/atom+xml" href="/careers.atom">
    <link rel="alternate" hreflang="de" href="/de/jobs">"""
    site = "https://careers.tideglass.example"
    assert clues_in(page.encode(), URL).feeds == (f"{site}/feed/2", f"{site}/careers.atom")


@pytest.mark.parametrize("body", [b"", b"\x1f\x8b\x08", b"\x00" * 100, b"<" * 1000, b'<a href="https://[">', b"plain"])
def test_pages_that_are_none(body: bytes) -> None:
    assert clues_in(body, URL).boards == ()


@pytest.mark.parametrize(
    ("company", "names", "same"),
    [
        ("Tideglass Pte. Ltd.", ("Careers – Tideglass",), True),
        ("Ninja Van", ("ninjavan",), True),
        ("GoTo Group", ("Careers at GoTo",), True),
        ("IMC", ("IMC Trading",), True),
        ("IMC", ("Timcorp",), False),
        ("3M", ("3M Careers",), True),
        ("S&P Global", ("spglobal",), True),
        ("Tideglass", ("Kestrel Bank", "kestrelbank"), False),
        ("Careers", ("Careers",), True),
        ("", ("Tideglass",), False),
        ("Inc", ("Tideglass Inc",), False),
        ("Café Noir", ("cafenoir",), True),
        ("1Password", ("1password",), True),
        ("2Password", ("1password",), False),
    ],
)
def test_whether_a_board_is_the_pages(company: str, names: tuple[str, ...], *, same: bool) -> None:
    assert same_company(company, names) is same
