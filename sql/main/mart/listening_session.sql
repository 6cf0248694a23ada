-- Grain: One row per listener and session.
-- A session is a maximal run of track plays, counted or not, in which each play starts at most 30 minutes after the latest end so far.
-- Private plays are left out unless the listener counts private plays.
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
    'Grain: One row per listener and session. A session is a maximal run of track plays, counted or not, in which each play starts at most 30 minutes after the latest end so far. Private plays are left out unless the listener counts private plays.';
COMMENT ON COLUMN mart.listening_session.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.listening_session.started_at IS 'Start of the first play in the session.';
COMMENT ON COLUMN mart.listening_session.ended_at IS 'Latest end of a play in the session.';
COMMENT ON COLUMN mart.listening_session.play_count IS 'Number of plays in the session, counted or not.';
COMMENT ON COLUMN mart.listening_session.counted_count IS 'Number of counted plays in the session.';
COMMENT ON COLUMN mart.listening_session.listened_ms IS 'Sum of listened_ms over all plays of the session, in milliseconds; an unknown value adds 0. It can exceed the length of the session when plays overlap.';
COMMENT ON COLUMN mart.listening_session.track_count IS 'Number of distinct tracks in these plays.';
COMMENT ON COLUMN mart.listening_session.artist_count IS 'Number of distinct first credited artists in these plays; a play without an artist adds none.';
COMMENT ON COLUMN mart.listening_session.skip_count IS 'Number of plays in the session that were skipped.';
COMMENT ON COLUMN mart.listening_session.load_id IS 'The load that last changed this row.';
