-- Find candidates among extended and account items, pass 4: rows that Spotify received late. Equal ms_played, same
-- names, each the only candidate of the other, among items that passes 1 to 3 left. endTime is up to 1 h before ts
-- (24 h after an unexpected exit, a logout or offline), or between an end computed from offline_timestamp, less 60 s,
-- and ts.
INSERT INTO candidate_pair
WITH near AS (
    SELECT DISTINCT e.item_number AS extended_number, a.item_number AS account_number
    FROM extended_item AS e
    JOIN account_item AS a USING (ms_played, names_id)
    WHERE NOT EXISTS (SELECT FROM extended_account AS matched WHERE matched.extended_number = e.item_number)
      AND NOT EXISTS (SELECT FROM extended_account AS matched WHERE matched.account_number = a.item_number)
      AND (
          a.ended_at BETWEEN e.ts - CASE WHEN e.may_be_late THEN interval '24 hours' ELSE interval '1 hour' END AND e.ts
          OR (e.is_end_computed AND a.ended_at > e.ended_at - interval '60 seconds' AND a.ended_at <= e.ts)
      )
),
counted AS (
    SELECT
        extended_number, account_number,
        count(*) OVER (PARTITION BY extended_number) AS account_count,
        count(*) OVER (PARTITION BY account_number) AS extended_count
    FROM near
)
SELECT extended_number, account_number, 0 FROM counted WHERE account_count = 1 AND extended_count = 1;
