"""Whom a unit is with at a stop, by the names of the units."""

from collections.abc import Collection

from api.bilingual import Both, Phrases, Row, rows
from api.plan.result import PlanResult


class Company:
    """The names of the units of a plan, to tell who is with whom.

    Parameters
    ----------
    plan
        Plan whose units are named.
    phrases
        Words to speak with.
    """

    def __init__(self, plan: PlanResult, phrases: Phrases) -> None:
        self._names = {unit["unit"]: phrases.name(unit) for unit in rows(plan.duty)}
        self._phrases = phrases

    def names(self, units: Collection[str]) -> Both:
        """Name units.

        Parameters
        ----------
        units
            Their ids.

        Returns
        -------
        Both
            Their names, with commas.
        """
        told = [self._names.get(unit, Both(unit, unit)) for unit in units]
        return Both(", ".join(name.th for name in told), ", ".join(name.en for name in told))

    def at(self, stop: Row, *, known: Collection[str] = ()) -> Both | None:
        """Tell who else is at a stop on purpose.

        Parameters
        ----------
        stop
            The stop.
        known
            Ids of units that need not be told.

        Returns
        -------
        Both
            What is said of them; none where there is nobody to tell of. Whom a meeting is with
            stands in its name.
        """
        others = [unit for unit in stop["with_units"].split(", ") if unit and unit not in known]
        if not others or stop["kind"] == "meeting":
            return None
        return self._phrases.say("card.together", units=self.names(others))
