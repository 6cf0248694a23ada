"""The simulated listeners and their plays, a pure function of the seed and the clock."""
