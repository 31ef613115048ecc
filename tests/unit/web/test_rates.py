"""Token buckets: who is let through, who waits, and how much is remembered."""

from services.web.rates import Buckets, Rate, client_key

THREE_THEN_ONE_A_MINUTE = Rate(burst=3, seconds=60)


def test_a_burst_passes_and_the_next_one_is_told_how_long_to_wait() -> None:
    buckets = Buckets(THREE_THEN_ONE_A_MINUTE)
    assert [buckets.take("ana", now=0) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("ana", now=15) == 45


def test_waiting_as_told_is_enough_and_refusals_cost_nothing() -> None:
    buckets = Buckets(THREE_THEN_ONE_A_MINUTE)
    for second in range(10):
        buckets.take("ana", now=second)
    assert buckets.take("ana", now=60) == 0
    assert buckets.take("ana", now=60) == 60


def test_keys_do_not_share_a_bucket() -> None:
    buckets = Buckets(Rate(burst=1, seconds=60))
    assert buckets.take("ana", now=0) == 0
    assert buckets.take("bo", now=0) == 0


def test_a_long_rest_fills_the_bucket_and_no_more() -> None:
    buckets = Buckets(THREE_THEN_ONE_A_MINUTE)
    buckets.take("ana", now=0)
    passed = [buckets.take("ana", now=1_000_000) == 0 for _ in range(5)]
    assert passed == [True, True, True, False, False]


def test_a_clock_set_back_neither_fills_nor_empties() -> None:
    buckets = Buckets(Rate(burst=1, seconds=60))
    buckets.take("ana", now=1000)
    assert buckets.take("ana", now=0) == 60


def test_memory_is_bounded_and_the_longest_untouched_goes_first() -> None:
    buckets = Buckets(Rate(burst=1, seconds=60), capacity=100)
    for number in range(10_000):
        buckets.take(f"client {number}", now=0)
    assert len(buckets) == 100
    assert buckets.take("client 9999", now=0) > 0


def test_one_ipv6_network_is_one_client() -> None:
    assert client_key("2001:db8::1") == client_key("2001:db8::ffff:2") != client_key("2001:db8:0:1::1")
    assert client_key("192.0.2.1") != client_key("192.0.2.2")
    assert client_key("testclient") == "testclient"
