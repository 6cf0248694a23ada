"""Find Spotify's export files on disk and in zips, recognise them by content, and parse their rows in bounded memory."""
