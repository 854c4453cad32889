"""A seeded generator for the layers that have no public source; all it makes is synthetic."""
