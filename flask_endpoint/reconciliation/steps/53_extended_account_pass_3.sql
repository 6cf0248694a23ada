-- Extended and account, pass 3, on what the earlier passes left: equal ms_played (> 0), any names or none but one side
-- named, 0 <= lag < 65 s, each the other's only candidate.
-- Candidates are counted per minute and ms_played and never listed: a crowded minute stays cheap.
INSERT INTO candidate
WITH extended_left AS (
    SELECT DISTINCT item, ms_played, minute, is_named
    FROM extended_minute AS e
    WHERE ms_played > 0 AND NOT EXISTS (SELECT FROM extended_account AS x WHERE x.l = e.item)
),
account_left AS (
    SELECT item, ms_played, ended_at AS minute, is_named
    FROM account_item AS a
    WHERE ms_played > 0 AND NOT EXISTS (SELECT FROM extended_account AS x WHERE x.r = a.item)
),
extended_count AS (
    SELECT ms_played, minute, count(*) AS all_count, count(*) FILTER (WHERE is_named) AS named_count
    FROM extended_left GROUP BY ms_played, minute
),
account_count AS (
    SELECT ms_played, minute, count(*) AS all_count, count(*) FILTER (WHERE is_named) AS named_count
    FROM account_left GROUP BY ms_played, minute
),
lonely_extended AS (
    SELECT e.item
    FROM extended_left AS e
    JOIN account_count AS c USING (ms_played, minute)
    GROUP BY e.item
    HAVING sum(CASE WHEN e.is_named THEN c.all_count ELSE c.named_count END) = 1
),
lonely_account AS (
    SELECT a.item, a.ms_played, a.minute, a.is_named
    FROM account_left AS a
    JOIN extended_count AS c USING (ms_played, minute)
    WHERE CASE WHEN a.is_named THEN c.all_count ELSE c.named_count END = 1
)
SELECT e.item, a.item, 0
FROM extended_left AS e
JOIN lonely_extended USING (item)
JOIN lonely_account AS a USING (ms_played, minute)
WHERE e.is_named OR a.is_named;
