"""Change data capture: main -> Debezium -> Kafka -> JDBC sink -> replica. README.md describes how.

configs          the configs of the broker, the worker and both connectors
java_services    kafka: runs the broker; connect: runs the Connect worker
connectors       register: registers both connectors; watchdog: restarts failed ones
verification     verify: proves that the replica equals main; lag: prints how far it is behind
tuning           performance settings in Python, with reasons

Run a command as a module, for example `python -m cdc_connectors.verification.verify`.
"""
