"""What to do: camera sites, patrol tours and plans."""
