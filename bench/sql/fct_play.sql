-- Grain: one row per play, with mapped ids, local times and its known or estimated length.
WITH with_known_ids AS (
    SELECT play.* EXCLUDE (track_id, artist_id, album_id),
           coalesce(track_map.spotify_id, play.track_id) AS track_id,
           coalesce(artist_map.spotify_id, play.artist_id) AS artist_id,
           coalesce(album_map.spotify_id, play.album_id) AS album_id
      FROM raw_play AS play
      LEFT JOIN id_map AS track_map ON track_map.provisional_id = play.track_id
      LEFT JOIN id_map AS artist_map ON artist_map.provisional_id = play.artist_id
      LEFT JOIN id_map AS album_map ON album_map.provisional_id = play.album_id
),
with_track AS (
    SELECT play.* EXCLUDE (artist_id, album_id), listener.time_zone, listener.counts_private, track.duration_ms,
           CASE WHEN play.kind = 'track' THEN coalesce(track.artist_ids[1], play.artist_id) END AS artist_id,
           CASE WHEN play.kind = 'track' THEN coalesce(track.album_id, play.album_id) END AS album_id
      FROM with_known_ids AS play
      JOIN raw_listener AS listener USING (listener_id)
      LEFT JOIN catalog_track AS track ON track.track_id = play.track_id
),
with_last_end AS (
    SELECT *, max(epoch_us(ended_at)) OVER (
                  PARTITION BY listener_id ORDER BY epoch_us(ended_at) RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_end
      FROM with_track
),
with_length AS (
    SELECT *, coalesce(ms_played, CASE WHEN duration_ms IS NOT NULL
                                       THEN least(duration_ms, (epoch_us(ended_at) - last_end) // 1000) END)::bigint AS listened_ms,
           timezone(time_zone, ended_at) AS local
      FROM with_last_end
)
SELECT play_id, listener_id, ended_at, ms_played, listened_ms, ms_played IS NULL AS listened_ms_is_estimate,
       ended_at - to_milliseconds(coalesce(listened_ms, 0)) AS started_at,
       local::date AS played_on, isodow(local) AS iso_weekday, hour(local) AS hour, kind, is_private,
       kind = 'track' AND (NOT is_private OR counts_private) AND (ms_played IS NULL OR ms_played >= 30000) AS is_counted,
       track_id, artist_id, album_id, track_title, artist_name, album_title,
       skipped, shuffle, "offline", platform, country, context_uri, origin
  FROM with_length
