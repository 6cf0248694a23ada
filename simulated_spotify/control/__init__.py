"""What Spotify does not have: the fault plan, the front page, the health check and the drawn cover images."""
