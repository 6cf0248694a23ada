"""Verification that the replica equals main, and the replication lag."""
