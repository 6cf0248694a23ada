-- Grain: One row per time one listener heard one thing.
-- The play's own names are kept: they are fields of a play, and a dim's name falls back on those of the latest play over all listeners.
CREATE TABLE core.fct_play (
    play_id                 text COLLATE "C" NOT NULL,
    listener_id             text COLLATE "C" NOT NULL,
    ended_at                timestamptz NOT NULL,
    ms_played               integer,
    listened_ms             bigint,
    listened_ms_is_estimate boolean NOT NULL,
    started_at              timestamptz NOT NULL,
    played_on               date NOT NULL,
    iso_weekday             smallint NOT NULL,
    hour                    smallint NOT NULL,
    kind                    text NOT NULL,
    is_private              boolean NOT NULL,
    is_counted              boolean NOT NULL,
    track_id                text COLLATE "C" NOT NULL,
    artist_id               text COLLATE "C",
    album_id                text COLLATE "C",
    track_title             text,
    artist_name             text,
    album_title             text,
    skipped                 boolean,
    shuffle                 boolean,
    offline                 boolean,
    platform                text,
    country                 text,
    context_uri             text,
    origin                  text NOT NULL,
    load_id                 bigint NOT NULL,
    PRIMARY KEY (play_id)
);
CREATE INDEX ON core.fct_play (listener_id, ended_at);  -- a listener's plays in order
-- Is a track, an artist or an album still played, and what was it last called? In the order in which a load asks.
CREATE INDEX ON core.fct_play (track_id, (track_title IS NULL), ended_at DESC);
CREATE INDEX ON core.fct_play (artist_id, (artist_name IS NULL), ended_at DESC);
CREATE INDEX ON core.fct_play (album_id, (album_title IS NULL), ended_at DESC);

COMMENT ON TABLE core.fct_play IS
    'Grain: One row per time one listener heard one thing. The play''s own names are kept: they are fields of a play, and a dim''s name falls back on those of the latest play over all listeners.';
COMMENT ON COLUMN core.fct_play.play_id IS 'SHA-256 hex of listener, ended_at, own track id and ms_played of the richest origin.';
COMMENT ON COLUMN core.fct_play.listener_id IS 'Who heard it.';
COMMENT ON COLUMN core.fct_play.ended_at IS 'When it ended.';
COMMENT ON COLUMN core.fct_play.ms_played IS 'Milliseconds played as an export says; null when only the API told of it.';
COMMENT ON COLUMN core.fct_play.listened_ms IS 'ms_played; when that is null the lesser of the track''s duration and the time since the listener''s previous play of any kind (the duration for the first play); null when the duration is unknown.';
COMMENT ON COLUMN core.fct_play.listened_ms_is_estimate IS 'True exactly when ms_played is null, so that listened_ms is an estimate or unknown.';
COMMENT ON COLUMN core.fct_play.started_at IS 'ended_at minus listened_ms; ended_at when that is unknown. May precede the previous play''s end.';
COMMENT ON COLUMN core.fct_play.played_on IS 'Local calendar date of ended_at in the listener''s time zone; its first of the month is the play''s month.';
COMMENT ON COLUMN core.fct_play.iso_weekday IS 'Weekday of played_on, 1 = Monday to 7 = Sunday.';
COMMENT ON COLUMN core.fct_play.hour IS 'Local hour of ended_at, 0 to 23.';
COMMENT ON COLUMN core.fct_play.kind IS 'track, episode or chapter.';
COMMENT ON COLUMN core.fct_play.is_private IS 'Played in a private session.';
COMMENT ON COLUMN core.fct_play.is_counted IS 'A track, not private (or the listener counts private plays), and ms_played at least 30000 or null.';
COMMENT ON COLUMN core.fct_play.track_id IS 'What was heard: row of dim_track.';
COMMENT ON COLUMN core.fct_play.artist_id IS 'First credited artist: row of dim_artist; null for episodes and chapters or when unknown.';
COMMENT ON COLUMN core.fct_play.album_id IS 'Album: row of dim_album; null for episodes and chapters or when unknown.';
COMMENT ON COLUMN core.fct_play.track_title IS 'Title as this play told it.';
COMMENT ON COLUMN core.fct_play.artist_name IS 'Artist as this play told it (an export''s album artist); the show of an episode or chapter.';
COMMENT ON COLUMN core.fct_play.album_title IS 'Album as this play told it.';
COMMENT ON COLUMN core.fct_play.skipped IS 'Whether it was skipped; null when unknown.';
COMMENT ON COLUMN core.fct_play.shuffle IS 'Whether shuffle was on; null when unknown.';
COMMENT ON COLUMN core.fct_play.offline IS 'Whether it was played offline; null when unknown.';
COMMENT ON COLUMN core.fct_play.platform IS 'Platform as Spotify says, without device hashes; null when unknown.';
COMMENT ON COLUMN core.fct_play.country IS 'Country code of the connection; null when unknown.';
COMMENT ON COLUMN core.fct_play.context_uri IS 'Playlist, album or artist it was played from; null when unknown.';
COMMENT ON COLUMN core.fct_play.origin IS 'Richest origin that told of it: extended, account or api.';
COMMENT ON COLUMN core.fct_play.load_id IS 'The load that last changed this row.';
