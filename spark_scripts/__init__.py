"""Spark: reads source, computes the candidates of core and mart, and hands them to the gate and to publish."""
