"""Columns and steps that several transformations share. No I/O."""
