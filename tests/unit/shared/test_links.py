"""Tokens that are made fast are tokens that the library reads."""

from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from shared.links import FEEDBACK, MANAGE, Answer, Links

SECRET = "thirty-two characters, none secret"
LINKS = Links("https://joblark.example.org", SECRET)


@given(st.integers(0, 2**62))
def test_a_token_is_read_back_by_us_and_by_the_library(subscription_id: int) -> None:
    token = LINKS.manage(subscription_id).rpartition("/")[2]
    assert LINKS.read(MANAGE, token) == subscription_id
    assert URLSafeSerializer(SECRET, salt="joblark.manage").loads(token) == subscription_id


@given(st.integers(1, 2**62), st.integers(1, 2**62), st.booleans())
def test_an_answer_is_read_back(subscription_id: int, posting_id: int, liked: bool) -> None:
    token = LINKS.feedback(subscription_id, posting_id, liked).rpartition("/")[2]
    assert LINKS.read_feedback(token) == Answer(subscription_id, posting_id, liked)
    assert URLSafeSerializer(SECRET, salt=f"joblark.{FEEDBACK}").loads(token) == [subscription_id, posting_id, int(liked)]


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_token_that_an_older_version_signed_is_read_still(subscription_id: int, posting_id: int) -> None:
    old = URLSafeSerializer(SECRET, salt=f"joblark.{FEEDBACK}").dumps([subscription_id, posting_id, 1])
    assert LINKS.read_feedback(str(old)) == Answer(subscription_id, posting_id, liked=True)
