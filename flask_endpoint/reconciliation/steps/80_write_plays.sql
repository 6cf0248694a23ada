-- Recompute the plays that may have changed, and write to raw.play the rows that differ.
--
-- Each field of a play comes from the best of its items. A play changes only if an item joins or leaves it, or if one of
-- its items gets another representative row.
-- Reads received_row, matched_play, item_play and changed_link. Creates
--   affected_play  plays that may differ: of a row whose link changed, or of an item with a new representative row. If
--                  no batch is being promoted, all plays.
--   unused_row     rows that this step need not read: those that are not representative, those of an item that joined
--                  another item's play or makes no play, and those of a play that cannot differ. These are usually
--                  almost all rows or almost none, which the planner estimates well.
--   richest_row    all other rows: the representative row of the richest item of each play to recompute
--   joined_row     the representative rows of account and API items that joined another item's play
--   computed_play  the recomputed plays, with the columns of raw.play
-- Adds to counter the plays deleted, updated and inserted.
CREATE TEMP TABLE affected_play (play_id text COLLATE "C" PRIMARY KEY) ON COMMIT DROP;
INSERT INTO affected_play
SELECT DISTINCT v.play_id
FROM changed_link AS c
CROSS JOIN LATERAL (VALUES (c.item_id), (c.play_id), (c.former_play_id)) AS v (play_id)
WHERE v.play_id IS NOT NULL
UNION
SELECT i.play_id
FROM item_play AS i
JOIN received_row AS r USING (item_id)
WHERE r.is_representative AND r.is_new AND i.play_id IS NOT NULL
UNION
SELECT play_id FROM raw.play WHERE listener_id = (SELECT listener_id FROM parameters WHERE batch_id IS NULL);
ANALYZE affected_play;

CREATE TEMP TABLE unused_row ON COMMIT DROP AS
SELECT r.batch_id, r.row_number
FROM received_row AS r
CROSS JOIN parameters AS s
LEFT JOIN item_play AS i USING (item_id)
WHERE NOT r.is_representative
   OR i.matched_by IS NOT NULL
   OR (r.kind IS NULL AND i.play_id IS NULL)
   OR NOT (r.is_new OR s.batch_id IS NULL OR coalesce(i.play_id, r.item_id) IN (SELECT play_id FROM affected_play));
ANALYZE unused_row;

CREATE TEMP VIEW richest_row AS
SELECT p.*
FROM landing.play AS p
WHERE p.batch_id = ANY (ARRAY (SELECT batch_id FROM promoted_batch))
  AND (SELECT count(*) FROM unused_row) < (SELECT count(*) FROM received_row)
  AND NOT EXISTS (SELECT FROM unused_row AS u WHERE u.batch_id = p.batch_id AND u.row_number = p.row_number);

CREATE TEMP TABLE joined_row ON COMMIT DROP AS
SELECT p.*
FROM received_row AS r
JOIN landing.play AS p USING (batch_id, row_number)
WHERE r.is_representative
  AND r.item_id IN (
      SELECT account_item_id FROM matched_play WHERE account_item_id IS NOT NULL
      UNION ALL
      SELECT api_item_id FROM matched_play WHERE api_item_id IS NOT NULL
  );
ANALYZE joined_row;

CREATE TEMP VIEW computed_play AS
WITH merged AS (
    SELECT
        coalesce(m.play_id, r.item_id) AS play_id,
        s.listener_id,
        CASE
            WHEN m.account_matched_by = 'pass 4' THEN a.ended_at
            WHEN r.origin = 'extended' THEN r.ended_at
            ELSE coalesce(p.ended_at, r.ended_at)
        END AS ended_at,
        r.ms_played,
        coalesce(r.kind, a.kind) AS kind,
        CASE WHEN p.track_id NOT LIKE 'x:%' THEN p.track_id ELSE coalesce(r.track_id, a.track_id) END AS track_id,
        -- Artist and album ids of other rows are provisional: hashes of names that the API row's names replace.
        coalesce(p.artist_id, CASE WHEN p.item_id IS NULL THEN r.artist_id END) AS artist_id,
        coalesce(p.album_id, CASE WHEN p.item_id IS NULL THEN r.album_id END) AS album_id,
        coalesce(p.title, r.title, a.title) AS track_title,
        coalesce(p.artist_name, r.artist_name, a.artist_name) AS artist_name,
        coalesce(p.album_title, r.album_title) AS album_title,
        coalesce(p.title_key, r.title_key, a.title_key) AS title_key,
        coalesce(p.artist_key, r.artist_key, a.artist_key) AS artist_key,
        coalesce(p.album_key, r.album_key) AS album_key,
        coalesce(p.album_artist_key, r.album_artist_key) AS album_artist_key,
        r.is_private, r.skipped, r.shuffle, r.offline, r.platform, r.country,
        coalesce(p.context_uri, r.context_uri) AS context_uri,
        r.origin
    FROM richest_row AS r
    CROSS JOIN parameters AS s
    LEFT JOIN matched_play AS m ON m.richest_item_id = r.item_id
    LEFT JOIN joined_row AS a ON a.item_id = m.account_item_id
    LEFT JOIN joined_row AS p ON p.item_id = m.api_item_id
)
SELECT
    play_id, listener_id, ended_at, ms_played, kind, track_id,
    CASE WHEN kind = 'track' THEN
        coalesce(artist_id, raw.provisional_id('artist', artist_key))
    END AS artist_id,
    CASE WHEN kind = 'track' THEN
        coalesce(album_id, raw.provisional_id('album', coalesce(album_artist_key, artist_key), album_key))
    END AS album_id,
    track_title, artist_name, album_title, title_key, artist_key, album_key,
    is_private, skipped, shuffle, offline, platform, country, context_uri, origin
FROM merged;

-- Delete the affected plays that no item makes any more.
WITH deleted AS (
    DELETE FROM raw.play AS p
    USING affected_play AS a
    WHERE p.play_id = a.play_id
      AND p.listener_id = (SELECT listener_id FROM parameters)
      AND NOT EXISTS (
          SELECT FROM received_row AS r
          LEFT JOIN item_play AS i USING (item_id)
          WHERE r.is_representative AND i.matched_by IS NULL AND coalesce(i.play_id, r.item_id) = a.play_id
            AND (r.kind IS NOT NULL OR i.play_id IS NOT NULL)
      )
    RETURNING 1
)
INSERT INTO counter SELECT 'plays_deleted', count(*) FROM deleted;

WITH updated AS (
    UPDATE raw.play AS p
    SET (ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name, album_title, title_key,
         artist_key, album_key, is_private, skipped, shuffle, offline, platform, country, context_uri, origin)
      = (c.ended_at, c.ms_played, c.kind, c.track_id, c.artist_id, c.album_id, c.track_title, c.artist_name, c.album_title,
         c.title_key, c.artist_key, c.album_key, c.is_private, c.skipped, c.shuffle, c.offline, c.platform, c.country,
         c.context_uri, c.origin)
    FROM computed_play AS c
    WHERE c.play_id = p.play_id
      AND p.listener_id = (SELECT listener_id FROM parameters)
      AND (c.ended_at, c.ms_played, c.kind, c.track_id, c.artist_id, c.album_id, c.track_title, c.artist_name, c.album_title,
           c.title_key, c.artist_key, c.album_key, c.is_private, c.skipped, c.shuffle, c.offline, c.platform, c.country,
           c.context_uri, c.origin)
          IS DISTINCT FROM
          (p.ended_at, p.ms_played, p.kind, p.track_id, p.artist_id, p.album_id, p.track_title, p.artist_name, p.album_title,
           p.title_key, p.artist_key, p.album_key, p.is_private, p.skipped, p.shuffle, p.offline, p.platform, p.country,
           p.context_uri, p.origin)
    RETURNING 1
)
INSERT INTO counter SELECT 'plays_updated', count(*) FROM updated;

WITH inserted AS (
    INSERT INTO raw.play
    SELECT * FROM computed_play AS c
    WHERE NOT EXISTS (
        SELECT FROM raw.play AS p WHERE p.play_id = c.play_id AND p.listener_id = (SELECT listener_id FROM parameters)
    )
    RETURNING 1
)
INSERT INTO counter SELECT 'plays_inserted', count(*) FROM inserted;
