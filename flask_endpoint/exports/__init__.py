"""Read Spotify's export files: find them on disk and in zips, recognise them by content, and parse their rows in bounded memory."""
