"""One file a table: a pure function of DataFrames that has the table's name; its parameters are its lineage.

A parameter is another table's name, or one of the inputs that `etl.py` reads: `raw_play`, `raw_listener`, `raw_coverage`,
`id_map`, `catalog_track`, `catalog_album`, `catalog_artist`, `track_uses`, `album_uses`, `artist_uses`, `heard`:
what is counted of every play of `fct_play`, and `plays`: its counted ones.
"""
