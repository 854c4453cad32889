"""Rules of a zone's patrols."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PatrolRules:
    """What binds the patrols of a zone; by default nothing does."""
