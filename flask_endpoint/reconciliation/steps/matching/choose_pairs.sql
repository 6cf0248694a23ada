-- Choose pairs from candidate_pair one to one, in order of priority. Empties candidate_pair for the next pass.
--
-- Creates chosen_pair (left_number, right_number). A pair without competition is inserted in one statement. The others are decided
-- one by one, because each choice rules out later ones.
DROP TABLE IF EXISTS pg_temp.chosen_pair;
CREATE TEMP TABLE chosen_pair (left_number bigint PRIMARY KEY, right_number bigint UNIQUE NOT NULL) ON COMMIT DROP;

DO $$
DECLARE
    candidate record;
BEGIN
    INSERT INTO chosen_pair
    SELECT left_number, right_number
    FROM (
        SELECT
            left_number, right_number,
            count(*) OVER (PARTITION BY left_number) AS right_count,
            count(*) OVER (PARTITION BY right_number) AS left_count
        FROM candidate_pair
    ) AS counted
    WHERE right_count = 1 AND left_count = 1;
    FOR candidate IN
        SELECT c.left_number, c.right_number
        FROM candidate_pair AS c
        WHERE NOT EXISTS (SELECT FROM chosen_pair AS chosen WHERE chosen.left_number = c.left_number)
        ORDER BY c.priority
    LOOP
        INSERT INTO chosen_pair VALUES (candidate.left_number, candidate.right_number) ON CONFLICT DO NOTHING;
    END LOOP;
    TRUNCATE candidate_pair;
END
$$;
