"""The endpoint: everything that talks to Spotify or to a listener's files. Writes the source database."""
