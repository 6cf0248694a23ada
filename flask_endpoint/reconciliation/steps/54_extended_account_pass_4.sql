-- Extended and account, pass 4, on what the earlier passes left: rows sent or stamped late. Equal ms_played, same names,
-- each the other's only candidate; endTime up to an hour before ts (a day after an unexpected exit or offline), or up to an
-- hour after an end computed from offline_timestamp.
INSERT INTO candidate
WITH near AS (
    SELECT e.item AS l, a.item AS r
    FROM extended_item AS e
    JOIN account_item AS a USING (ms_played, names_id)
    WHERE NOT EXISTS (SELECT FROM extended_account AS x WHERE x.l = e.item)
      AND NOT EXISTS (SELECT FROM extended_account AS x WHERE x.r = a.item)
      AND (
          a.ended_at BETWEEN e.ts - CASE WHEN e.may_be_late THEN interval '24 hours' ELSE interval '1 hour' END AND e.ts
          OR (e.is_end_computed AND a.ended_at BETWEEN e.ended_at AND e.ended_at + interval '1 hour')
      )
),
counted AS (
    SELECT l, r, count(*) OVER (PARTITION BY l) AS of_l, count(*) OVER (PARTITION BY r) AS of_r FROM near
)
SELECT l, r, 0 FROM counted WHERE of_l = 1 AND of_r = 1;
