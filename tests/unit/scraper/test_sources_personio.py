"""Personio, quirk by quirk."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.scraper.sources import source
from shared.errors import UnreadableInput
from shared.posting import Employment, RawPosting

SECTIONS = """
<jobDescriptions>
 <jobDescription><name>Tasks &amp; more</name><value><![CDATA[<ul><li>Wells &amp; maps</li></ul>]]></value></jobDescription>
 <jobDescription><name>Empty</name><value></value></jobDescription>
 <jobDescription><name></name><value><![CDATA[<p>Last</p>]]></value></jobDescription>
</jobDescriptions>"""


def xml(*positions: str) -> bytes:
    inner = "".join(f"<position><id>{n}</id><name>Data Engineer</name>{told}</position>" for n, told in enumerate(positions, 1))
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<workzag-jobs>{inner}</workzag-jobs>".encode()


def job(told: str = "", board: str = "moorlicht") -> RawPosting:
    return source("personio").parse(xml(told), board).postings[0]


def test_the_plain_facts() -> None:
    found = job(
        "<subcompany>Moor &amp; Licht GmbH</subcompany><department>Software</department>"
        "<createdAt>2026-05-14T09:31:05+02:00</createdAt>"
    )
    assert (found.external_id, found.title, found.company) == ("1", "Data Engineer", "Moor & Licht GmbH")
    assert found.department == "Software"
    assert found.posted_at == datetime(2026, 5, 14, 7, 31, 5, tzinfo=UTC)


def test_the_link_is_on_the_host_of_the_board() -> None:
    assert job().url == "https://moorlicht.jobs.personio.de/job/1"
    assert job(board="moorlicht.jobs.personio.com").url == "https://moorlicht.jobs.personio.com/job/1"


def test_the_sections_stand_in_their_order_under_their_names() -> None:
    assert job(SECTIONS).description == "Tasks & more\n\n- Wells & maps\n\nLast"
    assert job("<jobDescriptions></jobDescriptions>").description == ""


def test_every_office_is_a_place() -> None:
    found = job("<office>Rostock</office><additionalOffices><office>Vilnius</office><office>Oslo</office></additionalOffices>")
    assert (found.location, found.locations) == ("Rostock; Vilnius; Oslo", ("Rostock", "Vilnius", "Oslo"))
    assert job("<additionalOffices/>").locations == ()


@pytest.mark.parametrize(
    ("kind", "schedule", "meaning"),
    [
        ("permanent", "full-time", Employment.FULL_TIME),
        ("permanent", "part-time", Employment.PART_TIME),
        ("permanent", "full-or-part-time", None),
        ("working_student", "part-time", Employment.INTERNSHIP),
        ("intern", "full-time", Employment.INTERNSHIP),
        ("temporary", "full-time", Employment.TEMPORARY),
        ("freelance", "full-or-part-time", Employment.CONTRACT),
        ("", "", None),
    ],
)
def test_the_employment(kind: str, schedule: str, meaning: Employment | None) -> None:
    assert job(f"<employmentType>{kind}</employmentType><schedule>{schedule}</schedule>").employment is meaning


def test_the_same_position_twice_is_one_job() -> None:
    body = xml("", "").replace(b"<id>2</id>", b"<id>1</id>")
    answer = source("personio").parse(body, "moorlicht")
    assert (len(answer.postings), answer.repeated) == (1, 1)


def test_an_unknown_host_answers_with_a_web_page() -> None:
    with pytest.raises(UnreadableInput, match="personio:acme: got an HTML page where XML was expected"):
        source("personio").parse(b"<!DOCTYPE html><html><head><title>Personio</title>", "acme")
    with pytest.raises(UnreadableInput, match="personio:acme: no list of jobs: the answer is <rss>, not <workzag-jobs>"):
        source("personio").parse(b"<rss><channel/></rss>", "acme")


def test_an_empty_board_is_not_an_error() -> None:
    assert source("personio").parse(b"<workzag-jobs/>", "acme").postings == ()


def test_a_position_without_a_name_costs_one_job() -> None:
    body = xml("", "").replace(b"<name>Data Engineer</name>", b"<name/>", 1)
    answer = source("personio").parse(body, "acme")
    assert [job.external_id for job in answer.postings] == ["2"]
    assert [drop.external_id for drop in answer.dropped] == ["1"]


def test_the_company_tells_its_name() -> None:
    personio = source("personio")
    assert personio.identity is not None
    assert personio.identity("moorlicht").url == "https://moorlicht.jobs.personio.de/xml?language=en"
    assert personio.company(xml("<subcompany>Moorlicht GmbH</subcompany>")) == "Moorlicht GmbH"
    assert personio.company(xml()) is None


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds/personio").iterdir())
    assert files
    for file in files:
        ids = re.findall(r"<position>\s*<id>(\d+)</id>", file.read_text())
        answer = source("personio").parse(file.read_bytes(), "acme")
        assert ids
        assert [found.external_id for found in answer.postings] == list(dict.fromkeys(ids)), file.name
        assert len(answer.postings) + answer.repeated == len(ids)
        for found in answer.postings:
            assert found.company == "Acme SE & Co. KG"
            assert found.locations == ("Munich", "Berlin")
            assert found.posted_at
