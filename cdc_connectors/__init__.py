"""Change data capture: main -> Debezium -> Kafka -> JDBC sink -> replica.

Each module is one command, `python -m cdc_connectors.<name>`:

    kafka     run the Kafka broker; format its storage on the first start
    connect   run the Kafka Connect worker with both Debezium plugins
    register  register both connectors and wait until they run
    watchdog  restart failed connectors and tasks until stopped
    verify    compare main with the replica, table by table
    lag       print how many seconds the replica is behind
"""
