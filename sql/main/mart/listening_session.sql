-- Grain: One row per listener and session.
-- A session is a maximal run of track plays, counted or not, each starting at most 30 minutes after the latest end so far.
-- Private plays are in none, unless the listener counts them, and then like any other.
CREATE TABLE mart.listening_session (
    listener_id   text COLLATE "C" NOT NULL,
    started_at    timestamptz NOT NULL,
    ended_at      timestamptz NOT NULL,
    play_count    integer NOT NULL,
    counted_count integer NOT NULL,
    listened_ms   bigint NOT NULL,
    track_count   integer NOT NULL,
    artist_count  integer NOT NULL,
    skip_count    integer NOT NULL,
    load_id       bigint NOT NULL,
    PRIMARY KEY (listener_id, started_at)
);

COMMENT ON TABLE mart.listening_session IS
    'Grain: One row per listener and session. A session is a maximal run of track plays, counted or not, each starting at most 30 minutes after the latest end so far. Private plays are in none, unless the listener counts them, and then like any other.';
COMMENT ON COLUMN mart.listening_session.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.listening_session.started_at IS 'Start of the first play.';
COMMENT ON COLUMN mart.listening_session.ended_at IS 'Latest end of its plays.';
COMMENT ON COLUMN mart.listening_session.play_count IS 'Plays, counted or not.';
COMMENT ON COLUMN mart.listening_session.counted_count IS 'Plays that count.';
COMMENT ON COLUMN mart.listening_session.listened_ms IS 'Sum of listened_ms, unknown as 0; may exceed the span where plays overlap.';
COMMENT ON COLUMN mart.listening_session.track_count IS 'Distinct tracks.';
COMMENT ON COLUMN mart.listening_session.artist_count IS 'Distinct first credited artists.';
COMMENT ON COLUMN mart.listening_session.skip_count IS 'Plays that were skipped.';
COMMENT ON COLUMN mart.listening_session.load_id IS 'The load that last changed this row.';
