"""Files of every format become the text a person sees; what cannot be read says so and what to do."""

import io
import zipfile
import zlib
from datetime import date

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from shared.errors import UnreadableInput
from shared.posting import Level, Place, Role
from shared.profile import Profile, Standing
from shared.reading.documents import MAX_BYTES, read_document
from shared.reading.html import plain_text
from shared.reading.profile import read_profile_file
from tests.papers import Run, assembled, column, linkedin, pdf

TODAY = date(2026, 11, 21)
SINGAPORE = Place(city="Singapore", country="SG")
SIDE = (
    "Contact",
    "mei.tan@example.org",
    "www.linkedin.com/in/mei-tan-",
    "rust-8a12b3 (LinkedIn)",
    "github.com/meitan/kotlin-tools (Personal)",
    "",
    "Top Skills",
    "Distributed Systems",
    "Go (Programming Language)",
    "",
    "Languages",
    "English (Native or Bilingual)",
    "",
    "Certifications",
    "Certified Kubernetes Administrator",
)
PAGES = (
    (
        "# Mei Tan",
        "Senior Backend Engineer at Harbour Pay | Go and",
        "Kafka",
        "Singapore",
        "",
        "# Summary",
        "I build ledgers that do not lose a cent.",
        "",
        "# Experience",
        "Harbour Pay",
        "Senior Backend Engineer",
        "January 2020 - Present (6 years 11 months)",
        "Singapore",
        "Own the ledger service in Go and PostgreSQL.",
        "",
        "Quayside",
        "3 years 2 months",
        "Software Engineer",
        "March 2018 - December 2019 (1 year 10 months)",
        "Jakarta, Indonesia",
        "Search on Elasticsearch",
        "Junior Developer",
        "November 2016 - March 2018 (1 year 5 months)",
        "Wrote PHP",
    ),
    (
        "Snowflake Bakery",
        "Software Engineering Intern",
        "May 2015 - August 2015 (4 months)",
        "London, England, United Kingdom",
        "Ordering site in Ruby on Rails",
        "",
        "# Education",
        "University of Somewhere",
        "Bachelor of Computing, Computer Science · (2012 - 2016)",
    ),
)


def code_of(body: bytes) -> str:
    with pytest.raises(UnreadableInput) as refusal:
        read_document(body)
    return refusal.value.code


def read(body: bytes) -> Profile:
    return read_profile_file("cv", body, today=TODAY)


def used(profile: Profile, name: str) -> tuple[float | None, int | None, Standing | None]:
    return next((skill.years, skill.last_used, skill.standing) for skill in profile.skills if skill.skill == name)


# ------------------------------------------------------------------------------------------------------------ LinkedIn


def test_linkedins_save_to_pdf_is_read_as_a_person_reads_it() -> None:
    profile = read(linkedin(SIDE, PAGES))
    assert profile.headline == "Senior Backend Engineer at Harbour Pay | Go and Kafka"
    assert (profile.role, profile.level, profile.places) == (Role.BACKEND, Level.SENIOR, (SINGAPORE,))
    assert profile.years == 10.0
    assert used(profile, "go") == (6.9, 2026, Standing.HEADLINE)
    assert used(profile, "postgresql") == (6.9, 2026, Standing.USED)
    assert used(profile, "elasticsearch") == (1.8, 2019, Standing.USED)
    assert used(profile, "php") == (1.3, 2018, Standing.USED)
    assert used(profile, "distributed systems") == (None, None, Standing.LISTED)
    assert used(profile, "kubernetes") == (None, None, Standing.MENTIONED)


def test_addresses_and_companies_in_a_linkedin_pdf_are_no_skills_of_use() -> None:
    profile = read(linkedin(SIDE, PAGES))
    assert not {"rust", "kotlin"} & profile.skill_names
    snowflake = [skill for skill in profile.skills if skill.skill == "snowflake"]
    assert all(skill.standing is Standing.MENTIONED and skill.years is None for skill in snowflake)


def test_a_linkedin_pdf_copied_as_text_tells_the_same() -> None:
    copied = "\n".join([*SIDE, *(line.removeprefix("# ") for line in PAGES[0]), "Page 1 of 2", *PAGES[1], "Page 2 of 2"])
    profile, drawn = read(copied.encode()), read(linkedin(SIDE, PAGES))
    assert profile.model_dump(exclude={"skills"}) == drawn.model_dump(exclude={"skills"})
    assert [skill.skill for skill in profile.skills] == [skill.skill for skill in drawn.skills]


def test_a_linkedin_pdf_without_a_name_in_its_address() -> None:
    side = [line.replace("mei-tan-", "x9k2") for line in SIDE if not line.startswith("rust")]
    profile = read(linkedin(side, PAGES))
    assert (profile.headline, profile.places) == ("Senior Backend Engineer at Harbour Pay | Go and Kafka", (SINGAPORE,))


# ----------------------------------------------------------------------------------------------------------------- PDF


def test_the_columns_of_a_pdf_are_kept_apart() -> None:
    left, right = column(["Skills", "Go", "Kafka"]), column(["Mei Tan", "Backend Engineer"], x=300)
    assert plain_text(str(read_document(pdf([[*left, *right]])))) == "Skills\nGo\nKafka\n\nMei Tan\nBackend Engineer"


def test_ligatures_and_words_broken_at_line_ends_are_mended() -> None:
    text = str(read_document(pdf([column(["built micro-", "services for a com-", "Pany, quite a few of them"])])))
    assert "micro-services" in text
    assert "com-\nPany" in text


def test_what_a_browser_prints_around_a_page_is_left_out() -> None:
    words = [
        "11/21/26, 11:30 AM Mei Tan — Backend Engineer",
        "Backend Engineer",
        "Acme, 2021 - now",
        "Go since 2021, 9:30 to 5:30",
    ]
    for address in ("file:///users/mei/cv.html 1/2", "https://example.org/kotlin/mei 2/2"):
        text = str(read_document(pdf([column([*words, address])])))
        assert text.split("\n")[1:4] == words[1:]
        assert "example" not in text
        assert "11:30" not in text
        assert "file:" not in text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (pdf([[]]), "profile_empty"),
        (pdf([[]], extra="/XObject << /Im1 9 0 R >>"), "profile_scanned"),
        (pdf([column(["/gid00012/gid00034/gid00099/gid00011/gid00045"])]), "profile_scanned"),
        (pdf([column(["Go developer"])] * 51), "profile_too_long"),
        (b"%PDF-1.7 ...", "profile_damaged"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "profile_damaged"),
        (assembled([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]), "profile_damaged"),
        (assembled([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids " + b"[" * 50_000]), "profile_damaged"),
        (assembled([b"<< /Type /Catalog /Pages 2 0 R >>", b"5"]), "profile_damaged"),
    ],
    ids=["blank", "scanned", "glyph names", "51 pages", "cut", "junk", "loop", "nested", "wrong types"],
)
@pytest.mark.timeout(30)
def test_a_pdf_that_holds_no_text_says_why(body: bytes, code: str) -> None:
    assert code_of(body) == code


def test_a_pdf_locked_with_a_password_is_refused_as_that() -> None:
    lock = f"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -1 /O <{'00' * 32}> /U <{'11' * 32}> >>".encode()
    body = assembled(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>", lock],
        trailer="/Root 1 0 R /Encrypt 3 0 R /ID [<00><00>]",
    )
    assert code_of(body) == "profile_encrypted"


def test_a_stream_that_unpacks_without_end_is_refused() -> None:
    stream = zlib.compress(zlib.compress(b" " * 90_000_000))
    body = assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            f"<< /Filter [/FlateDecode /FlateDecode] /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << >> >> /Contents 3 0 R >>",
        ]
    )
    assert code_of(body) == "profile_damaged"


# ---------------------------------------------------------------------------------------------------------------- Word


def saved(document: WordDocument) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def word_cv() -> WordDocument:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Mei Tan · Singapore"
    document.add_paragraph("Senior Backend Engineer")
    document.add_heading("Skills")
    table = document.add_table(rows=2, cols=2)
    cells = (cell for row in table.rows for cell in row.cells)
    for cell, text in zip(cells, ("Go", "5 years", "Terraform", "2 years"), strict=True):
        cell.text = text
    document.add_heading("Experience")
    document.add_paragraph("Senior Engineer — Harbour Pay\n2020 - Present")
    document.add_paragraph("Ledgers in Go and PostgreSQL", style="List Bullet")
    return document


def test_a_word_file_with_a_header_a_table_and_bullets() -> None:
    text = str(read_document(saved(word_cv())))
    assert text.startswith("Mei Tan · Singapore\nSenior Backend Engineer\nSkills\nGo | 5 years\nTerraform | 2 years\n")
    profile = read(saved(word_cv()))
    assert (profile.role, profile.level, profile.places) == (Role.BACKEND, Level.SENIOR, (SINGAPORE,))
    assert used(profile, "go") == (5.0, 2026, Standing.USED)
    assert used(profile, "terraform") == (2.0, None, Standing.LISTED)


def test_the_columns_of_a_word_file_laid_out_as_a_table_stay_whole() -> None:
    document = Document()
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    left.text = "Contact"
    left.add_paragraph("Kafka")
    right.text = "Experience"
    right.add_paragraph("Go developer, 2020 - 2022")
    assert read_document(saved(document)) == "Contact\nKafka\nExperience\nGo developer, 2020 - 2022"


def test_text_boxes_are_read_once_though_they_stand_there_twice() -> None:
    document = Document()
    box = "<w:txbxContent><w:p><w:r><w:t>Kubernetes in a box</w:t></w:r></w:p></w:txbxContent>"
    spaces = nsdecls("w") + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    run = parse_xml(
        f"<w:r {spaces}><w:t>Before the box</w:t><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    document.add_paragraph()._p.append(run)
    assert read_document(saved(document)) == "Before the box\nKubernetes in a box"


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"PK\x03\x04...", "profile_damaged"),
        (zipped({"cv.txt": b"Go"}), "profile_format"),
        (zipped({"word/document.xml": b"<a"}), "profile_damaged"),
        (zipped({"word/document.xml": b" " * 60_000_000}), "profile_too_long"),
        (zipped({f"{n}": b"" for n in range(2_001)}), "profile_too_long"),
        (saved(Document()), "profile_empty"),
    ],
    ids=["cut", "zip", "no word", "bomb", "many files", "blank"],
)
def test_a_word_file_that_holds_no_text_says_why(body: bytes, code: str) -> None:
    assert code_of(body) == code


# ---------------------------------------------------------------------------------------------------------------- rest


def test_a_saved_page_loses_its_scripts_however_large() -> None:
    body = "<!DOCTYPE html><html><head><style>" + ".x{}" * 400_000 + "</style><script>var go = 'rust'</script></head>"
    body += "<body><h1>Mei Tan</h1><p>Backend engineer in Singapore. Go, Kafka.</p></body></html>"
    assert plain_text(str(read_document(body.encode()))) == "Mei Tan\n\nBackend engineer in Singapore. Go, Kafka."
    assert read(body.encode()).skill_names == {"go", "kafka", "backend"}


def test_a_saved_web_archive() -> None:
    body = (
        b"From: <Saved by Blink>\r\nSubject: Mei\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="xx"\r\n\r\n'
        b"--xx\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"<html><body><p>Go devel=\r\noper, Caf=C3=A9 Kafka</p></body></html>\r\n--xx--\r\n"
    )
    assert plain_text(str(read_document(body))) == "Go developer, Café Kafka"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "profile_format"),
        (b"{\\rtf1 Go}", "profile_format"),
        (b"\x89PNG\r\n", "profile_format"),
        (b"%!PS-Adobe-3.0", "profile_format"),
        (b"a" * (MAX_BYTES + 1), "profile_too_long"),
        (b"Go " * 2_000_000, "profile_too_long"),
    ],
)
def test_other_formats_are_refused_with_what_to_do(body: bytes, code: str) -> None:
    with pytest.raises(UnreadableInput, match="paste") as refusal:
        read_document(body)
    assert refusal.value.code == code


def test_every_skill_of_a_pdf_keeps_its_place_in_the_text() -> None:
    body = linkedin(SIDE, PAGES)
    text = plain_text(str(read_document(body)))
    for skill in read(body).skills:
        assert skill.start is not None
        assert text[skill.start : skill.end] in skill.evidence


def test_superscripts_do_not_part_a_line() -> None:
    runs = [Run(50, 700, 11, "Go and Kafka"), Run(150, 704, 6, "2"), Run(160, 700, 11, "since then, for a while")]
    assert "\n\n" not in str(read_document(pdf([runs])))


@pytest.mark.parametrize("icons", [1, 2_500])
def test_what_only_a_browser_reads_hides_no_words(icons: int) -> None:
    """However many icons stand before the words, and whatever letters that change their length when lowered."""
    page = (
        "<html><body>" + "İ<svg><path/></SVG >" * icons + "<p>Backend Engineer</p><p>Go, Kafka in production</p></body></html>"
    )
    assert "<p>Backend Engineer</p><p>Go, Kafka in production</p>" in read_document(page.encode())


def test_a_page_of_pictures_is_read_in_one_pass() -> None:
    """A megabyte of them: looking through the whole page for the end of each would take minutes."""
    page = "<html><body>" + "<svg>é</svg>" * 80_000 + "<svg>" * 10 + "<p>Kafka</p></body></html>"
    assert "Kafka" not in read_document(page.encode()), "an element without an end takes the rest with it"
