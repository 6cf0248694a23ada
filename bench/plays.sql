-- Purpose: fill an empty source with generated plays, the same ones every time.
-- Parameters: plays, the number of plays; plays_per_listener; tracks, the number of tracks. Tracks with smaller numbers are played
-- more often.
-- Each listener has two groups of five plays a day, the last ones on 2024-09-26: 10,000 plays are 1,000 days. One play in seven comes
-- from an account export: it has no flags and a provisional id, and half of those ids are mapped. The catalog has four tracks in five.
-- In one of twenty periods of three days every play is shorter than 30 s, so that streaks end. Every second play lasts whole seconds,
-- so that some breaks equal a threshold exactly.
CREATE FUNCTION pg_temp.random(n bigint, seed integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (hashint8extended(n, seed) & 1048575) / 1048576.0 $$;

INSERT INTO raw.listener (listener_id, display_name, time_zone, counts_private)
SELECT 'l' || lpad(n::text, 6, '0'), 'Listener ' || n,
       (ARRAY['Europe/Madrid', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/New_York', 'Pacific/Apia', 'UTC'])[n %% 6 + 1],
       n %% 10 = 0
  FROM generate_series(0, greatest(1, %(plays)s / %(plays_per_listener)s) - 1) AS n;

INSERT INTO raw.coverage
SELECT listener_id, timestamptz '2024-09-27Z' - %(plays_per_listener)s / 10 * interval '1 day', timestamptz '2024-10-01Z', 'export'
  FROM raw.listener;

INSERT INTO raw.catalog_track (track_id, title, title_key, album_id, artist_ids, duration_ms, explicit, popularity, track_number, disc_number)
SELECT 't' || n, 'Track ' || n, 'track ' || n, 'a' || n / 10,
       CASE WHEN n %% 3 = 0 THEN ARRAY['r' || n / 20, 'r' || n / 20 + 1] ELSE ARRAY['r' || n / 20] END,
       120000 + n * 7 %% 240 * 1000, n %% 7 = 0, CASE WHEN n %% 4 <> 0 THEN n %% 101 END, n %% 10 + 1, 1
  FROM generate_series(0, %(tracks)s - 1) AS n WHERE n %% 5 <> 0;

INSERT INTO raw.catalog_album (album_id, title, title_key, artist_ids, album_type, total_tracks, release_date, release_precision)
SELECT 'a' || n, 'Album ' || n, 'album ' || n, ARRAY['r' || n / 2], 'album', CASE WHEN n %% 5 <> 0 THEN 8 + n %% 4 END,
       date '1970-01-01' + n * 181 %% 18000, 'day'
  FROM generate_series(0, %(tracks)s / 10) AS n WHERE n %% 7 <> 0;

INSERT INTO raw.catalog_artist (artist_id, name, name_key, popularity, followers, genres)
SELECT 'r' || n, 'Artist ' || n, 'artist ' || n, n %% 101, n * 10, ARRAY['genre ' || n %% 50]
  FROM generate_series(0, %(tracks)s / 20) AS n WHERE n %% 9 <> 0;

INSERT INTO raw.id_map
SELECT 'x:track:' || md5(n::text), 't' || n FROM generate_series(0, %(tracks)s - 1) AS n WHERE n %% 2 = 0
UNION ALL
SELECT 'x:artist:' || md5(n::text), 'r' || n FROM generate_series(0, %(tracks)s / 20) AS n WHERE n %% 2 = 0
UNION ALL
SELECT 'x:album:' || md5(n::text), 'a' || n FROM generate_series(0, %(tracks)s / 10) AS n WHERE n %% 2 = 0;

INSERT INTO raw.play (play_id, listener_id, ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name,
                      album_title, is_private, skipped, shuffle, offline, platform, country, context_uri, origin)
SELECT encode(sha256(convert_to(n::text, 'UTF8')), 'hex'),
       'l' || lpad((n / %(plays_per_listener)s)::text, 6, '0'),
       timestamptz '2024-09-27Z' - %(plays_per_listener)s / 10 * interval '1 day'
           + (n %% %(plays_per_listener)s / 5) * interval '12 hours' + pg_temp.random(n / 5, 1) * interval '5 hours'
           + (n %% 5) * between_ends + (hashint8extended(n, 2) & 63) * interval '1 second',
       CASE WHEN origin = 'api' THEN NULL
            WHEN pg_temp.random(n / 30, 3) < 0.05 THEN (pg_temp.random(n, 4) * 29000)::integer
            WHEN n %% 2 = 0 THEN (pg_temp.random(n, 4) * 250)::integer * 1000
            ELSE (pg_temp.random(n, 4) * 250000)::integer END,
       CASE WHEN is_episode THEN 'episode' ELSE 'track' END,
       CASE WHEN is_episode THEN 'e' || track WHEN origin = 'account' THEN 'x:track:' || md5(track::text) ELSE 't' || track END,
       CASE WHEN is_episode THEN NULL WHEN origin = 'account' THEN 'x:artist:' || md5((track / 20)::text) ELSE 'r' || track / 20 END,
       CASE WHEN is_episode OR has_no_album THEN NULL
            WHEN origin = 'account' THEN 'x:album:' || md5((track / 10)::text) ELSE 'a' || track / 10 END,
       CASE WHEN pg_temp.random(n, 5) < 0.02 THEN 'Track (live) ' ELSE 'Track ' END || track, 'Artist ' || track / 20,
       CASE WHEN NOT has_no_album THEN 'Album ' || track / 10 END,
       pg_temp.random(n, 6) < 0.02,
       CASE WHEN is_extended THEN pg_temp.random(n, 7) < 0.2 END,
       CASE WHEN is_extended THEN pg_temp.random(n, 8) < 0.4 END,
       CASE WHEN is_extended THEN pg_temp.random(n, 13) < 0.1 END,
       CASE WHEN is_extended
            THEN (ARRAY['ios', 'Android OS 13 API 33 (samsung, SM-G991B)', 'Windows 10 (10.0.19045; x64)', ' OS X 13.6.0 [arm 2]',
                        'web_player windows 10;chrome 120.0', 'Android_TV', 'Partner google cast', 'not_applicable'])
                 [(hashint8extended(n, 9) & 7) + 1] END,
       CASE WHEN is_extended THEN 'ES' END,
       CASE WHEN origin = 'api' THEN 'spotify:album:a' || track / 10 END,
       origin
  FROM (SELECT *, origin = 'extended' AS is_extended, origin = 'account' AND n %% 2 = 0 AS has_no_album,
               -- In some groups the plays overlap, in some they have breaks, and some breaks end the session.
               CASE WHEN pace < 0.02 THEN 0 WHEN pace < 0.75 THEN 4 WHEN pace < 0.9 THEN 15 ELSE 40 END * interval '1 minute'
                   AS between_ends
          FROM (SELECT n, (%(tracks)s * pg_temp.random(n, 10) ^ 3)::integer AS track, pg_temp.random(n, 11) < 0.01 AS is_episode,
                       pg_temp.random(n / 5, 14) AS pace,
                       CASE WHEN pg_temp.random(n, 12) < 0.03 THEN 'api' WHEN pg_temp.random(n, 12) < 0.17 THEN 'account' ELSE 'extended' END
                           AS origin
                  FROM generate_series(0, %(plays)s - 1) AS n) AS numbers) AS plays;

ANALYZE;
