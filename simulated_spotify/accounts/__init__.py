"""The accounts service: consent, authorization codes and tokens."""
