-- migrate:up
-- Grain: one row per minute in which Spotify's catalogue was asked.
CREATE TABLE raw.catalog_calls (
    minute     timestamptz PRIMARY KEY,
    call_count integer     NOT NULL
);
COMMENT ON TABLE raw.catalog_calls IS 'One row per minute in which Spotify''s catalogue was asked, for a day: what the budget of calls is counted from.';
COMMENT ON COLUMN raw.catalog_calls.minute IS 'Its beginning.';
COMMENT ON COLUMN raw.catalog_calls.call_count IS 'Calls in it, of every process; those that failed count too.';

-- What could not be had is asked for again at a time of its own: soon where Spotify failed, late where it does not have it.
ALTER TABLE raw.unavailable ADD COLUMN retry_at timestamptz, ADD COLUMN reason text;
UPDATE raw.unavailable SET retry_at = asked_at + interval '30 days', reason = 'Spotify does not have it.';
ALTER TABLE raw.unavailable ALTER COLUMN retry_at SET NOT NULL, ALTER COLUMN reason SET NOT NULL;
COMMENT ON TABLE raw.unavailable IS 'One row per catalogue item that could not be had, so that it is not asked for at every turn.';
COMMENT ON COLUMN raw.unavailable.asked_at IS 'When it was last asked for in vain.';
COMMENT ON COLUMN raw.unavailable.retry_at IS 'From when on it is asked for again.';
COMMENT ON COLUMN raw.unavailable.reason IS 'What Spotify said, or what went wrong.';

-- Grain: one row per track, album and artist of Spotify's that somebody's plays refer to.
CREATE VIEW raw.enrichment AS
WITH heard AS (
    SELECT track_id, count(*) AS play_count FROM raw.play WHERE kind = 'track' GROUP BY track_id
    UNION ALL  -- Plays still in landing count too: they are the newest.
    SELECT p.track_id, count(*) FROM landing.play AS p JOIN landing.batch AS b USING (batch_id)
    WHERE b.status = 'landed' AND p.kind = 'track'
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
LEFT JOIN raw.unavailable AS u ON u.item_kind = i.item_kind AND u.item_id = i.item_id;
COMMENT ON VIEW raw.enrichment IS 'One row per track, album and artist of Spotify''s that somebody''s plays refer to: how it stands with asking about it.';
COMMENT ON COLUMN raw.enrichment.item_kind IS 'track, album or artist.';
COMMENT ON COLUMN raw.enrichment.item_id IS 'Spotify''s id; tracks without one cannot be asked about.';
COMMENT ON COLUMN raw.enrichment.play_count IS 'Plays that refer to it, of all listeners: the most played is asked about first.';
COMMENT ON COLUMN raw.enrichment.state IS 'known: Spotify was asked and answered; failed: it could not be had and is not asked about yet again; waiting: in the queue.';

-- migrate:down
