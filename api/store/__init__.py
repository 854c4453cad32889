"""The embedded store: layers and products in SQLite with an R-Tree."""

from api.store.boxes import Box
from api.store.exposure import PUBLIC_LAYERS
from api.store.records import LayerRecord, Page
from api.store.store import Store
from api.store.zones import ZONE_LAYERS, import_zone, missing_layers

__all__ = [
    "PUBLIC_LAYERS",
    "ZONE_LAYERS",
    "Box",
    "LayerRecord",
    "Page",
    "Store",
    "import_zone",
    "missing_layers",
]
