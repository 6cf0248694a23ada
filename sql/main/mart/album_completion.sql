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
COMMENT ON COLUMN mart.album_completion.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.album_completion.album_id IS 'Album of the plays.';
COMMENT ON COLUMN mart.album_completion.tracks_played IS 'Distinct tracks of the album with a counted play.';
COMMENT ON COLUMN mart.album_completion.total_tracks IS 'Tracks on the album as dim_album has it; null when unknown.';
COMMENT ON COLUMN mart.album_completion.completion IS 'Least of 1 and tracks_played / total_tracks, half up; null when the total is unknown or 0.';
COMMENT ON COLUMN mart.album_completion.first_played_on IS 'Local day of the first counted play.';
COMMENT ON COLUMN mart.album_completion.completed_on IS 'First local day by whose end as many distinct tracks as total_tracks had been played; else null.';
COMMENT ON COLUMN mart.album_completion.load_id IS 'The load that last changed this row.';
