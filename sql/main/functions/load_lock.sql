-- Purpose: the names of the two advisory locks, so that each is written down once.
-- load_lock: held by whoever needs main to stand still, or changes it: publish, and the replica's verification.
-- candidate_lock: held while a load's candidates are written, and while they are published.
-- Taken in the order candidate_lock, load_lock.
CREATE OR REPLACE FUNCTION audit.load_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 7201001::bigint $$;

CREATE OR REPLACE FUNCTION audit.candidate_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 7201002::bigint $$;
