-- Delete the listeners in forgotten with everything of theirs; then what the catalogue holds for nobody else.
CREATE TEMP TABLE touched (provisional_id text COLLATE "C" NOT NULL) ON COMMIT DROP;

-- Items that only they played, with the albums and artists that these name.
CREATE TEMP TABLE left_over ON COMMIT DROP AS
WITH played AS (
    SELECT item_id FROM raw.item_use JOIN forgotten USING (listener_id)
    UNION
    SELECT m.spotify_id FROM raw.item_use AS u JOIN forgotten USING (listener_id) JOIN raw.id_map AS m ON m.provisional_id = u.item_id
),
track AS (
    SELECT t.track_id, t.album_id, t.artist_ids FROM raw.catalog_track AS t JOIN played ON played.item_id = t.track_id
),
album AS (
    SELECT a.album_id, a.artist_ids
    FROM raw.catalog_album AS a
    WHERE a.album_id IN (SELECT item_id FROM played UNION SELECT album_id FROM track)
)
SELECT item_id FROM played
UNION
SELECT album_id FROM track WHERE album_id IS NOT NULL
UNION
SELECT unnest(artist_ids) FROM track
UNION
SELECT unnest(artist_ids) FROM album;

DELETE FROM landing.play WHERE batch_id IN (SELECT batch_id FROM landing.batch JOIN forgotten USING (listener_id));
DELETE FROM raw.play WHERE listener_id IN (SELECT listener_id FROM forgotten);
DELETE FROM raw.coverage WHERE listener_id IN (SELECT listener_id FROM forgotten);
DELETE FROM raw.item_use WHERE listener_id IN (SELECT listener_id FROM forgotten);
-- Compare values only: a listener's id may equal a JSON key of every result, such as `error`.
DELETE FROM jobs.result AS r USING forgotten AS f
WHERE jsonb_path_exists(r.result::jsonb, '$.**.listener_id ? (@ == $id)', jsonb_build_object('id', f.listener_id));
DELETE FROM vault.login WHERE listener_id IN (SELECT listener_id FROM forgotten);
WITH gone AS (
    DELETE FROM raw.id_evidence WHERE source IN (SELECT listener_id FROM forgotten) RETURNING provisional_id
)
INSERT INTO touched SELECT DISTINCT provisional_id FROM gone;
-- Imports, batches, tokens and account links go with their listener.
DELETE FROM raw.listener WHERE listener_id IN (SELECT listener_id FROM forgotten);

-- An item stays while anybody else's play, or an item that stays, names it; what only a file told is nobody's.
DELETE FROM left_over AS l WHERE EXISTS (SELECT FROM raw.item_use AS u WHERE u.item_id = l.item_id);
DELETE FROM left_over AS l
WHERE EXISTS (
    SELECT FROM raw.id_map AS m JOIN raw.item_use AS u ON u.item_id = m.provisional_id WHERE m.spotify_id = l.item_id
);
DELETE FROM raw.catalog_track WHERE track_id IN (SELECT item_id FROM left_over) AND NOT is_from_file;
DELETE FROM raw.catalog_album AS a
WHERE album_id IN (SELECT item_id FROM left_over) AND NOT is_from_file
  AND NOT EXISTS (SELECT FROM raw.catalog_track AS t WHERE t.album_id = a.album_id);
DELETE FROM raw.catalog_artist AS a
WHERE artist_id IN (SELECT item_id FROM left_over)
  AND NOT EXISTS (SELECT FROM raw.catalog_track AS t WHERE t.artist_ids @> ARRAY[a.artist_id])
  AND NOT EXISTS (SELECT FROM raw.catalog_album AS b WHERE b.artist_ids @> ARRAY[a.artist_id]);

WITH gone AS (
    DELETE FROM raw.id_evidence AS e
    USING left_over AS l
    WHERE e.source IN ('catalog:' || l.item_id, 'file:' || l.item_id)
      AND NOT EXISTS (SELECT FROM raw.catalog_track WHERE track_id = l.item_id)
      AND NOT EXISTS (SELECT FROM raw.catalog_album WHERE album_id = l.item_id)
      AND NOT EXISTS (SELECT FROM raw.catalog_artist WHERE artist_id = l.item_id)
    RETURNING e.provisional_id
)
INSERT INTO touched SELECT provisional_id FROM gone;
