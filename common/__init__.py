"""Code that every component may use. It imports nothing of the other components."""
