"""The asset that links the two DAGs: a promotion updates it, and the analysis is scheduled on it."""

from airflow.sdk import Asset

RAW_PLAY = Asset(name="raw_play", uri="spotify://source/raw/play", group="source")
