"""DataFrames of one load: what it reads from source and main, and the tables that transformations make from them."""
