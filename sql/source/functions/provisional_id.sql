-- The id that stands in for a Spotify id that is not known: x:<kind>: and the first 32 hex digits of the SHA-256 of the
-- normalised names, joined by U+001F. `kind` is artist, album or track. Null when a name is null.
-- Python's equal is flask_endpoint's `provisional_id`. Names are normalised there: PostgreSQL has no Unicode case folding.
--
-- STABLE, not IMMUTABLE, because convert_to is: PostgreSQL inlines a SQL function only when its body is no more volatile
-- than its declaration. For the same reason the functions have no SET clause and are not STRICT.
CREATE OR REPLACE FUNCTION raw.provisional_id(kind text, name_key text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT 'x:' || kind || ':' || left(encode(sha256(convert_to(name_key, 'UTF8')), 'hex'), 32) $$;
COMMENT ON FUNCTION raw.provisional_id(text, text) IS
    'The provisional id of an item that one normalised name identifies: an artist.';

CREATE OR REPLACE FUNCTION raw.provisional_id(kind text, artist_key text, name_key text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT raw.provisional_id(kind, artist_key || E'\x1f' || name_key) $$;
COMMENT ON FUNCTION raw.provisional_id(text, text, text) IS
    'The provisional id of an item that its artist''s and its own normalised name identify: an album or a track.';
