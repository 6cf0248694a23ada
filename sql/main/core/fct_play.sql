-- Grain: One row per play: one listener played one track, episode or chapter once.
-- A play keeps the names that it was received with. A dimension without a name from Spotify takes it from the latest play of any listener.
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
-- These find whether a track, artist or album is still played, and its latest name. The order is that of the load's queries.
CREATE INDEX ON core.fct_play (track_id, (track_title IS NULL), ended_at DESC);
CREATE INDEX ON core.fct_play (artist_id, (artist_name IS NULL), ended_at DESC);
CREATE INDEX ON core.fct_play (album_id, (album_title IS NULL), ended_at DESC);

COMMENT ON TABLE core.fct_play IS
    'Grain: One row per play: one listener played one track, episode or chapter once. A play keeps the names that it was received with. A dimension without a name from Spotify takes it from the latest play of any listener.';
COMMENT ON COLUMN core.fct_play.play_id IS 'SHA-256 in hex of listener, ended_at, own track id (before mapping) and ms_played of the richest origin.';
COMMENT ON COLUMN core.fct_play.listener_id IS 'The listener.';
COMMENT ON COLUMN core.fct_play.ended_at IS 'When the play ended.';
COMMENT ON COLUMN core.fct_play.ms_played IS 'Milliseconds played, from an export; null when the play is known only from the API.';
COMMENT ON COLUMN core.fct_play.listened_ms IS 'Milliseconds listened: ms_played. If that is null, the lesser of the track''s duration and the time since the end of the listener''s previous play of any kind (for the first play, the duration). Null when the duration is unknown, too.';
COMMENT ON COLUMN core.fct_play.listened_ms_is_estimate IS 'True when ms_played is null, so that listened_ms is an estimate or null.';
COMMENT ON COLUMN core.fct_play.started_at IS 'ended_at minus listened_ms; ended_at when listened_ms is null. It may be earlier than the end of the previous play.';
COMMENT ON COLUMN core.fct_play.played_on IS 'Local date of ended_at in the listener''s time zone. The month of a play is the month of this date.';
COMMENT ON COLUMN core.fct_play.iso_weekday IS 'Weekday of played_on, 1 = Monday to 7 = Sunday.';
COMMENT ON COLUMN core.fct_play.hour IS 'Local hour of ended_at, 0 to 23.';
COMMENT ON COLUMN core.fct_play.kind IS 'track, episode or chapter.';
COMMENT ON COLUMN core.fct_play.is_private IS 'Whether the play was in a private session.';
COMMENT ON COLUMN core.fct_play.is_counted IS 'Whether the metrics count the play: it is a track, it is not private (or the listener counts private plays), and ms_played is null or at least 30,000.';
COMMENT ON COLUMN core.fct_play.track_id IS 'The track, episode or chapter in dim_track.';
COMMENT ON COLUMN core.fct_play.artist_id IS 'First credited artist, in dim_artist; null for episodes and chapters, or when unknown.';
COMMENT ON COLUMN core.fct_play.album_id IS 'Album, in dim_album; null for episodes and chapters, or when unknown.';
COMMENT ON COLUMN core.fct_play.track_title IS 'Title as received with the play.';
COMMENT ON COLUMN core.fct_play.artist_name IS 'Artist as received with the play (an export gives the album artist); for an episode or chapter, the show or book.';
COMMENT ON COLUMN core.fct_play.album_title IS 'Album title as received with the play.';
COMMENT ON COLUMN core.fct_play.skipped IS 'Whether the listener skipped the track; null when unknown.';
COMMENT ON COLUMN core.fct_play.shuffle IS 'Whether shuffle was on; null when unknown.';
COMMENT ON COLUMN core.fct_play.offline IS 'Whether the device was offline; null when unknown.';
COMMENT ON COLUMN core.fct_play.platform IS 'Platform as Spotify gives it, without device hashes; null when unknown.';
COMMENT ON COLUMN core.fct_play.country IS 'ISO 3166 code of the country of the connection; null when unknown.';
COMMENT ON COLUMN core.fct_play.context_uri IS 'Spotify URI of the playlist, album or artist from which it was played; null when unknown.';
COMMENT ON COLUMN core.fct_play.origin IS 'Richest origin of the play: extended (extended export), account (account-data export) or api.';
COMMENT ON COLUMN core.fct_play.load_id IS 'The load that last changed this row.';
