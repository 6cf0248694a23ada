"""Code that every component may use. It imports nothing of the other components.

exit_codes         the exit codes of every command
settings           loads settings from the environment
database           opens connections with psycopg 3; database_options is for every driver
waiting            waits until a condition holds
log_format         the log format of all services; json_lines writes it
health_server      the HTTP server behind a health endpoint
gate_verdict       reads the verdict of the gate command

A module's third-party imports are its own: a component that does not use `waiting` needs no tenacity.
"""
