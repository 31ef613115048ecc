"""The recorded answers beside the repository (`shared/data/feeds`): whose each is, and how many jobs are in it.

The numbers were counted in the files and not by an adapter; `counted` counts them again. Nothing here is copied from them.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

ANSWERS: dict[str, dict[str, int]] = {
    "adzuna": {"adzuna/us_lubobali.json": 4},
    "arbeitnow": {"arbeitnow/lcarlini.json": 5},
    "ashby": {
        "ashby/ehddd.json": 6,
        "ashby/ericlee.json": 2,
        "ashby/lcarlini.json": 3,
        "ashby/lubobali.json": 4,
        "ashby/midat.json": 2,
        "ashby/omoji.json": 2,
        "ashby/sakshambhatla.json": 54,
    },
    "bamboohr": {"bamboohr/omoji.json": 2},
    "greenhouse": {
        "greenhouse/amplitude_omoji.json": 2,
        "greenhouse/ericlee.json": 2,
        "greenhouse/eyyx.json": 4,
        "greenhouse/gitlab_midat.json": 2,
        "greenhouse/lalalune.json": 4,
        "greenhouse/lubobali.json": 4,
        "greenhouse/michaeldinhmai.json": 2,
    },
    "hackernews": {"hn/algolia_2026-07_ikevinxie.json": 6, "hn/hn_2025-12_kbariotis.json": 358},
    "himalayas": {"himalayas/ikevinxie.json": 4, "himalayas/michaeldinhmai.json": 3},
    "jobicy": {"jobicy/ikevinxie.json": 4, "jobicy/lcarlini.json": 5},
    "jsonld": {
        "jsonld/jobseek_jsonld_meta_software_engineer.html": 1,
        "jsonld/jobseek_jsonld_neura_robotics_manager.html": 1,
        "jsonld/nxydis_gildan_openpositions.html": 3,
    },
    "lever": {
        "lever/aaron.json": 2,
        "lever/ericlee.json": 2,
        "lever/eyyx.json": 4,
        "lever/lalalune.json": 4,
        "lever/leverdemo_ehddd.json": 6,
        "lever/lubobali.json": 4,
        "lever/michaeldinhmai.json": 2,
        "lever/midat.json": 2,
        "lever/omoji.json": 2,
    },
    "mycareersfuture": {"mycareersfuture/trimmed_real_rows.json": 3},
    "personio": {"personio/omoji.xml": 1},
    "pinpoint": {"misc/pinpoint_omoji.json": 2},
    "recruitee": {"recruitee/aikido_michaeldinhmai.json": 3, "recruitee/amikhno.json": 2, "recruitee/omoji.json": 2},
    "remoteok": {"remoteok/ikevinxie.json": 4, "remoteok/lcarlini.json": 4, "remoteok/michaeldinhmai.json": 2},
    "remotive": {"remotive/ikevinxie.json": 4, "remotive/lcarlini.json": 5, "remotive/lubobali.json": 4},
    "rss": {"misc/neogov_omoji.xml": 2},
    "smartrecruiters": {
        "smartrecruiters/amikhno.json": 2,
        "smartrecruiters/automationanywhere_michaeldinhmai.json": 3,
        "smartrecruiters/knight_omoji.json": 1,
    },
    "teamtailor": {"teamtailor/omoji.json": 2},
    "themuse": {"themuse/ivankelber_results.json": 858, "themuse/nouramel_results.json": 200},
    "usajobs": {"usajobs/lubobali.json": 3},
    "weworkremotely": {"weworkremotely/ikevinxie.xml": 4, "misc/feed_michaeldinhmai.rss": 3},
    "workable": {"workable/vasion_widget_michaeldinhmai.json": 2},
    "workday": {
        "workday/caci_search_lubobali.json": 4,
        "workday/list_clepine.json": 20,
        "workday/list_stale_clepine.json": 20,
    },
}
"""What a source's list is answered with."""

DETAILS: dict[str, dict[str, int]] = {
    "smartrecruiters": {"smartrecruiters/bosch_list_and_detail_manwithaplandy.json": 3},
    "workday": {"workday/caci_detail_lubobali.json": 1, "workday/detail_clepine.json": 1},
}
"""What is told of single jobs, alone or together with their list."""

OTHERWISE: dict[str, tuple[str, int, str]] = {
    "greenhouse/anthropic_sakshambhatla.json": ("greenhouse", 449, "asked without content=true: no texts"),
    "greenhouse/ehddd.json": ("greenhouse", 6, "asked without content=true: no texts"),
    "greenhouse/departments_ehddd.json": ("greenhouse", 131, "the tree of departments, with nothing but titles kept"),
    "workable/shape_manwithaplandy.json": ("workable", 3, "synthetic"),
    "workday/shape_manwithaplandy.json": ("workday", 4, "synthetic"),
}
"""What is read too, and would misrepresent its source: another request was answered, or none was. Source, jobs, why."""

NO_MARKUP = "a page of its maker's own, whose jobs are not marked up as schema.org JobPosting"
NO_JOBS: dict[str, tuple[str, str, str]] = {
    "workday/shape_large_manwithaplandy.json": ("workday", "no list of jobs", "a program's plan of many pages, and no answer"),
    **{
        f"jsonld/{page}.html": ("jsonld", "no structured data", NO_MARKUP)
        for page in (
            "jobseek_ayuda_en_accion_talentclue_jobpage", "jobseek_ayuda_en_accion_talentclue_jobpage_coord",
            "jobseek_barcelona_activa_talentclue_jobpage", "jobseek_barcelona_activa_talentclue_jobpage_admin",
            "jobseek_decathlon_talentclue_jobpage", "jobseek_decathlon_talentclue_jobpage_taller",
            "jobseek_didi_global_jobdetail", "jobseek_jobylon_mcdonalds_se", "jobseek_peoplestrong_bajaj_finserv",
            "jobseek_peoplestrong_larsen_toubro", "linkedin_guest_lgoyal6", "nxydis_blackrock_search", "nxydis_croesus_career",
            "nxydis_disney_search", "nxydis_ea_searchjobs", "nxydis_espresso_search", "nxydis_jobbank_search",
            "nxydis_jobvite_agscareer", "nxydis_jobvite_resolver", "nxydis_l3harris_search", "nxydis_lightspeed_openings",
            "nxydis_loblaw_jobs", "nxydis_nbc_search", "nxydis_parsons_search", "nxydis_publicissapient_sitemap",
            "nxydis_rentec_careers", "nxydis_sega_vacancies", "nxydis_sfrmk_search", "nxydis_shopify_internships",
            "nxydis_twosigma_openroles",
        )
    },
}  # fmt: skip
"""What holds no job that can be read: the source it is given to, the words it is refused with, why."""

NOBODYS: dict[str, str] = {
    "SOURCES.md": "where the files are from",
    "SOURCES.tsv": "where the files are from",
    "misc/comeet_michaeldinhmai.json": "Comeet is not among the sources",
    "misc/eleduck_ikevinxie.json": "Eleduck is not among the sources",
    "misc/torre_page0_michaeldinhmai.json": "Torre is not among the sources",
    "misc/v2ex_ikevinxie.json": "V2EX is not among the sources",
}


class Feed(NamedTuple):
    source: str
    file: str
    jobs: int


def feeds() -> list[Feed]:
    """Every file that can be read."""
    listed = [Feed(name, file, jobs) for table in (ANSWERS, DETAILS) for name in table for file, jobs in table[name].items()]
    return [*listed, *(Feed(name, file, jobs) for file, (name, jobs, _) in OTHERWISE.items())]


def known_files() -> set[str]:
    return {feed.file for feed in feeds()} | NO_JOBS.keys() | NOBODYS.keys()


# ------------------------------------------------------------------------------------- counting, without a look at adapters

KEYS = {
    "adzuna": ("id", "title"), "arbeitnow": ("slug", "title"), "ashby": ("id", "title"), "bamboohr": ("id", "jobOpeningName"),
    "greenhouse": ("id", "title"), "himalayas": ("guid", "title"), "jobicy": ("id", "jobTitle"), "lever": ("id", "text"),
    "mycareersfuture": ("uuid", "title"), "pinpoint": ("id", "title"), "recruitee": ("id", "title"),
    "remoteok": ("id", "position"), "remotive": ("id", "title"), "smartrecruiters": ("id", "name", "releasedDate"),
    "teamtailor": ("url", "date_published"), "themuse": ("id", "name"), "usajobs": ("PositionID", "PositionTitle"),
    "workable": ("shortcode", "title"),
}  # fmt: skip
"""What a job has in a source's JSON, its id first."""


def jobs_in(document: Any, *keys: str) -> Iterator[tuple[str, ...]]:
    """The values of `keys` in whatever has them all, anywhere in a document."""
    if isinstance(document, dict) and all(key in document for key in keys):
        yield tuple(" ".join(str(document[key]).split()) for key in keys)
    elif isinstance(document, dict | list):
        for inner in document.values() if isinstance(document, dict) else document:
            yield from jobs_in(inner, *keys)


def counted(name: str, body: bytes) -> int:
    """How many jobs stand in an answer; of threads, how many direct answers, whether or not they offer a job."""
    if name in KEYS:
        return len({job[0] for job in jobs_in(json.loads(body), *KEYS[name])})
    return _OTHER_COUNTS[name](body)


def _workday(body: bytes) -> int:
    """A job is the end of its path; a job told in full has its path's end as `jobPostingId`."""
    document = json.loads(body)
    listed = {path.split("/")[-1] for path, _ in jobs_in(document, "externalPath", "title")}
    return len(listed | {id_.split("/")[-1] for id_, _ in jobs_in(document, "jobPostingId", "title")})


def _hackernews(body: bytes) -> int:
    document = json.loads(body)
    found = jobs_in(document, "objectID", "parent_id", "story_id")
    return sum(parent == story for _, parent, story in found) or len(document)


_OTHER_COUNTS: dict[str, Callable[[bytes], int]] = {
    "hackernews": _hackernews,
    "jsonld": lambda body: len(re.findall(rb'"@type":\s*"JobPosting"', body)),
    "personio": lambda body: len(set(re.findall(rb"<position>\s*<id>(\d+)", body))),
    "rss": lambda body: body.count(b"<item>"),
    "weworkremotely": lambda body: body.count(b"<item>"),
    "workday": _workday,
}
