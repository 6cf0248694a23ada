-- Find candidates among extended and account items, pass 3: equal ms_played (> 0), 0 <= lag < 65 s, at least one side
-- named, each the only candidate of the other, among items that passes 1 and 2 left. Names may differ.
--
-- Candidates are counted per minute and ms_played and never listed, so that a minute with many items is cheap.
INSERT INTO candidate_pair
WITH unmatched_extended AS (
    SELECT DISTINCT item_number, ms_played, minute, is_named
    FROM extended_minute AS e
    WHERE ms_played > 0
      AND NOT EXISTS (SELECT FROM extended_account AS matched WHERE matched.extended_number = e.item_number)
),
unmatched_account AS (
    SELECT item_number, ms_played, ended_at AS minute, is_named
    FROM account_item AS a
    WHERE ms_played > 0 AND is_representative
      AND NOT EXISTS (SELECT FROM extended_account AS matched WHERE matched.account_number = a.item_number)
),
extended_count AS (
    SELECT ms_played, minute, count(*) AS all_count, count(*) FILTER (WHERE is_named) AS named_count
    FROM unmatched_extended GROUP BY ms_played, minute
),
account_count AS (
    SELECT ms_played, minute, count(*) AS all_count, count(*) FILTER (WHERE is_named) AS named_count
    FROM unmatched_account GROUP BY ms_played, minute
),
-- An unnamed item has only named candidates.
extended_with_one_candidate AS (
    SELECT e.item_number
    FROM unmatched_extended AS e
    JOIN account_count AS c USING (ms_played, minute)
    GROUP BY e.item_number
    HAVING sum(CASE WHEN e.is_named THEN c.all_count ELSE c.named_count END) = 1
),
account_with_one_candidate AS (
    SELECT a.item_number, a.ms_played, a.minute, a.is_named
    FROM unmatched_account AS a
    JOIN extended_count AS c USING (ms_played, minute)
    WHERE CASE WHEN a.is_named THEN c.all_count ELSE c.named_count END = 1
)
SELECT e.item_number, a.item_number, 0
FROM unmatched_extended AS e
JOIN extended_with_one_candidate USING (item_number)
JOIN account_with_one_candidate AS a USING (ms_played, minute)
WHERE e.is_named OR a.is_named;
