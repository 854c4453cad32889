"""Fresh streets, buildings and places from OpenStreetMap."""
