"""Spotify's export files: found in folders of a zip or given one by one, recognised by content, read row by row in bounded memory."""
