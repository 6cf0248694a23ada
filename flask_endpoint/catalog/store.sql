-- Insert new items and update those that differ. Fetched objects replace all values; simplified objects do not replace those of
-- fetched ones. A file's rows already have Spotify's values where there are any (defer.sql). A null never replaces a value, because
-- Spotify leaves fields out for apps in development mode.
-- item: the items whose evidence and listeners' versions must be updated; is_stored marks those that this call changed.
CREATE TEMP TABLE item (kind text NOT NULL, item_id text COLLATE "C" NOT NULL, is_stored boolean NOT NULL DEFAULT true) ON COMMIT DROP;

WITH stored AS (
    INSERT INTO raw.catalog_artist AS c
    SELECT * FROM stored_artist
    ON CONFLICT (artist_id) DO UPDATE
    SET name = excluded.name,
        name_key = excluded.name_key,
        popularity = coalesce(excluded.popularity, c.popularity),
        followers = coalesce(excluded.followers, c.followers),
        genres = coalesce(excluded.genres, c.genres),
        image_url = coalesce(excluded.image_url, c.image_url)
    WHERE (excluded.fetched_at IS NOT NULL OR c.fetched_at IS NULL)
      AND (c.name, c.popularity, c.followers, c.genres, c.image_url) IS DISTINCT FROM (
          excluded.name, coalesce(excluded.popularity, c.popularity), coalesce(excluded.followers, c.followers),
          coalesce(excluded.genres, c.genres), coalesce(excluded.image_url, c.image_url))
    RETURNING artist_id
)
INSERT INTO item SELECT 'artist', artist_id FROM stored;

WITH stored AS (
    INSERT INTO raw.catalog_album AS c
    SELECT * FROM stored_album
    ON CONFLICT (album_id) DO UPDATE
    SET title = excluded.title,
        title_key = excluded.title_key,
        artist_ids = CASE WHEN excluded.artist_ids = '{}' THEN c.artist_ids ELSE excluded.artist_ids END,
        album_type = coalesce(excluded.album_type, c.album_type),
        total_tracks = coalesce(excluded.total_tracks, c.total_tracks),
        release_date = coalesce(excluded.release_date, c.release_date),
        release_precision = coalesce(excluded.release_precision, c.release_precision),
        label = coalesce(excluded.label, c.label),
        popularity = coalesce(excluded.popularity, c.popularity),
        image_url = coalesce(excluded.image_url, c.image_url)
    WHERE (excluded.fetched_at IS NOT NULL OR c.fetched_at IS NULL OR excluded.is_from_file)
      AND (c.title, c.artist_ids, c.album_type, c.total_tracks, c.release_date, c.release_precision, c.label, c.popularity, c.image_url)
          IS DISTINCT FROM (
          excluded.title, CASE WHEN excluded.artist_ids = '{}' THEN c.artist_ids ELSE excluded.artist_ids END,
          coalesce(excluded.album_type, c.album_type), coalesce(excluded.total_tracks, c.total_tracks),
          coalesce(excluded.release_date, c.release_date), coalesce(excluded.release_precision, c.release_precision),
          coalesce(excluded.label, c.label), coalesce(excluded.popularity, c.popularity), coalesce(excluded.image_url, c.image_url))
    RETURNING album_id
)
INSERT INTO item SELECT 'album', album_id FROM stored;

WITH stored AS (
    INSERT INTO raw.catalog_track AS c
    SELECT * FROM stored_track
    ON CONFLICT (track_id) DO UPDATE
    SET title = excluded.title,
        title_key = excluded.title_key,
        album_id = coalesce(excluded.album_id, c.album_id),
        artist_ids = CASE WHEN excluded.artist_ids = '{}' THEN c.artist_ids ELSE excluded.artist_ids END,
        duration_ms = coalesce(excluded.duration_ms, c.duration_ms),
        explicit = coalesce(excluded.explicit, c.explicit),
        popularity = coalesce(excluded.popularity, c.popularity),
        isrc = coalesce(excluded.isrc, c.isrc),
        track_number = coalesce(excluded.track_number, c.track_number),
        disc_number = coalesce(excluded.disc_number, c.disc_number),
        file_artist_key = coalesce(excluded.file_artist_key, c.file_artist_key)
    WHERE (excluded.fetched_at IS NOT NULL OR c.fetched_at IS NULL OR excluded.is_from_file)
      AND (c.title, c.album_id, c.artist_ids, c.duration_ms, c.explicit, c.popularity, c.isrc, c.track_number, c.disc_number, c.file_artist_key)
          IS DISTINCT FROM (
          excluded.title, coalesce(excluded.album_id, c.album_id),
          CASE WHEN excluded.artist_ids = '{}' THEN c.artist_ids ELSE excluded.artist_ids END,
          coalesce(excluded.duration_ms, c.duration_ms), coalesce(excluded.explicit, c.explicit),
          coalesce(excluded.popularity, c.popularity), coalesce(excluded.isrc, c.isrc),
          coalesce(excluded.track_number, c.track_number), coalesce(excluded.disc_number, c.disc_number),
          coalesce(excluded.file_artist_key, c.file_artist_key))
    RETURNING track_id
)
INSERT INTO item SELECT 'track', track_id FROM stored;

-- Record that Spotify described an item, even if that changed nothing.
UPDATE raw.catalog_artist AS c SET fetched_at = s.fetched_at
FROM stored_artist AS s
WHERE s.artist_id = c.artist_id AND s.fetched_at IS NOT NULL AND s.fetched_at IS DISTINCT FROM c.fetched_at;
UPDATE raw.catalog_album AS c SET fetched_at = coalesce(s.fetched_at, c.fetched_at), is_from_file = false
FROM stored_album AS s
WHERE s.album_id = c.album_id AND NOT s.is_from_file
  AND (c.is_from_file OR s.fetched_at IS NOT NULL AND s.fetched_at IS DISTINCT FROM c.fetched_at);
UPDATE raw.catalog_track AS c SET fetched_at = coalesce(s.fetched_at, c.fetched_at), is_from_file = false
FROM stored_track AS s
WHERE s.track_id = c.track_id AND NOT s.is_from_file
  AND (c.is_from_file OR s.fetched_at IS NOT NULL AND s.fetched_at IS DISTINCT FROM c.fetched_at);

-- A changed artist or album also changes the evidence of its tracks and albums.
INSERT INTO item
SELECT 'album', a.album_id, false
FROM raw.catalog_album AS a
WHERE a.artist_ids && (SELECT coalesce(array_agg(item_id), '{}') FROM item WHERE kind = 'artist')
UNION
SELECT 'track', t.track_id, false
FROM raw.catalog_track AS t
WHERE t.artist_ids && (SELECT coalesce(array_agg(item_id), '{}') FROM item WHERE kind = 'artist')
   OR t.album_id IN (SELECT item_id FROM item WHERE kind = 'album');
