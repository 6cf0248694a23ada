-- Grain: one row per track and credited artist.
WITH credits AS (
    SELECT track_id, CASE WHEN len(known.artist_ids) > 0 THEN known.artist_ids ELSE [track.artist_id] END AS artist_ids
      FROM dim_track AS track LEFT JOIN catalog_track AS known USING (track_id)
),
numbered AS (
    SELECT track_id, unnest(generate_series(0, len(artist_ids) - 1)) AS position, unnest(artist_ids) AS artist_id FROM credits
)
SELECT track_id, position, artist_id FROM numbered WHERE artist_id IS NOT NULL
