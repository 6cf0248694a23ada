-- Load 7 of ana, in UTC: an album of two tracks, played through on two days in a row. Nothing is published yet.
TRUNCATE audit.load, audit.check_result, candidate.complete, candidate.touched, candidate.touched_id,
         candidate.dim_listener, candidate.dim_artist, candidate.dim_album, candidate.dim_track,
         candidate.bridge_track_artist, candidate.coverage, candidate.fct_play, candidate.daily_listening,
         candidate.artist_streak, candidate.album_completion, candidate.listening_session, candidate.listener_summary,
         candidate.listening_streak, candidate.listening_clock, candidate.break_distribution, candidate.discovery,
         candidate.popularity_distribution, candidate.listening_preference, candidate.top_item,
         core.dim_listener, core.dim_artist, core.dim_album, core.dim_track, core.bridge_track_artist, core.fct_play;

INSERT INTO audit.load VALUES (7, 'test', now(), NULL, 'running', NULL, 'incremental', 1, '{"ana": 1}', 0, 0, 0);
INSERT INTO candidate.complete VALUES (7, now());
INSERT INTO candidate.touched VALUES ('ana', 1, 7);
INSERT INTO candidate.touched_id
VALUES ('track', 'first'), ('track', 'second'), ('album', 'album'), ('artist', 'artist');

INSERT INTO candidate.dim_listener VALUES ('ana', 'Ana', 'UTC', false, 'default', false, 7);
INSERT INTO candidate.dim_artist VALUES ('artist', 'Artist', 50, 1000, '{pop}', NULL, 7);
INSERT INTO candidate.dim_album
VALUES ('album', 'Album', 'artist', 'album', 2, '1994-01-01', 'year', 'Label', 50, NULL, 7);
INSERT INTO candidate.dim_track
VALUES ('first', 'First', 'artist', 'album', 200000, false, 50, NULL, 1, 1, 7),
       ('second', 'Second', 'artist', 'album', 200000, false, 50, NULL, 2, 1, 7);
INSERT INTO candidate.bridge_track_artist VALUES ('first', 0, 'artist', 7), ('second', 0, 'artist', 7);
INSERT INTO candidate.coverage VALUES ('ana', now() - interval '5 days', now(), 'polled', 7);

INSERT INTO candidate.fct_play (
    play_id, listener_id, ended_at, ms_played, listened_ms, listened_ms_is_estimate, started_at, played_on, iso_weekday,
    hour, kind, is_private, is_counted, track_id, artist_id, album_id, track_title, artist_name, album_title, origin, load_id)
SELECT repeat(days_ago::text, 64), 'ana', ended_at, 200000, 200000, false, ended_at - interval '200 seconds',
       ended_at::date, extract(isodow FROM ended_at), 10, 'track', false, true, track_id, 'artist', 'album',
       'Title', 'Artist', 'Album', 'extended', 7
FROM (VALUES (3, 'first'), (2, 'second')) AS played (days_ago, track_id),
     LATERAL (SELECT (now() AT TIME ZONE 'UTC')::date - days_ago + time '10:00' AS ended_at) AS local;

INSERT INTO candidate.daily_listening SELECT 'ana', played_on, 1, 200000, 1, 1, 7 FROM candidate.fct_play;
INSERT INTO candidate.artist_streak
SELECT 'ana', 'artist', min(played_on), max(played_on), 2, 2, 7 FROM candidate.fct_play;
INSERT INTO candidate.album_completion
SELECT 'ana', 'album', 2, 2, 1, min(played_on), max(played_on), 7 FROM candidate.fct_play;
INSERT INTO candidate.listening_session
SELECT 'ana', started_at, ended_at, 1, 1, 200000, 1, 1, 0, 7 FROM candidate.fct_play;
INSERT INTO candidate.listener_summary
SELECT 'ana', min(ended_at), max(ended_at), 2, 400000, 2, 1, 1, 2, 2, 200000, min(played_on), 7 FROM candidate.fct_play;

-- The answers by month follow from the plays, which may lie in one month or in two.
INSERT INTO candidate.listening_streak
SELECT 'ana', min(played_on), max(played_on), 2, 2, 7 FROM candidate.fct_play;
INSERT INTO candidate.listening_clock
SELECT 'ana', date_trunc('month', played_on), iso_weekday, hour, 1, 200000, 7 FROM candidate.fct_play;
INSERT INTO candidate.break_distribution
SELECT 'ana', date_trunc('month', max(played_on)), 'long', 1, 1, 7 FROM candidate.fct_play;
INSERT INTO candidate.popularity_distribution
SELECT 'ana', date_trunc('month', played_on), 5, count(*), 1, 7 FROM candidate.fct_play GROUP BY 2;
INSERT INTO candidate.discovery
SELECT 'ana', date_trunc('month', played_on), count(*),
       CASE WHEN min(played_on) = (SELECT min(played_on) FROM candidate.fct_play) THEN 1 ELSE 0 END, count(*), count(*), 7
FROM candidate.fct_play GROUP BY 2;
INSERT INTO candidate.listening_preference
SELECT 'ana', month, dimension, bucket, count(*), 200000 * count(*),
       round(count(*)::numeric / sum(count(*)) OVER (PARTITION BY month, dimension), 8), 7
FROM candidate.fct_play,
     LATERAL (SELECT date_trunc('month', played_on)::date AS month) AS played,
     LATERAL (VALUES ('explicit', 'clean'), ('duration', 'medium'), ('release_year', '1994'), ('daypart', 'morning'),
                     ('shuffle', 'unknown'), ('platform', 'unknown'),
                     ('weekpart', CASE WHEN iso_weekday > 5 THEN 'weekend' ELSE 'weekday' END),
                     ('season', (ARRAY['winter', 'spring', 'summer', 'autumn'])[extract(month FROM month)::int % 12 / 3 + 1])
             ) AS leaning (dimension, bucket)
GROUP BY month, dimension, bucket;
INSERT INTO candidate.top_item
SELECT 'ana', period, period_start, item_kind,
       row_number() OVER (PARTITION BY period, period_start, item_kind ORDER BY item_id), item_id, count(*), 200000 * count(*), 7
FROM candidate.fct_play,
     LATERAL (VALUES ('month', date_trunc('month', played_on)), ('year', date_trunc('year', played_on)),
                     ('all', '1970-01-01')) AS covered (period, period_start),
     LATERAL (VALUES ('track', track_id), ('artist', artist_id), ('album', album_id)) AS item (item_kind, item_id)
GROUP BY period, period_start, item_kind, item_id;
