"""Jobs as people paste and save them. The fixtures are invented, in the shapes that sites give them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import UnreadableInput
from shared.posting import Employment, Level, Pay, Place, RawPosting, Role, Strength, Workplace
from shared.reading.page import read_page, read_page_file
from shared.reading.page.dates import day_ago, day_in
from shared.reading.posting import read_posting
from shared.reading.profile import read_profile_file
from shared.scoring import score
from shared.settings import Settings

TODAY = date(2026, 11, 21)
SEED = Path(__file__).parents[3].parent / "shared" / "seeds" / "002_e6ba40e41910107d.txt"

LINKEDIN = """Skip to main content
Kestrel Bank logo
Kestrel Bank
Share
Show more options
Senior Backend Engineer, Payments
Singapore, Singapore · 3 days ago · Over 100 applicants
Promoted by hirer · Responses managed off LinkedIn
Hybrid
Full-time
Apply
Save
About the job
Kestrel Bank moves money for small shops across the region, and we build the rails that it runs on.
What you will do
- Own services in Go that settle payments
- Keep Kafka and PostgreSQL healthy under load
Requirements
- 5+ years of experience building backend systems in Go
- Kafka in production
Nice to have
- Rust
Set alert for similar jobs
About the company
Seniority level
Mid-Senior level
Employment type
Full-time
Job function
Engineering and Information Technology
People also viewed
Frontend Developer (React)
Other Bank
Jakarta, Indonesia
"""

INDEED = """Skip to main content
Home
Company reviews
Find salaries
Sign in
Data Engineer
Harbour & Pine Pte. Ltd.
3.9
One Raffles Quay, Singapore 048583
$6,500 - $8,500 a month - Full-time, Permanent
Apply now
Job details
Here’s how the job details align with your profile.
Pay
$6,500 - $8,500 a month
Job type
Full-time
Permanent
Location
One Raffles Quay, Singapore 048583
Full job description
You will build the pipelines that tell our shops what to order, with people who have run shops themselves.
Responsibilities
- Build and run batch jobs in Python and Spark
- Model the warehouse in dbt
Requirements
- Three years of experience with SQL and Python
Posted 30+ days ago
Report job
Hiring Lab
"""

CAREERS = """<!doctype html><html><head><title>Staff Platform Engineer – Lumenworks Careers</title>
<meta property="og:title" content="Staff Platform Engineer"><meta property="og:site_name" content="Lumenworks">
<script>var title = "Tracking Manager";</script></head><body>
<div class="cookie-banner"><p>We value your privacy and use Python cookies.</p><button>Accept all</button></div>
<nav><ul><li>Products for Java Developers</li><li>Pricing</li><li>Docs Engineer</li></ul></nav>
<header><h1>Staff Platform&nbsp;Engineer</h1></header>
<main><ul><li>Department: Infrastructure</li><li>Location: Berlin, Germany</li><li>Workplace type: Hybrid</li>
<li>Job ID: LW-2291</li><li>Posted on: 12 October 2026</li><li>Apply by: 31 December 2026</li></ul>
<h2>What you'll do</h2><p>Run the clusters that our customers' dashboards live on, and make them boring:
upgrades on a Tuesday, and no pages at night.</p>
<h2>What you bring</h2><ul><li>Kubernetes and Terraform in production</li><li>Go or Rust</li></ul>
<h2>Benefits</h2><ul><li>30 days of leave</li></ul></main>
<aside><h3>Similar jobs</h3><p>Ruby on Rails Engineer</p></aside>
<footer><a>Terraform consulting</a> © 2026 Lumenworks GmbH. All rights reserved.</footer></body></html>"""

WELLFOUND = """Wellfound
Find jobs
Log in
Olive Grove logo
Olive Grove
Actively Hiring
Robots that prune olive trees
Founding Mobile Engineer
$120k – $160k • 0.5% – 1.0%
Posted: 2 weeks ago • Recruiter recently active
Apply now
Save
Remote Work Policy
Remote only
Company Location
Lisbon
Job Location
Portugal
Job type
Full-time
Skills
Kotlin
Swift
About the job
Olive Grove makes robots that prune olive trees, and the app is how growers talk to them.
You will write the app, first on Android in Kotlin and then on iOS in Swift, and ride along with the robots.
Perks
Healthcare benefits
Funding
$5M
Similar Jobs
Python Developer at Elsewhere
"""


def refused(text: str) -> str:
    with pytest.raises(UnreadableInput) as caught:
        read_page(text, today=TODAY)
    return caught.value.code


def skills(text: str) -> dict[str, Strength]:
    facts = read_posting(read_page(text, today=TODAY)).facts
    return {mention.skill: mention.strength for mention in facts.skills}


def test_a_paste_with_the_company_above_the_title_and_the_place_below():
    found = read_page(LINKEDIN, today=TODAY)
    assert (found.title, found.company) == ("Senior Backend Engineer, Payments", "Kestrel Bank")
    assert found.location == "Singapore, Singapore (Hybrid)"
    assert found.posted_at == datetime(2026, 11, 18, tzinfo=UTC)
    assert found.employment is Employment.FULL_TIME
    assert found.department == "Engineering and Information Technology"
    assert found.description.startswith("About the job\nKestrel Bank moves money")
    assert found.description.endswith("- Rust")
    facts = read_posting(found).facts
    assert (facts.role, facts.level, facts.workplace) == (Role.BACKEND, Level.SENIOR, Workplace.HYBRID)
    assert facts.places[0].country == "SG"
    assert skills(LINKEDIN) | {"go": Strength.REQUIRED, "kafka": Strength.REQUIRED, "rust": Strength.PREFERRED} == skills(
        LINKEDIN
    )
    assert "react" not in skills(LINKEDIN)


def test_a_paste_with_the_company_below_the_title_and_labels_on_lines_of_their_own():
    found = read_page(INDEED, today=TODAY)
    assert (found.title, found.company) == ("Data Engineer", "Harbour & Pine Pte. Ltd.")
    assert found.location == "One Raffles Quay, Singapore 048583"
    assert found.employment is Employment.FULL_TIME
    assert found.posted_at is None  # 30+ days ago is no day
    assert "$6,500 - $8,500 a month" in found.description
    for words in ("Report job", "Company reviews", "align with your profile", "3.9"):
        assert words not in found.description


def test_a_page_without_its_menu_banner_footer_and_other_jobs():
    found = read_page(CAREERS, today=TODAY)
    assert (found.title, found.company) == ("Staff Platform Engineer", "Lumenworks")
    assert (found.location, found.department, found.workplace) == ("Berlin, Germany", "Infrastructure", Workplace.HYBRID)
    assert (found.requisition_id, found.external_id) == ("LW-2291", "LW-2291")
    assert (found.posted_at, found.valid_through) == (datetime(2026, 10, 12, tzinfo=UTC), date(2026, 12, 31))
    assert {"kubernetes", "terraform", "go", "rust"} <= set(skills(CAREERS))
    assert {"java", "python", "ruby on rails", "ruby"}.isdisjoint(skills(CAREERS))


def test_a_start_ups_page_with_its_perks_and_funding():
    found = read_page(WELLFOUND, today=TODAY)
    assert (found.title, found.company, found.location) == ("Founding Mobile Engineer", "Olive Grove", "Portugal")
    assert found.posted_at == datetime(2026, 11, 7, tzinfo=UTC)
    assert read_posting(found).facts.workplace is Workplace.REMOTE
    assert {"kotlin", "swift"} <= set(skills(WELLFOUND))
    for words in ("Healthcare", "$5M", "Python Developer"):
        assert words not in found.description


def test_a_page_that_is_one_form_is_read_all_the_same():
    page = CAREERS.replace("<body>", "<body><form id='aspnet'>").replace("</body>", "</form></body>")
    found = read_page(page, today=TODAY)
    assert found.title == "Staff Platform Engineer"
    assert "no pages at night" in found.description


@pytest.mark.parametrize(
    ("head", "title", "company"),
    [
        ("Backend Engineer at Kestrel Bank\nSingapore", "Backend Engineer", "Kestrel Bank"),
        ("Job title: Backend Engineer\nCompany: Kestrel Bank\nLocation: Singapore", "Backend Engineer", "Kestrel Bank"),
        ("Backend Engineer\nKestrel Bank · Singapore (Hybrid)", "Backend Engineer", "Kestrel Bank"),
        ("Backend Engineer\n4 days ago Singapore", "Backend Engineer", None),
        ("Gardener of Forking Paths\nSingapore", "Gardener of Forking Paths", None),
    ],
)
def test_the_head_of_a_paste(head, title, company):
    text = f"{head}\n\nWhat you will do\n" + "- You look after the services that settle payments, day and night\n" * 4
    found = read_page(text, today=TODAY)
    assert (found.title, found.company) == (title, company)
    assert read_posting(found).facts.places[0].country == "SG"


SHORT_ITEMS = """Backend Engineer
Palmtree Pte Ltd
Singapore
S$12,000 - S$16,000 a month

What you'll do
- Build APIs
- Own services
- Review code
- Mentor juniors

Requirements
- 5+ years Go
- PostgreSQL
- Kafka or RabbitMQ
- Kubernetes
"""


def test_a_job_of_short_items_is_read_with_the_pay_of_its_header():
    posting = read_posting(read_page(SHORT_ITEMS, today=TODAY))
    assert (posting.title, posting.company, posting.location) == ("Backend Engineer", "Palmtree Pte Ltd", "Singapore")
    assert posting.facts.pay == Pay(low=144_000, high=192_000, currency="SGD")


def test_a_chip_beside_the_title_names_the_kind_of_employment():
    prose = "We write Go and look after databases. " * 6
    text = f"Backend Engineer\nPalmtree · Singapore (Hybrid)\nFull-time\n\nAbout the job\n{prose}"
    posting = read_page(text, today=TODAY)
    assert (posting.company, posting.employment) == ("Palmtree", Employment.FULL_TIME)


def test_a_title_among_cells_of_one_line():
    prose = "You write drivers in C for small machines. " * 6
    text = f"Palmtree (YC W24) | Embedded Engineer | Munich, Germany | ONSITE\n\n{prose}"
    posting = read_posting(read_page(text, today=TODAY))
    assert (posting.title, posting.company) == ("Embedded Engineer", "Palmtree (YC W24)")
    assert posting.facts.places == (Place(city="Munich", country="DE", region=posting.facts.places[0].region),)
    assert posting.facts.workplace is Workplace.ONSITE


def test_a_company_is_named_more_than_once_or_not_at_all():
    body = "- You look after services that settle payments, day and night\n" * 4
    assert read_page(f"Backend Engineer\nSomething Odd\n\nRequirements\n{body}", today=TODAY).company is None
    told = f"Backend Engineer\n\nRequirements\n{body}\nWrite to jobs@kestrelbank.example. We at KestrelBank care."
    assert read_page(told, today=TODAY).company == "KestrelBank"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" \n", "posting_empty"),
        ("\x00\x01\x02" * 100, "posting_binary"),
        ("x" * 4_000_001, "posting_too_long"),
        ("We are kind people. " * 30, "posting_without_title"),
        ("Backend Engineer\nKestrel Bank\nSingapore\nApply now", "posting_without_text"),
        ("\n".join(f"{kind} Engineer\nKestrel Bank\n2 days ago" for kind in ("Data", "Web", "ML")), "posting_without_text"),
        ("<html><body><div id='root'></div><script>go()</script></body></html>", "posting_without_title"),
    ],
    ids=["empty", "binary", "long", "prose", "card", "list", "scripts"],
)  # fmt: skip
def test_what_is_no_posting_is_refused_with_what_to_do(text, code):
    assert refused(text) == code


@pytest.mark.parametrize("body", [b"%PDF-1.7", b"PK\x03\x04", b"\x89PNG\r\n", b"{\\rtf1"])
def test_other_formats_are_named(body):
    with pytest.raises(UnreadableInput, match=r"job\.bin: this is ") as caught:
        read_page_file("job.bin", body + b"x" * 500, today=TODAY)
    assert caught.value.code == "posting_format"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_any_common_encoding(encoding):
    text = LINKEDIN.replace("·", "|").replace("Kestrel Bank", "Café Bank")
    assert read_page_file("job.txt", text.encode(encoding), today=TODAY).company == "Café Bank"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-07-29T01:28:02", date(2025, 7, 29)),
        ("12 March 2026", date(2026, 3, 12)),
        ("Posted on 3rd Sept. 2026", date(2026, 9, 3)),
        ("Mar 12, 2026", date(2026, 3, 12)),
        ("31/12/2026", date(2026, 12, 31)),
        ("12.31.2026", date(2026, 12, 31)),
        ("03/04/2026", None),
        ("31 February 2026", None),
        ("soon", None),
    ],
)
def test_days(text, day):
    assert day_in(text) == day


@pytest.mark.parametrize(
    ("text", "days"),
    [("Posted 3 days ago", 3), ("2 weeks ago", 14), ("a month ago", 30), ("45 minutes ago", 0), ("Reposted yesterday", 1),
     ("Just posted", 0), ("30+ days ago", None), ("long ago", None)],
)  # fmt: skip
def test_ages(text, days):
    found = day_ago(text, TODAY)
    assert (None if found is None else (TODAY - found).days) == days


@pytest.mark.recorded
def test_the_first_posting_there_was():
    if not SEED.is_file():
        pytest.skip("needs the recorded pages beside the repository")
    found = read_page_file(SEED.name, SEED.read_bytes(), today=TODAY)
    facts = read_posting(found).facts
    assert found.title.startswith("Backend Engineer Intern")
    assert (found.location, found.employment) == ("Singapore", Employment.INTERNSHIP)
    assert (facts.role, facts.level, facts.places[0].country) == (Role.BACKEND, Level.INTERN, "SG")
    assert found.posted_at == datetime(2025, 7, 29, tzinfo=UTC)
    assert found.company
    assert found.requisition_id
    assert found.requisition_id.startswith(found.company)
    wanted = {mention.skill: mention.strength for mention in facts.skills}
    assert wanted["apache flink"] is wanted["apache iceberg"] is Strength.REQUIRED
    assert wanted["pytorch"] is wanted["hbase"] is wanted["scala"] is Strength.PREFERRED
    for words in ("Dental", "Want more jobs", "Company Videos", "Skip to main", "privacy policy"):
        assert words not in found.description


@pytest.mark.recorded
@pytest.mark.parametrize("engineer", ["000", "001", "003"])
def test_for_the_first_engineers_it_is_what_it_is(engineer):
    """The right place, related skills, the wrong level: in nobody's digest."""
    files = list(SEED.parent.glob(f"{engineer}_*.txt"))
    if not files:
        pytest.skip("needs the recorded pages beside the repository")
    posting = read_posting(read_page_file(SEED.name, SEED.read_bytes(), today=TODAY))
    match = score(posting, read_profile_file(engineer, files[0].read_bytes(), today=TODAY))
    assert match.parts["place"] == match.parts["role"] == 1.0
    assert len(match.matched) >= 3
    assert match.reasons[0] == "an internship"
    assert match.score < Settings.model_fields["match_threshold"].default


HOSTILE = {
    "one line": "Backend Engineer " * 200_000,
    "nested": "<div><nav>" * 100_000 + LINKEDIN,
    "open tags": "<div class='" * 100_000,
    "unclosed": "<nav>" + "<p>a" * 300_000,
    "emoji": "Backend Engineer\nSingapore\n" + "🚀 we ship rockets to the moon and back again\n" * 20_000,
    "right to left": "مهندس برمجيات\nSingapore\n" + "نحن نبحث عن مهندس برمجيات ذي خبرة في كل شيء\n" * 20_000,
    "labels": "Location:\n" * 200_000,
    "titles": "Backend Engineer\n" * 200_000,
    "names": "About " + "Acme " * 500_000,
    "ages": "1 " * 1_000_000 + "days",
    "copyright": "<html>" + "© " * 1_000_000,
}


def read_or_refused(text: str) -> RawPosting | str:
    try:
        return read_page(text, today=TODAY)
    except UnreadableInput as error:
        return error.code


@pytest.mark.timeout(30)  # a hundred times what it takes: only what grows faster than the text gets there
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_stalls_the_reader(text):
    found = read_or_refused(text)
    assert found.startswith("posting_") if isinstance(found, str) else found.title


@given(st.text(max_size=400), st.sampled_from(["", "<html><body>", "Backend Engineer\nSingapore\n"]))
def test_no_text_crashes_the_reader(text, before):
    found = read_or_refused(before + text + " we look after services that settle payments, " * 5)
    assert found.startswith("posting_") if isinstance(found, str) else found.title.strip()
