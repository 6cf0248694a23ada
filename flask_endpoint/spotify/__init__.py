"""Spotify as the rest of the endpoint sees it: who consented, what they played lately, what a track is."""
