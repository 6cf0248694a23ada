"""The two Java services: the Kafka broker and the Kafka Connect worker."""
