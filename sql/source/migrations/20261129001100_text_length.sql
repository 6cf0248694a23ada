-- migrate:up
-- Limit every text that an import, a poll or the catalog can store. The endpoint cuts each text to 2,000 characters when it reads it.
-- These are at most 8,000 bytes. The checks use octet_length, which does not read a long value. Longer texts that are already stored
-- are cut in the same way, because one of them would stop the replica. The version of each affected listener is raised, so that the
-- next load publishes the cut texts.
CREATE FUNCTION pg_temp.cut(value text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN octet_length(value) > 2000 AND length(value) > 2000 THEN left(value, 1999) || U&'\FFFD' ELSE value END;

UPDATE landing.play
SET title = pg_temp.cut(title), artist_name = pg_temp.cut(artist_name), album_title = pg_temp.cut(album_title),
    reason_start = pg_temp.cut(reason_start), reason_end = pg_temp.cut(reason_end), platform = pg_temp.cut(platform),
    country = pg_temp.cut(country), context_uri = pg_temp.cut(context_uri)
WHERE greatest(octet_length(title), octet_length(artist_name), octet_length(album_title), octet_length(reason_start),
    octet_length(reason_end), octet_length(platform), octet_length(country), octet_length(context_uri)) > 2000;

WITH changed AS (
    UPDATE raw.play
    SET track_title = pg_temp.cut(track_title), artist_name = pg_temp.cut(artist_name), album_title = pg_temp.cut(album_title),
        platform = pg_temp.cut(platform), country = pg_temp.cut(country), context_uri = pg_temp.cut(context_uri)
    WHERE greatest(octet_length(track_title), octet_length(artist_name), octet_length(album_title), octet_length(platform),
        octet_length(country), octet_length(context_uri)) > 2000
    RETURNING listener_id
)
UPDATE raw.listener SET version = version + 1 WHERE listener_id IN (SELECT listener_id FROM changed);

WITH track AS (
    UPDATE raw.catalog_track SET title = pg_temp.cut(title), isrc = pg_temp.cut(isrc)
    WHERE greatest(octet_length(title), octet_length(isrc)) > 2000
    RETURNING track_id AS item_id
),
album AS (
    UPDATE raw.catalog_album
    SET title = pg_temp.cut(title), album_type = pg_temp.cut(album_type), label = pg_temp.cut(label), image_url = pg_temp.cut(image_url)
    WHERE greatest(octet_length(title), octet_length(album_type), octet_length(label), octet_length(image_url)) > 2000
    RETURNING album_id AS item_id
),
artist AS (
    UPDATE raw.catalog_artist
    SET name = pg_temp.cut(name), image_url = pg_temp.cut(image_url),
        genres = ARRAY (SELECT pg_temp.cut(genre) FROM unnest(genres[:50]) WITH ORDINALITY AS g (genre, position) ORDER BY position)
    WHERE greatest(octet_length(name), octet_length(image_url), octet_length(genres::text)) > 2000 OR cardinality(genres) > 50
    RETURNING artist_id AS item_id
),
item AS (SELECT item_id FROM track UNION SELECT item_id FROM album UNION SELECT item_id FROM artist)
UPDATE raw.listener SET version = version + 1
WHERE listener_id IN (
    SELECT u.listener_id FROM raw.item_use AS u JOIN item USING (item_id)
    UNION
    SELECT u.listener_id
    FROM raw.item_use AS u JOIN raw.id_map AS m ON m.provisional_id = u.item_id JOIN item AS i ON i.item_id = m.spotify_id
);
DROP FUNCTION pg_temp.cut;

ALTER TABLE landing.play ADD CONSTRAINT play_text_length CHECK (
    greatest(octet_length(title), octet_length(artist_name), octet_length(album_title), octet_length(reason_start),
        octet_length(reason_end), octet_length(platform), octet_length(country), octet_length(context_uri)) <= 8000
);
ALTER TABLE raw.catalog_track ADD CONSTRAINT catalog_track_text_length CHECK (
    greatest(octet_length(title), octet_length(isrc)) <= 8000
);
ALTER TABLE raw.catalog_album ADD CONSTRAINT catalog_album_text_length CHECK (
    greatest(octet_length(title), octet_length(album_type), octet_length(label), octet_length(image_url)) <= 8000
);
ALTER TABLE raw.catalog_artist ADD CONSTRAINT catalog_artist_text_length CHECK (
    greatest(octet_length(name), octet_length(image_url)) <= 8000 AND cardinality(genres) <= 50
);

-- migrate:down
ALTER TABLE landing.play DROP CONSTRAINT play_text_length;
ALTER TABLE raw.catalog_track DROP CONSTRAINT catalog_track_text_length;
ALTER TABLE raw.catalog_album DROP CONSTRAINT catalog_album_text_length;
ALTER TABLE raw.catalog_artist DROP CONSTRAINT catalog_artist_text_length;
