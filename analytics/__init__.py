"""What it means: blind spots, densities and hotspots."""
