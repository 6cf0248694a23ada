-- Account and API, pass 2, on what pass 1 left: as pass 1, but 0 <= lag < 65 s.
INSERT INTO candidate
SELECT l, r, row_number() OVER (ORDER BY at, ms_played DESC, ended_at, r, l)
FROM (
    SELECT DISTINCT a.item AS l, p.item AS r, a.ended_at, a.ms_played, p.ended_at AS at
    FROM api_item AS p
    CROSS JOIN LATERAL (VALUES (p.names_id), (p.album_names_id)) AS n (names_id)
    CROSS JOIN (VALUES (interval '0'), (interval '1 minute')) AS s (shift)
    JOIN account_item AS a ON a.names_id = n.names_id AND a.ended_at = date_trunc('minute', p.ended_at) - s.shift
    WHERE p.ended_at - a.ended_at < interval '65 seconds'
      AND NOT EXISTS (SELECT FROM extended_account AS x WHERE x.r = a.item)
      AND NOT EXISTS (SELECT FROM extended_api AS x WHERE x.r = p.item)
      AND NOT EXISTS (SELECT FROM account_api AS x WHERE x.l = a.item)
      AND NOT EXISTS (SELECT FROM account_api AS x WHERE x.r = p.item)
) AS near;
