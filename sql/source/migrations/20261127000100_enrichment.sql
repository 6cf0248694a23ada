-- migrate:up
-- Grain: one row per minute with calls of Spotify's catalog.
CREATE TABLE raw.catalog_calls (
    minute     timestamptz PRIMARY KEY,
    call_count integer     NOT NULL
);
COMMENT ON TABLE raw.catalog_calls IS 'One row per minute with calls of Spotify''s catalog, for the last day. The budget of calls is counted from it.';
COMMENT ON COLUMN raw.catalog_calls.minute IS 'Start of the minute.';
COMMENT ON COLUMN raw.catalog_calls.call_count IS 'Number of calls of all processes in the minute, failed calls included.';

-- Retry each unavailable item at its own time: soon after an error, late when Spotify does not have the item.
ALTER TABLE raw.unavailable ADD COLUMN retry_at timestamptz, ADD COLUMN reason text;
UPDATE raw.unavailable SET retry_at = asked_at + interval '30 days', reason = 'Spotify does not have it.';
ALTER TABLE raw.unavailable ALTER COLUMN retry_at SET NOT NULL, ALTER COLUMN reason SET NOT NULL;
COMMENT ON TABLE raw.unavailable IS 'One row per catalog item that could not be fetched. It is not requested again before retry_at.';
COMMENT ON COLUMN raw.unavailable.asked_at IS 'When the last failed request was.';
COMMENT ON COLUMN raw.unavailable.retry_at IS 'Earliest time of the next request.';
COMMENT ON COLUMN raw.unavailable.reason IS 'Spotify''s answer, or the error.';

-- Grain: one row per track, album and artist with a Spotify id that plays refer to.
CREATE VIEW raw.enrichment AS
WITH heard AS (
    SELECT track_id, count(*) AS play_count FROM raw.play WHERE kind = 'track' GROUP BY track_id
    UNION ALL  -- Include plays that are still in landing: they are the newest.
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
COMMENT ON VIEW raw.enrichment IS 'One row per track, album and artist with a Spotify id that plays refer to: the state of its enrichment.';
COMMENT ON COLUMN raw.enrichment.item_kind IS 'track, album or artist.';
COMMENT ON COLUMN raw.enrichment.item_id IS 'Spotify''s id. Tracks without one cannot be enriched.';
COMMENT ON COLUMN raw.enrichment.play_count IS 'Number of plays of all listeners that refer to the item. The most played items are requested first.';
COMMENT ON COLUMN raw.enrichment.state IS 'known: Spotify described it. failed: the last request failed and the next is not due. waiting: not requested yet, or due again.';

-- migrate:down
