"""What the public may ask without an account: streets to walk, places that help, and walks."""
