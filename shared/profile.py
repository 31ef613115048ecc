"""What an engineer brings and wants: read from a CV by `shared.reading.profile`, scored by the matcher."""

from shared.posting import Employment, Level, Pay, Place, Role, Value, Workplace


class ProfileSkill(Value):
    """One skill with the evidence for it: `years` of use and `last_used` (calendar year) where stated, and the words."""

    skill: str
    years: float | None = None
    last_used: int | None = None
    evidence: str = ""


class Profile(Value):
    """One engineer. Empty and `None` mean *not said*, which the matcher leaves out of the score.

    `places` are where the person is or wants to be; `workplaces` the kinds accepted; `pay_floor` an annual minimum in
    `Pay.low`.
    """

    headline: str = ""
    skills: tuple[ProfileSkill, ...] = ()
    role: Role | None = None
    level: Level | None = None
    years: float | None = None
    places: tuple[Place, ...] = ()
    workplaces: tuple[Workplace, ...] = ()
    employments: tuple[Employment, ...] = ()
    pay_floor: Pay | None = None

    @property
    def skill_names(self) -> frozenset[str]:
        return frozenset(skill.skill for skill in self.skills)
