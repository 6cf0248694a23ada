"""Find out whether the replica can still follow main, and copy it again if it cannot."""
