"""The main job: blind spots, hotspots, camera sites and the patrol plan, written to files."""
