"""A seeded generator for the layers that have no public source; all it makes is synthetic."""

from geo.synthetic.generate import (
    DEFAULT_SEED,
    FILES,
    FIRST_DAY,
    LAST_DAY,
    generate_layers,
)
from geo.synthetic.incidents import IncidentParams

__all__ = [
    "DEFAULT_SEED",
    "FILES",
    "FIRST_DAY",
    "LAST_DAY",
    "IncidentParams",
    "generate_layers",
]
