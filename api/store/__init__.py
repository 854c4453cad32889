"""The embedded store: layers and products in SQLite with an R-Tree."""
