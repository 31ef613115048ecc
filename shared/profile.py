"""What an engineer brings and wants: read from a CV by `shared.reading.profile`, scored by the matcher."""

from enum import StrEnum

from shared.posting import Employment, Level, Pay, Place, Role, Value, Workplace


class Standing(StrEnum):
    """Where in a CV a skill stands, the strongest first.

    In the line that says what one is; in a job or project it was used in; in a list of skills or in what one says of oneself;
    in passing, such as among studies and hobbies.
    """

    HEADLINE = "headline"
    USED = "used"
    LISTED = "listed"
    MENTIONED = "mentioned"


class ProfileSkill(Value):
    """One skill with the evidence for it: `years` of use and `last_used` (calendar year) where stated, and the words.

    `start` and `end` are character offsets of its mention into the CV's plain text; `standing` is the strongest of all its
    mentions. Both are None where the person added the skill by hand.
    """

    skill: str
    years: float | None = None
    last_used: int | None = None
    evidence: str = ""
    standing: Standing | None = None
    start: int | None = None
    end: int | None = None


class Profile(Value):
    """One engineer. Empty and `None` mean *not said*, which the matcher leaves out of the score.

    `places` are where the person is or wants to be; `workplaces` the kinds accepted; `pay_floor` an annual minimum in
    `Pay.low`; `level_evidence` the words the level was read from: a wish, a title, or the years.
    """

    headline: str = ""
    skills: tuple[ProfileSkill, ...] = ()
    role: Role | None = None
    level: Level | None = None
    level_evidence: str = ""
    years: float | None = None
    places: tuple[Place, ...] = ()
    workplaces: tuple[Workplace, ...] = ()
    employments: tuple[Employment, ...] = ()
    pay_floor: Pay | None = None

    @property
    def skill_names(self) -> frozenset[str]:
        return frozenset(skill.skill for skill in self.skills)

    def without_words(self) -> "Profile":
        """The same engineer without the words of the CV: no headline, no evidence."""
        skills = (skill.model_copy(update={"evidence": "", "start": None, "end": None}) for skill in self.skills)
        return self.model_copy(update={"headline": "", "level_evidence": "", "skills": tuple(skills)})
