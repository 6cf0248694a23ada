"""The Debezium connectors: registration, watchdog, and a client of the REST API of Kafka Connect."""
