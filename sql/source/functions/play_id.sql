-- The id of the play that a received row makes by itself: the SHA-256, in hex, of listener, origin, end in microseconds
-- since 1970, own track id and ms_played (-1 when unknown), joined by U+001F. A null track id is left out.
-- Python's equal is flask_endpoint's `item_id`. STABLE and without SET, so that PostgreSQL inlines it: see provisional_id.
CREATE OR REPLACE FUNCTION raw.play_id(
    listener_id text, origin text, ended_at timestamptz, track_id text, ms_played integer
) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT encode(sha256(convert_to(concat_ws(
        E'\x1f', listener_id, origin, (extract(epoch FROM ended_at) * 1000000)::bigint, track_id, coalesce(ms_played, -1)
    ), 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION raw.play_id(text, text, timestamptz, text, integer) IS
    'The id of the play that a received row makes by itself.';
