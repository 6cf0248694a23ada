"""Access to Spotify: consents and tokens, recent plays, and the details of tracks, albums and artists."""
