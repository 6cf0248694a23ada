-- Pair the candidates one to one, in order of place. Recreates the table chosen with the pairs, and empties candidate.
-- Those that nobody else wants need no order; the rest is settled one after the other.
DROP TABLE IF EXISTS pg_temp.chosen;
CREATE TEMP TABLE chosen (l bigint PRIMARY KEY, r bigint UNIQUE NOT NULL) ON COMMIT DROP;

DO $$
DECLARE
    wanted record;
BEGIN
    INSERT INTO chosen
    SELECT l, r
    FROM (SELECT l, r, count(*) OVER (PARTITION BY l) AS of_l, count(*) OVER (PARTITION BY r) AS of_r FROM candidate) AS counted
    WHERE of_l = 1 AND of_r = 1;
    FOR wanted IN
        SELECT l, r FROM candidate WHERE NOT EXISTS (SELECT FROM chosen WHERE chosen.l = candidate.l) ORDER BY place
    LOOP
        INSERT INTO chosen VALUES (wanted.l, wanted.r) ON CONFLICT DO NOTHING;
    END LOOP;
    TRUNCATE candidate;
END
$$;
