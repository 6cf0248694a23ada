"""What the two DAGs hand to each other."""

from airflow.sdk import Asset

RAW_PLAY = Asset(name="raw_play", uri="spotify://source/raw/play", group="source")
