"""The assets that link the DAGs: a promotion starts the analysis, and a published load starts a verification of the replica.

A task updates its assets whenever it succeeds.
"""

from airflow.sdk import Asset

RAW_PLAY = Asset(name="raw_play", uri="spotify://source/raw/play", group="source")
PUBLISHED_LOAD = Asset(name="published_load", uri="spotify://main/load", group="main")
