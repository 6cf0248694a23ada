"""One module per table: a pure function with the table's name from DataFrames to a DataFrame.

Its parameters are its inputs. A parameter is the name of another table or of an input that `tables/inputs.py` reads: `raw_play`,
`raw_listener`, `raw_coverage`, `id_map`, `catalog_track`, `catalog_album`, `catalog_artist`, `track_uses`, `album_uses`,
`artist_uses`, `all_plays` (the columns of `fct_play` that marts read) or `plays` (those of them that are counted).
"""
