"""The assets that link the DAGs: a promotion starts the analysis, and a published rebuild starts a verification of the replica.

A task updates its assets whenever it succeeds. `publish` must not do so after an ordinary load, so its outlet is an alias, to which
it adds the asset only after a rebuild.
"""

from airflow.sdk import Asset, AssetAlias

RAW_PLAY = Asset(name="raw_play", uri="spotify://source/raw/play", group="source")
REBUILT_MAIN = Asset(name="rebuilt_main", uri="spotify://main/rebuilt", group="main")
PUBLISHED_REBUILD = AssetAlias(name="published_rebuild", group="main")
