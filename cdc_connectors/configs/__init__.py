"""The configs of the broker, the Connect worker and both connectors: templates and their rendering."""
