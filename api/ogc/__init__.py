"""Layers over HTTP by OGC API Features."""
