-- Delete the listeners in deleted_listener with all their data, and the catalog items that nobody else uses.
--
-- Parameters: deleted_listener (listener_id).
-- Creates touched (the provisional ids whose evidence changed, for 92_id_map.sql) and orphan_item.
CREATE TEMP TABLE touched (provisional_id text COLLATE "C" NOT NULL) ON COMMIT DROP;

-- The items that these listeners played, and the albums and artists of those items. The items that remain in use are removed from
-- this table below.
CREATE TEMP TABLE orphan_item ON COMMIT DROP AS
WITH played AS (
    SELECT item_id FROM raw.item_use JOIN deleted_listener USING (listener_id)
    UNION
    SELECT m.spotify_id
    FROM raw.item_use AS u
    JOIN deleted_listener USING (listener_id)
    JOIN raw.id_map AS m ON m.provisional_id = u.item_id
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

DELETE FROM landing.play WHERE batch_id IN (SELECT batch_id FROM landing.batch JOIN deleted_listener USING (listener_id));
DELETE FROM raw.play WHERE listener_id IN (SELECT listener_id FROM deleted_listener);
DELETE FROM raw.coverage WHERE listener_id IN (SELECT listener_id FROM deleted_listener);
DELETE FROM raw.item_use WHERE listener_id IN (SELECT listener_id FROM deleted_listener);
-- Compare values only: a listener's id may equal a JSON key of every result, such as `error`.
DELETE FROM jobs.result AS r USING deleted_listener AS d
WHERE jsonb_path_exists(r.result::jsonb, '$.**.listener_id ? (@ == $id)', jsonb_build_object('id', d.listener_id));
DELETE FROM vault.login WHERE listener_id IN (SELECT listener_id FROM deleted_listener);
WITH deleted AS (
    DELETE FROM raw.id_evidence WHERE source IN (SELECT listener_id FROM deleted_listener) RETURNING provisional_id
)
INSERT INTO touched SELECT DISTINCT provisional_id FROM deleted;
-- Imports, batches, tokens and account links are deleted by cascade.
DELETE FROM raw.listener WHERE listener_id IN (SELECT listener_id FROM deleted_listener);

-- Keep an item that another listener's play uses, directly or through the id map, and an item that a remaining item refers to. Keep an
-- item that only a catalog file gives, because it belongs to no listener.
DELETE FROM orphan_item AS o WHERE EXISTS (SELECT FROM raw.item_use AS u WHERE u.item_id = o.item_id);
DELETE FROM orphan_item AS o
WHERE EXISTS (
    SELECT FROM raw.id_map AS m JOIN raw.item_use AS u ON u.item_id = m.provisional_id WHERE m.spotify_id = o.item_id
);
DELETE FROM raw.catalog_track WHERE track_id IN (SELECT item_id FROM orphan_item) AND NOT is_from_file;
DELETE FROM raw.catalog_album AS a
WHERE album_id IN (SELECT item_id FROM orphan_item) AND NOT is_from_file
  AND NOT EXISTS (SELECT FROM raw.catalog_track AS t WHERE t.album_id = a.album_id);
DELETE FROM raw.catalog_artist AS a
WHERE artist_id IN (SELECT item_id FROM orphan_item)
  AND NOT EXISTS (SELECT FROM raw.catalog_track AS t WHERE t.artist_ids @> ARRAY[a.artist_id])
  AND NOT EXISTS (SELECT FROM raw.catalog_album AS b WHERE b.artist_ids @> ARRAY[a.artist_id]);

-- Delete the evidence of catalog items that are gone.
WITH deleted AS (
    DELETE FROM raw.id_evidence AS e
    USING orphan_item AS o
    WHERE e.source IN ('catalog:' || o.item_id, 'file:' || o.item_id)
      AND NOT EXISTS (SELECT FROM raw.catalog_track WHERE track_id = o.item_id)
      AND NOT EXISTS (SELECT FROM raw.catalog_album WHERE album_id = o.item_id)
      AND NOT EXISTS (SELECT FROM raw.catalog_artist WHERE artist_id = o.item_id)
    RETURNING e.provisional_id
)
INSERT INTO touched SELECT provisional_id FROM deleted;
