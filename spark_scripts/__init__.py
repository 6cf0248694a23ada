"""The load: read source, compute candidates of the core and mart tables with Spark, and publish those that the gate accepts."""
