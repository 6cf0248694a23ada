-- The plays that may have changed, field by field the best of each origin, written to raw.play where they differ.
-- A play is what its item's speaking row says and those of the items that joined it: it is the same as long as these are.
-- affected: plays that may differ although no new row speaks for their own item. After an undo all may.
-- silent:   rows that say nothing of a play that may differ: of an item for which another row speaks, or that joined another's
--           play, or that makes none, or whose play stays. (What is left is mostly nothing or almost all: planned well this way.)
-- follower: the account and API rows that joined another's play.   play: as raw.play.   Counts its writes in changed.
CREATE TEMP TABLE affected (play_id text COLLATE "C" PRIMARY KEY) ON COMMIT DROP;
INSERT INTO affected
SELECT DISTINCT v.play_id
FROM relinked AS r
CROSS JOIN LATERAL (VALUES (r.item_id), (r.play_id), (r.former_play_id)) AS v (play_id)
WHERE v.play_id IS NOT NULL
UNION
SELECT b.play_id FROM became AS b JOIN held AS h USING (item_id) WHERE h.place = 1 AND h.is_new AND b.play_id IS NOT NULL
UNION
SELECT play_id FROM raw.play WHERE listener_id = (SELECT listener_id FROM subject WHERE batch_id IS NULL);
ANALYZE affected;

CREATE TEMP TABLE silent ON COMMIT DROP AS
SELECT h.batch_id, h.row_number
FROM held AS h
CROSS JOIN subject AS s
LEFT JOIN became AS b USING (item_id)
WHERE h.place > 1
   OR b.matched_by IS NOT NULL
   OR (h.kind IS NULL AND b.play_id IS NULL)
   OR NOT (h.is_new OR s.batch_id IS NULL OR coalesce(b.play_id, h.item_id) IN (SELECT play_id FROM affected));
ANALYZE silent;

CREATE TEMP VIEW speaking AS
SELECT h.*
FROM landing.play AS h
WHERE h.batch_id = ANY (ARRAY (SELECT batch_id FROM batch_held))
  AND (SELECT count(*) FROM silent) < (SELECT count(*) FROM held)
  AND NOT EXISTS (SELECT FROM silent AS o WHERE o.batch_id = h.batch_id AND o.row_number = h.row_number);

CREATE TEMP TABLE follower ON COMMIT DROP AS
SELECT r.*
FROM held AS h
JOIN landing.play AS r USING (batch_id, row_number)
WHERE h.place = 1
  AND h.item_id IN (SELECT account FROM partner WHERE account IS NOT NULL UNION ALL SELECT api FROM partner WHERE api IS NOT NULL);
ANALYZE follower;

CREATE TEMP VIEW play AS
WITH chosen AS (
    SELECT
        coalesce(b.play_id, h.item_id) AS play_id,
        s.listener_id,
        CASE
            WHEN b.account_by = 'pass 4' THEN a.ended_at
            WHEN h.origin = 'extended' THEN h.ended_at
            ELSE coalesce(p.ended_at, h.ended_at)
        END AS ended_at,
        h.ms_played,
        coalesce(h.kind, a.kind) AS kind,
        CASE WHEN p.track_id NOT LIKE 'x:%' THEN p.track_id ELSE coalesce(h.track_id, a.track_id) END AS track_id,
        -- Provisional ids came with the row; where an API row's names stand, they are made of those.
        coalesce(p.artist_id, CASE WHEN p.item_id IS NULL THEN h.artist_id END) AS artist_id,
        coalesce(p.album_id, CASE WHEN p.item_id IS NULL THEN h.album_id END) AS album_id,
        coalesce(p.title, h.title, a.title) AS track_title,
        coalesce(p.artist_name, h.artist_name, a.artist_name) AS artist_name,
        coalesce(p.album_title, h.album_title) AS album_title,
        coalesce(p.title_key, h.title_key, a.title_key) AS title_key,
        coalesce(p.artist_key, h.artist_key, a.artist_key) AS artist_key,
        coalesce(p.album_key, h.album_key) AS album_key,
        coalesce(p.album_artist_key, h.album_artist_key) AS album_artist_key,
        h.is_private, h.skipped, h.shuffle, h.offline, h.platform, h.country,
        coalesce(p.context_uri, h.context_uri) AS context_uri,
        h.origin
    FROM speaking AS h
    CROSS JOIN subject AS s
    LEFT JOIN partner AS b ON b.leader = h.item_id
    LEFT JOIN follower AS a ON a.item_id = b.account
    LEFT JOIN follower AS p ON p.item_id = b.api
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
FROM chosen;

WITH gone AS (
    DELETE FROM raw.play AS p
    USING affected AS a
    WHERE p.play_id = a.play_id
      AND p.listener_id = (SELECT listener_id FROM subject)
      AND NOT EXISTS (
          SELECT FROM held AS h
          LEFT JOIN became AS b USING (item_id)
          WHERE h.place = 1 AND b.matched_by IS NULL AND coalesce(b.play_id, h.item_id) = a.play_id
            AND (h.kind IS NOT NULL OR b.play_id IS NOT NULL)
      )
    RETURNING 1
)
INSERT INTO changed SELECT 'deleted', count(*) FROM gone;

WITH renewed AS (
    UPDATE raw.play AS p
    SET (ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name, album_title, title_key,
         artist_key, album_key, is_private, skipped, shuffle, offline, platform, country, context_uri, origin)
      = (n.ended_at, n.ms_played, n.kind, n.track_id, n.artist_id, n.album_id, n.track_title, n.artist_name, n.album_title,
         n.title_key, n.artist_key, n.album_key, n.is_private, n.skipped, n.shuffle, n.offline, n.platform, n.country,
         n.context_uri, n.origin)
    FROM play AS n
    WHERE n.play_id = p.play_id
      AND p.listener_id = (SELECT listener_id FROM subject)
      AND (n.ended_at, n.ms_played, n.kind, n.track_id, n.artist_id, n.album_id, n.track_title, n.artist_name, n.album_title,
           n.title_key, n.artist_key, n.album_key, n.is_private, n.skipped, n.shuffle, n.offline, n.platform, n.country,
           n.context_uri, n.origin)
          IS DISTINCT FROM
          (p.ended_at, p.ms_played, p.kind, p.track_id, p.artist_id, p.album_id, p.track_title, p.artist_name, p.album_title,
           p.title_key, p.artist_key, p.album_key, p.is_private, p.skipped, p.shuffle, p.offline, p.platform, p.country,
           p.context_uri, p.origin)
    RETURNING 1
)
INSERT INTO changed SELECT 'updated', count(*) FROM renewed;

WITH added AS (
    INSERT INTO raw.play
    SELECT * FROM play AS n
    WHERE NOT EXISTS (
        SELECT FROM raw.play AS p WHERE p.play_id = n.play_id AND p.listener_id = (SELECT listener_id FROM subject)
    )
    RETURNING 1
)
INSERT INTO changed SELECT 'inserted', count(*) FROM added;
