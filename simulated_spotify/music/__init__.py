"""The generated music, a pure function of the seed."""
