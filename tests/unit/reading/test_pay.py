"""Pay in every shape that postings write it, and the sums of money that are no pay."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.posting import Pay
from shared.reading.money import number
from shared.reading.pay import read_pay


def pay(text: str, country: str | None = None) -> tuple[float | None, float | None, str] | None:
    found = read_pay(text, country)
    return (found.low, found.high, found.currency) if found else None


@pytest.mark.parametrize(
    ("text", "low", "high", "currency"),
    [
        ("Salary: S$5,000 – 8,000 monthly", 60_000, 96_000, "SGD"),
        ("SGD 12,000 - SGD18,000 Monthly", 144_000, 216_000, "SGD"),
        ("80k-100k EUR", 80_000, 100_000, "EUR"),
        ("CHF 120'000", 120_000, 120_000, "CHF"),
        ("Lohn: CHF 120'000.- bis 140'000.-", 120_000, 140_000, "CHF"),
        ("Rate: £450pd outside IR35", 117_000, 117_000, "GBP"),
        ("20 000 – 28 000 PLN net + VAT (B2B)", 240_000, 336_000, "PLN"),
        ("$90–120,000", 90_000, 120_000, "USD"),
        ("Salary: £40-50,000", 40_000, 50_000, "GBP"),
        ("年収 800万円〜1200万円", 8_000_000, 12_000_000, "JPY"),
        ("想定年収800万円～1,200万円", 8_000_000, 12_000_000, "JPY"),
        ("月給30万円〜50万円", 3_600_000, 6_000_000, "JPY"),
        ("연봉 6000만원~9000만원", 60_000_000, 90_000_000, "KRW"),
        ("RMB 30K-50K", 360_000, 600_000, "CNY"),
        (
            "The pay ranges from $176,000/year in our lowest geographic market up to $304,000/year in our highest.",
            176_000,
            304_000,
            "USD",
        ),
        ("Senior Engineer | Berlin | €70-110k + equity", 70_000, 110_000, "EUR"),
        ("We pay £45,000 - £55,000 per annum", 45_000, 55_000, "GBP"),
        ("Gehalt: €60.000–€75.000", 60_000, 75_000, "EUR"),
        ("Salaire : 45 000 € - 55 000 € brut par an", 45_000, 55_000, "EUR"),
        ("Salaire entre 55K€ et 65K€", 55_000, 65_000, "EUR"),
        ("INR 25-35 LPA", 2_500_000, 3_500_000, "INR"),
        ("CTC: ₹18L", 1_800_000, 1_800_000, "INR"),
        ("₹12,00,000 - ₹18,00,000 per annum", 1_200_000, 1_800_000, "INR"),
        ("Salário: R$ 12.000/mês", 144_000, 144_000, "BRL"),
        ("Annual salary: ¥8,000,000", 8_000_000, 8_000_000, "JPY"),
        ("PLN 20 000 - 25 000 net B2B / month", 240_000, 300_000, "PLN"),
        ("SALARY: 15 000- 18 000 PLN gross/monthly", 180_000, 216_000, "PLN"),
        ("Pay: $26.50 - $28.00 per hour", 55_120, 58_240, "USD"),
        ("Contract, €60–€120/hour", 124_800, 249_600, "EUR"),
        ("Day rate: £500 - £600 per day", 130_000, 156_000, "GBP"),
        ("The monthly rate for this internship is $11,700 USD + housing stipend", 140_400, 140_400, "USD"),
        ("pay range USD$183,000 per year - USD$203,000 per year", 183_000, 203_000, "USD"),
        ("Salary range: $180.000/year to $260,000/year + benefits", 180_000, 260_000, "USD"),
        ("between $165,000 CAD[lowest market] to $227,000 CAD[highest market] salary", 165_000, 227_000, "CAD"),
        ("Base Salary Range: $72,000 - $90,000 CAD", 72_000, 90_000, "CAD"),
        ("£32K – £35K • Offers Equity • Offers Bonus", 32_000, 35_000, "GBP"),
        ("$92.5K • Offers Equity • $21K Commission", 92_500, 92_500, "USD"),
        ("$200K – $1M • 0.5% – 3%", 200_000, 1_000_000, "USD"),
        ("Compensation\n\n$185K – $300K + Offers Equity", 185_000, 300_000, "USD"),
        ("Salary: ₱100,000/month", 1_200_000, 1_200_000, "PHP"),
        ("Salary: HK$40,000 - HK$55,000 a month", 480_000, 660_000, "HKD"),
        ("Vergütung: 4.500 € – 5.500 € brutto monatlich", 54_000, 66_000, "EUR"),
    ],
)
def test_every_shape_is_an_annual_range(text: str, low: float, high: float, currency: str) -> None:
    assert pay(text) == (low, high, currency)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Salary up to $150k", None, 150_000),
        ("salary from £50,000", 50_000, None),
        ("Salary: $100k+ depending on experience", 100_000, None),
        ("salary starting at $56k base", 56_000, None),
        ("Base salary of $120,000", 120_000, 120_000),
        ("Compensation: $150,00 - $220,000", None, 220_000),
    ],
)
def test_one_end_may_be_open(text: str, low: float | None, high: float | None) -> None:
    found = read_pay(text)
    assert found is not None
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "We raised $20M from investors",
        "Join us: we have raised over $200,000 in funding",
        "401k with company match, $85 401(k)",
        "$1,000/year stipend for learning",
        "A $20K relocation bonus (if moving)",
        "WFH stipend of up to $5,000 per year",
        "You close deals of $50k-$250k with enterprise customers",
        "ARR between $1 and $5 million",
        "manage a monthly budget of $500K+",
        "life insurance of twice your salary, up to $300,000",
        "over 10k users and 300K downloads",
        "from $1-500M in revenue run rate",
        "2 “Treat Yourself” days a year—$100 and a day off",
        "an unexpected expense of $400",
        "Work 40 hours a week, 9-5",
        "Referral bonus\n$10,000",
        "€1,500 annual training budget",
        "competitive salary and equity",
        "Founded in 2019, $50B+ market",
        "",
    ],
)
def test_other_sums_are_no_pay(text: str) -> None:
    assert read_pay(text, "US") is None


@pytest.mark.parametrize(
    ("country", "currency", "low"),
    [
        (None, "USD", 80_000),
        ("US", "USD", 80_000),
        ("SG", "SGD", 80_000),
        ("AU", "AUD", 80_000),
        ("CA", "CAD", 80_000),
        ("HK", "HKD", 80_000 * 12),
        ("MX", "MXN", 80_000 * 12),
        ("DE", "USD", 80_000),
    ],
)
def test_a_bare_dollar_is_that_of_the_country(country: str | None, currency: str, low: float) -> None:
    found = read_pay("Salary: $80,000 - $100,000", country)
    assert found is not None
    assert (found.currency, found.low) == (currency, low)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("R50k - R70k per month", "ZA", (600_000, 840_000, "ZAR")),
        ("R50 000 - R70 000 per month", "ZA", (600_000, 840_000, "ZAR")),
        ("R50k - R70k per month", "US", None),
        ("55 000 kr/mån", "SE", (660_000, 660_000, "SEK")),
        ("Base: 180k-220k", "US", (180_000, 220_000, "USD")),
        ("Comp: 120-150K", "US", (120_000, 150_000, "USD")),
        ("Customer base: 120k-150k", "US", None),
        ("月薪30K-50K", "CN", (360_000, 600_000, "CNY")),
        ("EP min salary $5,600", "SG", None),
        ("Employment Pass minimum salary: S$5,600", "SG", None),
        ("Minimum qualifying salary $5,600", "SG", None),
        ("Salary from $5,600", "SG", (67_200, None, "SGD")),
    ],
)
def test_what_counts_in_one_country(text: str, country: str, expected: tuple[float | None, float | None, str] | None) -> None:
    assert pay(text, country) == expected


def test_half_a_character_is_no_error() -> None:
    assert pay("\udc80 Salary: $100,000") == (100_000, 100_000, "USD")


def test_a_sum_no_local_job_pays_is_in_us_dollars() -> None:
    assert pay("Salary: $60,000 - $85,000", "CO") == (60_000, 85_000, "USD")


def test_without_any_currency_the_country_tells_it() -> None:
    assert pay("Salary range: 80-100k base", "DE") == (80_000, 100_000, "EUR")
    assert pay("Salary range: 80-100k base") is None


def test_ranges_per_level_and_city_make_one_range() -> None:
    text = "Salary in NYC: $124,700 - $208,350.\nIn all other locations, the pay range is $112,200 - $187,550."
    assert pay(text) == (112_200, 208_350, "USD")
    assert pay("Pay:\nLevel 1: $22.00 - $24.50/hour\nLevel 2: $24.00 - $29.00/hour") == (22 * 2080, 29 * 2080, "USD")


def test_base_pay_comes_before_earnings_on_target() -> None:
    assert pay("Total compensation: $200,000 to $400,000\nBase salary: $150,000 to $250,000") == (150_000, 250_000, "USD")
    assert pay("OTE $170,000-240,000 with an 80/20 split") == (170_000, 240_000, "USD")


def test_of_two_currencies_the_countrys_own_counts_else_the_first() -> None:
    text = "Base pay range of $110,000 - $150,000 USD / 140,000 - 185,000 CAD + equity"
    assert pay(text) == (110_000, 150_000, "USD")
    assert pay(text, "CA") == (140_000, 185_000, "CAD")


def test_an_annualised_hourly_rate_is_the_annual_one() -> None:
    assert pay("hourly rate is $33.65 - $38.70 per hour, a salary range of $70,000 - $80,500 per year") == (
        70_000,
        80_500,
        "USD",
    )


def test_ends_that_contradict_each_other_are_no_range() -> None:
    assert pay("Salary from $200,000\nSalary up to $150,000") == (None, 150_000, "USD")


def test_a_slip_in_the_period_is_mended_by_what_jobs_pay() -> None:
    assert pay("Salary: $119,560.00 to $155,000.00 /hour") == (119_560, 155_000, "USD")


@pytest.mark.parametrize(
    ("text", "value"),
    [("120'000", 120_000), ("12,00,000", 1_200_000), ("60.000", 60_000), ("45,50", 45.5), ("1.5", 1.5), ("1,234.50", 1234.5)],
)
def test_numbers(text: str, value: float) -> None:
    assert number(text) == value


@given(
    st.text(alphabet="$€£¥₹k0123456789.,' -–toperyahusdgSG\n|/", max_size=400), st.sampled_from([None, "SG", "DE", "IN", "SE"])
)
def test_any_text_gives_a_sound_range_or_none(text: str, country: str | None) -> None:
    found = read_pay(text, country)
    if found is not None:
        assert found.low is not None or found.high is not None
        assert found.low is None or found.high is None or 0 < found.low <= found.high
        assert Pay.model_validate(found.model_dump()) == found


@given(st.integers(10, 400), st.integers(0, 200), st.sampled_from(["€", "£", "CHF ", "AUD "]))
def test_a_range_in_thousands_is_read_back(low: int, more: int, sign: str) -> None:
    found = read_pay(f"Salary: {sign}{low},000 - {sign}{low + more},000 per year")
    assert found is not None
    assert (found.low, found.high) == (low * 1_000, (low + more) * 1_000)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "$1 " * n,
        lambda n: "$" * n,
        lambda n: "1 000 " * n,
        lambda n: "salary 1" * n,
        lambda n: "€1,111" * n,
        lambda n: "$80,000 - " * n,
        lambda n: "usd 80k [" * n,
        lambda n: "\u202e$٣٤٥ salary 💰" * n,
    ],
)
@pytest.mark.timeout(20)
def test_bait_stalls_nothing(make: Callable[[int], str]) -> None:
    read_pay(make(1_000_000), "US")
    read_pay(make(2_000), "US")


# ------------------------------------------------------------------------------------------------------- where it ends


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Salary: $1,900,000 per year", (1_900_000, 1_900_000, "USD")),
        ("Salary: $2,100,000 per year", None),
        ("Salary: $1.5M a year", None),
        ("Salary: IDR 15 million a month", (180_000_000, 180_000_000, "IDR")),
    ],
)
def test_so_much_nobody_is_paid(text: str, found: tuple[float, float, str] | None) -> None:
    assert pay(text) == found


def test_the_word_for_pay_may_stand_at_the_other_end_of_the_sentence() -> None:
    text = "The salary that a successful candidate in this position can expect to be offered is $26 – $28"
    assert pay(text) == (26 * 2080, 28 * 2080, "USD")
    assert pay(text.replace("salary", "mood")) is None


def test_an_amount_that_is_all_of_a_cell_is_surer_than_earnings_on_target() -> None:
    assert pay("Acme | Engineer | $150k\nOTE $250k - $300k") == (150_000, 150_000, "USD")
    assert pay("Acme | Engineer, $150k of it\nOTE $250k - $300k") == (250_000, 300_000, "USD")


def test_every_level_counts_however_many_there_are() -> None:
    levels = [f"Level {level}: ${20 + level}.00 - ${22 + level}.50/hour" for level in range(1, 13)]
    assert pay("\n".join(["Pay:", *levels])) == (21 * 2080, 34.5 * 2080, "USD")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Salary: $110,000k", 110_000, 110_000),
        ("Salary: $110,000k - $130,000k", 110_000, 130_000),
        ("Salary: $110k", 110_000, 110_000),
    ],
)
def test_thousands_said_twice_are_said_once(text: str, low: float, high: float) -> None:
    assert pay(text) == (low, high, "USD")
