-- Grain: One row per listener, month, dimension and bucket with a counted play.
-- The buckets of a dimension hold each play of the month once.
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
    'Grain: One row per listener, month, dimension and bucket with a counted play. The buckets of a dimension hold each play of the month once.';
COMMENT ON COLUMN mart.listening_preference.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.listening_preference.month IS 'First day of the local month.';
COMMENT ON COLUMN mart.listening_preference.dimension IS 'explicit, duration, release_year, weekpart, daypart, season, shuffle or platform.';
COMMENT ON COLUMN mart.listening_preference.bucket IS 'explicit: explicit, clean. duration of the track: short (less than 3 min), medium (less than 5 min), long. release_year of the play''s album: 1994. weekpart: weekday, weekend (Saturday, Sunday). daypart by local hour: night 0-5, morning 6-11, afternoon 12-17, evening 18-23. season, northern: winter (December to February), spring, summer, autumn. shuffle: on, off. platform: mobile, desktop, web, other. All but weekpart, daypart and season: unknown.';
COMMENT ON COLUMN mart.listening_preference.play_count IS 'Counted plays in the bucket.';
COMMENT ON COLUMN mart.listening_preference.listened_ms IS 'Sum of their listened_ms, unknown as 0.';
COMMENT ON COLUMN mart.listening_preference.share IS 'play_count of the month''s counted plays, half up.';
COMMENT ON COLUMN mart.listening_preference.load_id IS 'The load that last changed this row.';
