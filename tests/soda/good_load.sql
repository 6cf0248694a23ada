-- Load 7 of ana, in UTC: an album of two tracks, played through on two days in a row, which can be in two months. Nothing is
-- published yet. The rows of the marts are in examples/mart.
DO $$
BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(oid::regclass::text, ', ') FROM pg_class
              WHERE relkind = 'r' AND (relnamespace IN ('candidate'::regnamespace, 'core'::regnamespace)
                                       OR oid IN ('audit.load'::regclass, 'audit.check_result'::regclass)));
END
$$;

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
