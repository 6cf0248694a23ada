-- Purpose: define the keys of the two advisory locks in one place.
-- load_lock: held while published rows change or must not change: by publish, and by the verification of the replica.
-- candidate_lock: held while a load's candidates are written, and while they are published.
-- Take candidate_lock before load_lock.
CREATE OR REPLACE FUNCTION audit.load_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 7201001::bigint $$;

CREATE OR REPLACE FUNCTION audit.candidate_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 7201002::bigint $$;
