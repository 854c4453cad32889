"""The commander's report on hotspots, and the files that carry it."""
