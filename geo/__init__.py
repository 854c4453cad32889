"""What is there: zone, streets, buildings, cameras, incidents, visibility and formats."""
