"""The eye that looks at our mails: that it sees what a browser shows."""

import pytest

from tests.mail_page import NIGHT, Page

STYLE = """<style>
.ink { color: #777777 } .ink.deep { color: #767676 } td .ink { color: #000000 } div > b { color: #ff0000 }
@media (prefers-color-scheme: dark) { body { background-color: #000 !important } .ink, td .ink { color: #fff !important } }
@media only screen and (max-width: 480px) { .ink { display: none } }
</style>"""


def page(body: str, *, dark: bool = False) -> Page:
    return Page(f"<!doctype html><html><head><title>x</title>{STYLE}</head><body>{body}</body></html>", dark)


@pytest.mark.parametrize(
    ("body", "dark", "contrast"),
    [
        ("x", False, 21),
        ("x", True, 21),
        ('<p class="ink">x</p>', False, 4.48),
        ('<p class="ink deep">x</p>', False, 4.54),
        ('<p class="ink">x</p>', True, 21),
        ('<p class="ink" style="color:#fff">x</p>', False, 1),
        ('<table><tr><td><p class="ink">x</p></td></tr></table>', False, 21),
        ('<div style="background:#000"><p style="color:#000">x</p></div>', False, 1),
        ('<div style="background:#000;background-color:#fff">x</div>', False, 21),
        ('<table><tr><td bgcolor="#000000">x</td></tr></table>', False, 1),
        ("<div><b>x</b></div>", False, 4.0),
        ("<div><i><b>x</b></i></div>", False, 21),
        ('<div style="color:#777777"><i>x</i></div>', False, 4.48),
    ],
)
def test_contrast_is_that_of_the_words_and_what_is_behind_them(body: str, dark: bool, contrast: float) -> None:
    (piece,) = page(body, dark=dark).pieces

    assert piece.contrast == pytest.approx(contrast, abs=0.006)


def test_a_link_that_nobody_coloured_has_the_browsers_colour() -> None:
    light, dark = (page('<a href="https://example.org">x</a>', dark=dark).pieces[0] for dark in (False, True))

    assert light.contrast > 8
    assert dark.contrast > 8
    assert dark.behind == (0, 0, 0) != NIGHT


@pytest.mark.parametrize("style", ["display:none", "visibility:hidden", "opacity:0"])
def test_what_nobody_sees_is_not_read(style: str) -> None:
    found = page(f'<div style="{style}"><p>hidden</p></div><p>seen</p>')

    assert (found.text, found.hidden) == ("seen", "hidden")


def test_words_after_an_element_belong_to_the_one_around_it() -> None:
    found = page('<p style="font-size:20px">one <b style="font-size:9px">two</b> three</p>')

    assert [(piece.text, piece.size) for piece in found.pieces] == [("one", 20), ("two", 9), ("three", 20)]


@pytest.mark.parametrize(
    "css", ["a[href] { color: red }", "p { color: rgba(0, 0, 0, 0.5) }", "@import 'x';", "p { font-size: 2em }"]
)
def test_what_it_does_not_understand_it_does_not_pass_over(css: str) -> None:
    with pytest.raises(AssertionError):
        assert page(f"<style>{css}</style><p>x</p>").pieces


def test_broken_html_is_told() -> None:
    assert page("<p>x</p>").errors == []
    assert page("<b><p>x</b></p>").errors
