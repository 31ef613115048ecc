"""Random postings and profiles for Hypothesis: every field known or not, in every combination."""

from hypothesis import strategies as st

from shared.posting import Employment, Facts, Level, Pay, Place, Posting, Role, SkillMention, Strength, Workplace
from shared.profile import Profile, ProfileSkill

SKILLS = ("go", "python", "kubernetes", "postgresql", "javascript", "typescript", "kafka", "react", "cuda", "git")
PLACES = (
    Place(city="Singapore", country="SG"),
    Place(country="SG"),
    Place(city="Berlin", country="DE"),
    Place(city="Hamburg", country="DE"),
    Place(city="Oakland", region="California", country="US"),
    Place(city="Fresno", region="California", country="US"),
    Place(region="California", country="US"),
    Place(region="EMEA"),
    Place(region="Worldwide"),
    Place(region="APAC"),
)
PAYS = (
    Pay(low=60_000, high=90_000, currency="SGD"),
    Pay(low=85_000, currency="SGD"),
    Pay(high=95_000, currency="SGD"),
    Pay(low=100_000, high=150_000, currency="SGD"),
    Pay(low=100_000, high=150_000, currency="USD"),
)
RULES = (
    "",
    "",
    "skill:go",
    "not skill:go",
    "country:SG or remote:yes",
    "level >= senior and not skill:(react, kafka)",
    "text:words",
)


def mentions() -> st.SearchStrategy[SkillMention]:
    return st.builds(
        SkillMention,
        skill=st.sampled_from(SKILLS),
        strength=st.sampled_from(Strength),
        text=st.just("words"),
        start=st.just(0),
        end=st.just(5),
    )


def postings() -> st.SearchStrategy[Posting]:
    facts = st.builds(
        Facts,
        skills=st.lists(mentions(), max_size=6).map(tuple),
        role=st.none() | st.sampled_from(Role),
        level=st.none() | st.sampled_from(Level),
        places=st.lists(st.sampled_from(PLACES), max_size=3, unique=True).map(tuple),
        workplace=st.none() | st.sampled_from(Workplace),
        employment=st.none() | st.sampled_from(Employment),
        pay=st.none() | st.sampled_from(PAYS),
    )
    return st.builds(
        Posting,
        source=st.just("lever"),
        board=st.just("acme"),
        external_id=st.just("1"),
        title=st.just("Engineer"),
        facts=facts,
    )


def profiles() -> st.SearchStrategy[Profile]:
    skills = st.lists(st.sampled_from(SKILLS), max_size=5, unique=True)
    return st.builds(
        Profile,
        skills=skills.map(lambda names: tuple(ProfileSkill(skill=name) for name in names)),
        role=st.none() | st.sampled_from(Role),
        level=st.none() | st.sampled_from(Level),
        places=st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple),
        workplaces=st.lists(st.sampled_from(Workplace), max_size=1).map(tuple),
        employments=st.lists(st.sampled_from(Employment), max_size=1).map(tuple),
        pay_floor=st.none() | st.sampled_from(PAYS),
    )
