"""The longest text that the warehouse stores."""

# characters; Spotify's longest titles have a few hundred. The endpoint cuts longer texts when it reads them, and a load cuts those of
# older rows again: `sql/main/row_limits.sql` refuses rows that are too long for Kafka.
LONGEST_TEXT = 2_000
