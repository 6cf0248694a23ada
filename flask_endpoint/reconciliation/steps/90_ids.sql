-- Update raw.id_evidence, the Spotify ids that the listener's rows give for a provisional id, and raw.item_use, the ids that the
-- listener's plays use.
--
-- Reads received_row and raw.play. Creates
--   touched           the provisional ids whose evidence changed
--   current_evidence  the pairs of provisional id and Spotify id with the same names
--   used_id           the ids of the listener's plays
CREATE TEMP TABLE touched (provisional_id text COLLATE "C" NOT NULL) ON COMMIT DROP;

CREATE TEMP TABLE current_evidence ON COMMIT DROP AS
WITH api_row AS (
    SELECT p.artist_key, p.artist_id, p.album_artist_key, p.album_artist_id, p.album_key, p.album_id
    FROM received_row
    JOIN landing.play AS p USING (batch_id, row_number)
    WHERE received_row.origin = 'api' AND received_row.kind = 'track'
)
SELECT 'x:' || kind || ':' || names_id AS provisional_id, track_id AS spotify_id
FROM (
    SELECT DISTINCT kind, names_id, track_id FROM received_row WHERE names_id IS NOT NULL AND track_id NOT LIKE 'x:%'
) AS named
UNION
SELECT raw.provisional_id('artist', v.key), v.id
FROM api_row
CROSS JOIN LATERAL (VALUES (artist_key, artist_id), (album_artist_key, album_artist_id)) AS v (key, id)
WHERE v.key IS NOT NULL AND v.id IS NOT NULL
UNION
SELECT raw.provisional_id('album', album_artist_key, album_key), album_id
FROM api_row
WHERE album_artist_key IS NOT NULL AND album_key IS NOT NULL AND album_id IS NOT NULL;

WITH deleted AS (
    DELETE FROM raw.id_evidence AS e
    WHERE e.source = (SELECT listener_id FROM parameters)
      AND NOT EXISTS (SELECT FROM current_evidence AS c WHERE c.provisional_id = e.provisional_id AND c.spotify_id = e.spotify_id)
    RETURNING e.provisional_id
),
inserted AS (
    INSERT INTO raw.id_evidence (provisional_id, spotify_id, source)
    SELECT c.provisional_id, c.spotify_id, s.listener_id
    FROM current_evidence AS c CROSS JOIN parameters AS s
    ON CONFLICT DO NOTHING
    RETURNING provisional_id
)
INSERT INTO touched SELECT provisional_id FROM deleted UNION SELECT provisional_id FROM inserted;

CREATE TEMP TABLE used_id ON COMMIT DROP AS
WITH played AS (
    SELECT DISTINCT track_id, artist_id, album_id FROM raw.play WHERE listener_id = (SELECT listener_id FROM parameters)
)
SELECT track_id AS item_id FROM played
UNION
SELECT artist_id FROM played WHERE artist_id IS NOT NULL
UNION
SELECT album_id FROM played WHERE album_id IS NOT NULL;

DELETE FROM raw.item_use AS u
WHERE u.listener_id = (SELECT listener_id FROM parameters) AND NOT EXISTS (SELECT FROM used_id WHERE used_id.item_id = u.item_id);

INSERT INTO raw.item_use (item_id, listener_id)
SELECT used_id.item_id, s.listener_id FROM used_id CROSS JOIN parameters AS s
ON CONFLICT DO NOTHING;
