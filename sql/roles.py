"""The roles of each database. `sql/<database>/grants.sql` has their privileges.

Each component has its own role in each database, and each role has its own password, in the setting
`<DATABASE>_<ROLE>_PASSWORD`. A role that must see every row has BYPASSRLS: without it, row-level policies hide rows without an error.
"""

import os
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Role:
    """A role: `attributes` are its PostgreSQL role attributes in addition to LOGIN. A role that cannot log in owns objects."""

    name: str
    attributes: tuple[str, ...] = ()
    can_login: bool = True

    def password_setting(self, database: str) -> str:
        """Return the name of the setting with the password."""
        return f"{database}_{self.name}_PASSWORD".upper()


ROLES: dict[str, tuple[Role, ...]] = {
    "source": (
        Role("endpoint"),
        Role("etl", ("BYPASSRLS",)),
        Role("gate", ("BYPASSRLS",)),
        Role("reader", ("BYPASSRLS",)),
    ),
    "main": (
        Role("publisher", ("BYPASSRLS",), can_login=False),
        Role("etl", ("BYPASSRLS",)),
        Role("gate", ("BYPASSRLS",)),
        Role("debezium", ("REPLICATION", "BYPASSRLS")),
        Role("verifier", ("BYPASSRLS",)),
        Role("dashboard"),
        Role("reader", ("BYPASSRLS",)),
    ),
    "replica": (
        Role("sink", ("BYPASSRLS",)),
        Role("verifier", ("BYPASSRLS",)),
        Role("dashboard"),
        Role("reader", ("BYPASSRLS",)),
    ),
    "airflow": (Role("airflow"),),
}


def ensure_roles(connection: psycopg.Connection, database: str) -> None:
    """Create the missing roles of a database, and set the passwords that are in the settings."""
    for role in ROLES[database]:
        _create(connection, role)
        if role.can_login and (password := os.environ.get(role.password_setting(database))):
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role.name), sql.Literal(password))
            )


def _create(connection: psycopg.Connection, role: Role) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role.name,)).fetchone()
    if exists:
        return
    attributes = " ".join(["LOGIN" if role.can_login else "NOLOGIN", *role.attributes])
    statement = sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role.name), sql.SQL(attributes))
    # Roles are shared by the server: the migration of another database may create the role at the same time.
    with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        connection.execute(statement)
