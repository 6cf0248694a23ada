"""The login roles of each database. `sql/<database>/grants.sql` has their privileges.

The setting `<ROLE>_PASSWORD` has a role's password. A role that must see every row has BYPASSRLS: without it, row-level
policies hide rows without an error.
"""

import os
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Role:
    """A login role: `options` are its PostgreSQL role attributes in addition to LOGIN."""

    name: str
    options: tuple[str, ...] = ()

    @property
    def password_setting(self) -> str:
        """Return the name of the setting with the password."""
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
    """Create the missing roles of a database, and set the passwords that are in the settings."""
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
    # Roles are shared by the server: the migration of another database may create the role at the same time.
    with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        connection.execute(statement)
