"""Fresh streets, buildings and places from OpenStreetMap."""

from api.refresh.overpass import Overpass
from api.refresh.refresh import STEPS, Refreshed, Step, refresh_zone

__all__ = ["STEPS", "Overpass", "Refreshed", "Step", "refresh_zone"]
