"""A play's row as received: its kind, names, ids, end, or the reason why it is none. Pure: no file, no database, no clock."""
