"""The embedded store: layers and products in SQLite with an R-Tree."""

from api.store.boxes import Box
from api.store.exposure import PUBLIC_LAYERS
from api.store.records import LayerRecord, Page
from api.store.store import Store

__all__ = ["PUBLIC_LAYERS", "Box", "LayerRecord", "Page", "Store"]
