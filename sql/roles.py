"""Who may connect to which database, and how. What each may touch is in `sql/<database>/grants.sql`.

A role's password comes from the setting `<ROLE>_PASSWORD`. BYPASSRLS is for those who must see every row whatever
the row-level policies say: without it PostgreSQL shows them none, silently.
"""

import os
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Role:
    """A login role: `options` are PostgreSQL's role attributes beside LOGIN."""

    name: str
    options: tuple[str, ...] = ()

    @property
    def password_setting(self) -> str:
        return f"{self.name.upper()}_PASSWORD"


ROLES: dict[str, tuple[Role, ...]] = {
    "source": (Role("endpoint"), Role("reader", ("BYPASSRLS",)), Role("gate", ("BYPASSRLS",))),
    "main": (
        Role("etl", ("BYPASSRLS",)),
        Role("gate", ("BYPASSRLS",)),
        Role("debezium", ("REPLICATION", "BYPASSRLS")),
        Role("dashboard"),
        Role("reader", ("BYPASSRLS",)),
    ),
    "replica": (Role("sink", ("BYPASSRLS",)), Role("dashboard"), Role("reader", ("BYPASSRLS",))),
}


def ensure_roles(connection: psycopg.Connection, database: str) -> None:
    """Create the database's roles where missing and set the passwords that the settings hold."""
    for role in ROLES[database]:
        _create(connection, role)
        if password := os.environ.get(role.password_setting):
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role.name), sql.Literal(password))
            )


def _create(connection: psycopg.Connection, role: Role) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role.name,)).fetchone()
    if exists:
        return
    statement = sql.SQL("CREATE ROLE {} LOGIN {}").format(sql.Identifier(role.name), sql.SQL(" ".join(role.options)))
    # Roles belong to the whole server: another database's migration may be first.
    with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        connection.execute(statement)
