"""What it means: blind spots, densities, hotspots, forecasts, evaluation and overlays."""
