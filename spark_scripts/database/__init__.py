"""Connections to source and main, and the two bulk paths: JDBC for reading rows, COPY for writing them."""
