-- Which ids have the same names (raw.id_evidence), which own ids the listener's plays use (raw.item_use).
-- Both are kept in step with what is held; touched collects the provisional ids whose evidence changed.
CREATE TEMP TABLE touched (provisional_id text COLLATE "C" NOT NULL) ON COMMIT DROP;

CREATE TEMP TABLE evidence ON COMMIT DROP AS
WITH api_row AS (
    SELECT r.artist_key, r.artist_id, r.album_artist_key, r.album_artist_id, r.album_key, r.album_id
    FROM held AS h
    JOIN landing.play AS r USING (batch_id, row_number)
    WHERE h.origin = 'api' AND h.kind = 'track'
)
SELECT 'x:' || kind || ':' || names_id AS provisional_id, track_id AS spotify_id
FROM (SELECT DISTINCT kind, names_id, track_id FROM held WHERE names_id IS NOT NULL AND track_id NOT LIKE 'x:%') AS named
UNION
SELECT raw.provisional_id('artist', v.key), v.id
FROM api_row
CROSS JOIN LATERAL (VALUES (artist_key, artist_id), (album_artist_key, album_artist_id)) AS v (key, id)
WHERE v.key IS NOT NULL AND v.id IS NOT NULL
UNION
SELECT raw.provisional_id('album', album_artist_key, album_key), album_id
FROM api_row
WHERE album_artist_key IS NOT NULL AND album_key IS NOT NULL AND album_id IS NOT NULL;

WITH gone AS (
    DELETE FROM raw.id_evidence AS e
    WHERE e.source = (SELECT listener_id FROM subject)
      AND NOT EXISTS (SELECT FROM evidence AS n WHERE n.provisional_id = e.provisional_id AND n.spotify_id = e.spotify_id)
    RETURNING e.provisional_id
),
added AS (
    INSERT INTO raw.id_evidence (provisional_id, spotify_id, source)
    SELECT n.provisional_id, n.spotify_id, s.listener_id
    FROM evidence AS n CROSS JOIN subject AS s
    ON CONFLICT DO NOTHING
    RETURNING provisional_id
)
INSERT INTO touched SELECT provisional_id FROM gone UNION SELECT provisional_id FROM added;

CREATE TEMP TABLE used ON COMMIT DROP AS
WITH played AS (
    SELECT DISTINCT track_id, artist_id, album_id FROM raw.play WHERE listener_id = (SELECT listener_id FROM subject)
)
SELECT track_id AS item_id FROM played
UNION
SELECT artist_id FROM played WHERE artist_id IS NOT NULL
UNION
SELECT album_id FROM played WHERE album_id IS NOT NULL;

DELETE FROM raw.item_use AS u
WHERE u.listener_id = (SELECT listener_id FROM subject) AND NOT EXISTS (SELECT FROM used WHERE used.item_id = u.item_id);

INSERT INTO raw.item_use (item_id, listener_id)
SELECT used.item_id, s.listener_id FROM used CROSS JOIN subject AS s
ON CONFLICT DO NOTHING;
