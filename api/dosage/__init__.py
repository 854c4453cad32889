"""Minutes that patrols spent against minutes planned, from their tracks: tables, map and report."""
