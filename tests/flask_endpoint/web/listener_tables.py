"""Find what the source database stores of a listener."""

import psycopg

TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('raw', 'landing', 'vault', 'jobs')
"""


def tables_containing(source: psycopg.Connection, text: str) -> set[str]:
    """Return the tables with a row that contains the text, written as JSON."""
    find = "SELECT FROM {} AS t WHERE strpos(to_jsonb(t)::text, %s) > 0"
    tables = [name for (name,) in source.execute(TABLES)]
    return {name for name in tables if source.execute(find.format(name).encode(), (text,)).fetchone() is not None}
