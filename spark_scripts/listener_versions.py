"""Which listeners a load must recompute: those whose version in source is not the one last published."""

from psycopg2.extensions import cursor as Cursor


def versions_in_source(source: Cursor) -> dict[str, int]:
    """Every listener of source with the version it has in this transaction."""
    source.execute("SELECT listener_id, version FROM raw.listener")
    return dict(source.fetchall())


def versions_published(main: Cursor) -> dict[str, int]:
    """Every listener that a published load read, with the version it read."""
    main.execute("SELECT listener_id, version FROM audit.listener_version")
    return dict(main.fetchall())


def touched(current: dict[str, int], published: dict[str, int], *, everybody: bool) -> dict[str, int | None]:
    """The listeners to recompute with their current version; None for one that is gone from source."""
    return {
        listener: current.get(listener)
        for listener in sorted(current.keys() | published.keys())
        if everybody or current.get(listener) != published.get(listener)
    }
