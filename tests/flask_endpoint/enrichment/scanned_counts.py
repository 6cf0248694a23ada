"""The counts of plays and of items to enrich, computed from all plays and the catalog: slow, but simple."""

import psycopg

LISTENERS = "SELECT listener_id, count(*) FROM raw.play GROUP BY listener_id ORDER BY listener_id"
TRACKS = """
    SELECT track_id, count(*)
    FROM (
        SELECT track_id FROM raw.play WHERE kind = 'track'
        UNION ALL
        SELECT p.track_id FROM landing.play AS p JOIN landing.batch AS b USING (batch_id)
        WHERE b.status = 'landed' AND b.kind = 'poll' AND p.kind = 'track'
    ) AS play
    GROUP BY track_id ORDER BY track_id
"""
# The view raw.enrichment as it was before the counts were stored, without the plays of landed imports.
ITEMS = """
    WITH heard AS (
        SELECT track_id, count(*) AS play_count FROM raw.play WHERE kind = 'track' GROUP BY track_id
        UNION ALL
        SELECT p.track_id, count(*) FROM landing.play AS p JOIN landing.batch AS b USING (batch_id)
        WHERE b.status = 'landed' AND b.kind = 'poll' AND p.kind = 'track'
        GROUP BY p.track_id
    ),
    track AS (
        SELECT coalesce(m.spotify_id, h.track_id) AS track_id, sum(h.play_count)::bigint AS play_count
        FROM heard AS h LEFT JOIN raw.id_map AS m ON m.provisional_id = h.track_id
        WHERE coalesce(m.spotify_id, h.track_id) ~ '^[0-9A-Za-z]{22}$'
        GROUP BY 1
    ),
    item AS (
        SELECT 'track' AS item_kind, track_id AS item_id, play_count FROM track
        UNION ALL
        SELECT 'album', c.album_id, sum(t.play_count)::bigint
        FROM track AS t JOIN raw.catalog_track AS c USING (track_id) WHERE c.album_id IS NOT NULL GROUP BY c.album_id
        UNION ALL
        SELECT 'artist', a.artist_id, sum(t.play_count)::bigint
        FROM track AS t JOIN raw.catalog_track AS c USING (track_id) CROSS JOIN LATERAL unnest(c.artist_ids) AS a (artist_id)
        GROUP BY a.artist_id
    )
    SELECT
        i.item_kind, i.item_id, i.play_count,
        CASE
            WHEN coalesce(t.fetched_at, l.fetched_at, a.fetched_at) IS NOT NULL THEN 'known'
            WHEN u.retry_at > now() THEN 'failed'
            ELSE 'waiting'
        END AS state
    FROM item AS i
    LEFT JOIN raw.catalog_track AS t ON i.item_kind = 'track' AND t.track_id = i.item_id
    LEFT JOIN raw.catalog_album AS l ON i.item_kind = 'album' AND l.album_id = i.item_id
    LEFT JOIN raw.catalog_artist AS a ON i.item_kind = 'artist' AND a.artist_id = i.item_id
    LEFT JOIN raw.unavailable AS u ON u.item_kind = i.item_kind AND u.item_id = i.item_id
    ORDER BY 1, 2
"""
TOTALS = f"""
    WITH item AS ({ITEMS})
    SELECT item_kind, count(*), count(*) FILTER (WHERE state = 'known') FROM item GROUP BY item_kind ORDER BY item_kind
"""
# The stored counts that must equal each of these queries.
STORED = {
    LISTENERS: "SELECT listener_id, play_count FROM raw.listener_play_count ORDER BY listener_id",
    TRACKS: "SELECT track_id, play_count FROM raw.track_play_count ORDER BY track_id",
    ITEMS: "SELECT item_kind, item_id, play_count, state FROM raw.enrichment ORDER BY 1, 2",
    TOTALS: "SELECT item_kind, item_count, known_count FROM raw.enrichment_total WHERE item_count > 0 ORDER BY item_kind",
}


def assert_counts_are_exact(connection: psycopg.Connection) -> None:
    """Compare the stored counts with a scan of everything; fail when they differ or changes are left."""
    for scan, stored in STORED.items():
        assert connection.execute(stored).fetchall() == connection.execute(scan.encode()).fetchall()
    assert connection.execute("SELECT count(*) FROM raw.count_change").fetchone() == (0,)
