"""Processes and their jobs over HTTP by OGC API Processes."""
