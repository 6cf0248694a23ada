-- Replace the values of staged rows that Spotify has already given: they take precedence over those of a file. Of several staged
-- rows with one id, keep the last.
DELETE FROM stored_track AS s USING stored_track AS later WHERE later.track_id = s.track_id AND later.ctid > s.ctid;
DELETE FROM stored_album AS s USING stored_album AS later WHERE later.album_id = s.album_id AND later.ctid > s.ctid;
ANALYZE stored_track, stored_album;

UPDATE stored_track AS s
SET title = c.title,
    title_key = c.title_key,
    album_id = coalesce(c.album_id, s.album_id),
    duration_ms = coalesce(c.duration_ms, s.duration_ms),
    popularity = coalesce(c.popularity, s.popularity)
FROM raw.catalog_track AS c
WHERE c.track_id = s.track_id AND NOT c.is_from_file;

UPDATE stored_album AS s
SET title = c.title,
    title_key = c.title_key,
    release_date = CASE WHEN c.release_date IS NULL THEN s.release_date ELSE c.release_date END,
    release_precision = CASE WHEN c.release_date IS NULL THEN s.release_precision ELSE c.release_precision END
FROM raw.catalog_album AS c
WHERE c.album_id = s.album_id AND NOT c.is_from_file;
