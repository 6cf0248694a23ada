-- Grain: One row per listener, month, dimension and bucket with a counted play.
-- Each counted play of the month is in exactly one bucket of each dimension.
CREATE TABLE mart.listening_preference (
    listener_id text COLLATE "C" NOT NULL,
    month       date NOT NULL,
    dimension   text COLLATE "C" NOT NULL,
    bucket      text COLLATE "C" NOT NULL,
    play_count  integer NOT NULL,
    listened_ms bigint NOT NULL,
    share       numeric(9,8) NOT NULL,
    load_id     bigint NOT NULL,
    PRIMARY KEY (listener_id, month, dimension, bucket)
);

COMMENT ON TABLE mart.listening_preference IS
    'Grain: One row per listener, month, dimension and bucket with a counted play. Each counted play of the month is in exactly one bucket of each dimension.';
COMMENT ON COLUMN mart.listening_preference.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.listening_preference.month IS 'First day of the local month.';
COMMENT ON COLUMN mart.listening_preference.dimension IS 'explicit, duration, release_year, weekpart, daypart, season, shuffle or platform.';
COMMENT ON COLUMN mart.listening_preference.bucket IS 'explicit: explicit or clean. duration (of the track): short (under 3 minutes), medium (3 to under 5 minutes) or long. release_year (of the play''s album): a year such as 1994. weekpart: weekday or weekend (Saturday and Sunday). daypart (local hour): night 0-5, morning 6-11, afternoon 12-17 or evening 18-23. season (northern hemisphere): winter (December to February), spring, summer or autumn. shuffle: on or off. platform: mobile, desktop, web or other. Every dimension but weekpart, daypart and season also has unknown.';
COMMENT ON COLUMN mart.listening_preference.play_count IS 'Number of the month''s counted plays in the bucket.';
COMMENT ON COLUMN mart.listening_preference.listened_ms IS 'Sum of listened_ms over these plays, in milliseconds; an unknown value adds 0.';
COMMENT ON COLUMN mart.listening_preference.share IS 'play_count divided by the number of the month''s counted plays, rounded half up to 8 decimals.';
COMMENT ON COLUMN mart.listening_preference.load_id IS 'The load that last changed this row.';
