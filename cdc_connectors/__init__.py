"""Change data capture: main -> Debezium -> Kafka -> JDBC sink -> replica.

Each module is one command, `python -m cdc_connectors.<name>`:

    kafka     the broker: renders its properties, formats its storage once, becomes Kafka
    connect   the Connect worker with both plugins: renders its properties, becomes Connect
    register  puts both connectors' configs and waits until they run
    watchdog  restarts failed connectors and tasks, for as long as it runs
    verify    proves that main = replica, table by table
    lag       how far the replica is behind
"""
