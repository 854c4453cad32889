"""What to do: camera sites, beats, patrol tours, plans and walks."""
