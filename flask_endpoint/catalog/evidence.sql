-- Replace the rows of raw.id_evidence that come from changed catalog items, which show that an id has certain names. Collect the
-- provisional ids whose evidence changed in touched.
CREATE TEMP TABLE touched (provisional_id text COLLATE "C" NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE catalog_source ON COMMIT DROP AS
SELECT DISTINCT kind, item_id, 'catalog:' || item_id AS source FROM item
UNION ALL
SELECT DISTINCT 'track in a file', item_id, 'file:' || item_id FROM item WHERE kind = 'track';

CREATE TEMP TABLE evidence ON COMMIT DROP AS
SELECT s.source, s.item_id AS spotify_id, raw.provisional_id('artist', a.name_key) AS provisional_id
FROM catalog_source AS s
JOIN raw.catalog_artist AS a ON a.artist_id = s.item_id
WHERE s.kind = 'artist'
UNION ALL
SELECT s.source, s.item_id, raw.provisional_id('album', a.name_key, b.title_key)
FROM catalog_source AS s
JOIN raw.catalog_album AS b ON b.album_id = s.item_id
JOIN raw.catalog_artist AS a ON a.artist_id = b.artist_ids[1]
WHERE s.kind = 'album'
UNION ALL
SELECT s.source, s.item_id, raw.provisional_id('track', a.name_key, t.title_key)
FROM catalog_source AS s
JOIN raw.catalog_track AS t ON t.track_id = s.item_id
JOIN raw.catalog_artist AS a ON a.artist_id = t.artist_ids[1]
WHERE s.kind = 'track'
UNION ALL  -- A file gives the artist's name without an id. It is used until Spotify credits an artist.
SELECT s.source, s.item_id, raw.provisional_id('track', t.file_artist_key, t.title_key)
FROM catalog_source AS s
JOIN raw.catalog_track AS t ON t.track_id = s.item_id
WHERE s.kind = 'track in a file' AND t.file_artist_key IS NOT NULL AND t.artist_ids = '{}';

WITH gone AS (
    DELETE FROM raw.id_evidence AS e
    USING catalog_source AS s
    WHERE e.source = s.source
      AND NOT EXISTS (SELECT FROM evidence AS n WHERE n.source = e.source AND n.provisional_id = e.provisional_id)
    RETURNING e.provisional_id
),
added AS (
    INSERT INTO raw.id_evidence (provisional_id, spotify_id, source)
    SELECT provisional_id, spotify_id, source FROM evidence
    ON CONFLICT DO NOTHING
    RETURNING provisional_id
)
INSERT INTO touched SELECT provisional_id FROM gone UNION SELECT provisional_id FROM added;
