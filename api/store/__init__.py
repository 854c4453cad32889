"""The store: layers, products and events in SQLite or in PostgreSQL with PostGIS."""

from api.store.boxes import Box
from api.store.exposure import OWNED_LAYERS, PUBLIC_LAYERS
from api.store.records import LayerRecord, Page, View
from api.store.store import Store
from api.store.zones import BROUGHT_LAYERS, ZONE_LAYERS, import_zone, missing_layers

__all__ = [
    "BROUGHT_LAYERS",
    "OWNED_LAYERS",
    "PUBLIC_LAYERS",
    "ZONE_LAYERS",
    "Box",
    "LayerRecord",
    "Page",
    "Store",
    "View",
    "import_zone",
    "missing_layers",
]
