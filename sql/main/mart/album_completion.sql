-- Grain: One row per listener and album with a counted play.
CREATE TABLE mart.album_completion (
    listener_id     text COLLATE "C" NOT NULL,
    album_id        text COLLATE "C" NOT NULL,
    tracks_played   integer NOT NULL,
    total_tracks    integer,
    completion      numeric(9,8),
    first_played_on date NOT NULL,
    completed_on    date,
    load_id         bigint NOT NULL,
    PRIMARY KEY (listener_id, album_id)
);

COMMENT ON TABLE mart.album_completion IS
    'Grain: One row per listener and album with a counted play.';
COMMENT ON COLUMN mart.album_completion.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.album_completion.album_id IS 'The album.';
COMMENT ON COLUMN mart.album_completion.tracks_played IS 'Number of distinct tracks of the album with at least one counted play.';
COMMENT ON COLUMN mart.album_completion.total_tracks IS 'dim_album.total_tracks: the number of tracks on the album; null when unknown.';
COMMENT ON COLUMN mart.album_completion.completion IS 'tracks_played divided by total_tracks, at most 1, rounded half up to 8 decimals; null when total_tracks is null or 0.';
COMMENT ON COLUMN mart.album_completion.first_played_on IS 'Local date of the first counted play of the album.';
COMMENT ON COLUMN mart.album_completion.completed_on IS 'Local date on which the number of distinct tracks played reached total_tracks; null if it has not.';
COMMENT ON COLUMN mart.album_completion.load_id IS 'The load that last changed this row.';
