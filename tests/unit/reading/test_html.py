"""HTML, escaped HTML and plain text become the same kind of lines, quickly, whatever was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reading.edges import parsed_edges, simple_edges
from shared.reading.html import MAX_HTML, _lines, plain_text


def test_paragraphs_headings_and_lists_stand_on_lines_of_their_own() -> None:
    html = "<h2>Who you are</h2><p>You write <b>Go</b>.<br>Daily.</p><ul><li><p>Kafka</p></li><li>Redis</li></ul><div>Bye</div>"
    assert plain_text(html) == "Who you are\n\nYou write Go.\nDaily.\n\n- Kafka\n- Redis\n\nBye"


def test_scripts_styles_and_comments_are_not_words() -> None:
    assert plain_text("<p>a</p><script>steal()</script><style>p{}</style><!-- b --><p>c</p>") == "a\n\nc"


@pytest.mark.parametrize(
    "escaped",
    ["&lt;p&gt;R&amp;amp;D &amp;nbsp;team&lt;/p&gt;", "&amp;lt;p&amp;gt;R&amp;amp;amp;D &amp;amp;nbsp;team&amp;lt;/p&amp;gt;"],
)
def test_html_escaped_once_or_twice_is_read(escaped: str) -> None:
    assert plain_text(escaped) == "R&D team"


def test_plain_text_passes_apart_from_white_space_and_invisible_characters() -> None:
    assert plain_text("a < b && c, R&D \t at AT&T\r\n\r\n\r\n\x00vector<int>\u202e\ud800 👩‍💻 שלום") == (
        "a < b && c, R&D at AT&T\n\nvector<int> 👩‍💻 שלום"
    )


def test_line_ends_of_text_with_a_few_tags_left_in_it_are_kept() -> None:
    assert plain_text("SKILLS\nGo<br>Rust\n\nWORK\nAcme") == "SKILLS\nGo\nRust\n\nWORK\nAcme"


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 100_000 + "end",
        "<div>" * 80_000 + "end" + "</div>" * 80_000,
        "<p>" + "".join(f"<b a={n}>" for n in range(500)) + "</p><p>end" * 50_000,
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">end",
        "<table>" * 50_000 + "end",
        "<" * 500_000 + "<p>end",
        "<!--" * 100_000 + "<p>end",
        "&lt;" * 200_000 + "&lt;p&gt;end",
    ],
    ids=["deep", "balanced", "formatting", "attributes", "tables", "angles", "comments", "entities"],
)
@pytest.mark.timeout(20)
def test_markup_made_to_be_slow_is_read_in_bounded_time(hostile: str) -> None:
    assert plain_text(hostile).count("<div>") == 0


def test_a_huge_document_is_cut() -> None:
    assert len(plain_text("word " * 2_000_000)) <= MAX_HTML


NAMES = ("p", "h2", "ul", "ol", "li", "div", "blockquote", "b", "a", "span")
TAGS = ("<br>", "<br/>", '<P style="a: b">', "</P>", "<a href='/x?a=1&b=2'>", '<p title="a>b">', "<img src=x>", "<hr>", "<td>")
WORDS = (
    "Go",
    " ",
    "\n",
    "- ",
    "• ",
    "R&D",
    "a &amp; b",
    "&lt;p&gt;",
    "&nbsp;",
    "&#8203;",
    "&#133;",
    "&copy",
    "&notit;",
    "a < b",
)
PIECES = st.sampled_from((*(f"<{slash}{name}>" for name in NAMES for slash in ("", "/")), *TAGS, *WORDS))
BLOCKS = ("<p>{}</p>", "<ul><li>{}</li></ul>", "<ol>{}<li><p>{}</p></li></ol>", "<div>{}<br>{}</div>", "<b>{}</b><h3>{}</h3>")


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda block, one, other: block.format(one, other), st.sampled_from(BLOCKS), inner, inner)


@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.recursive(PIECES, nested, max_leaves=12)))
def test_markup_read_tag_by_tag_is_the_text_that_a_parser_finds(markup: str) -> None:
    simple = simple_edges(markup)
    if simple is not None:
        assert _lines(simple) == _lines(parsed_edges(markup))
