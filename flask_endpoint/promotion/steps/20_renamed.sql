-- Items that are one play although Spotify renamed it between two exports: equal end and ms_played (> 0), no import that has
-- both, and neither has another candidate.
-- renamed: item -> into_item, the one whose names stand: identified, with Spotify's id, of the import that reaches further.
CREATE TEMP TABLE renamed (item bigint PRIMARY KEY, into_item bigint NOT NULL) ON COMMIT DROP;

INSERT INTO renamed
WITH slot AS (
    SELECT origin, ended_at, ms_played
    FROM held
    WHERE ms_played > 0 AND (SELECT min(import_id) <> max(import_id) FROM held)  -- One import alone renames nothing.
    GROUP BY origin, ended_at, ms_played
    HAVING min(item) <> max(item) AND min(import_id) <> max(import_id)
),
item AS (
    SELECT origin, ended_at, ms_played, h.item, array_agg(DISTINCT h.import_id ORDER BY h.import_id) AS imports
    FROM held AS h
    JOIN slot USING (origin, ended_at, ms_played)
    GROUP BY origin, ended_at, ms_played, h.item
),
-- Items with the same imports have the same candidates: counted together, so that a crowded slot stays cheap.
alike AS (
    SELECT origin, ended_at, ms_played, imports, count(*) AS item_count, min(item.item) AS item
    FROM item
    GROUP BY origin, ended_at, ms_played, imports
),
candidate AS (
    SELECT a.item, b.item AS other, sum(b.item_count) OVER (PARTITION BY a.item) AS candidate_count, a.item_count
    FROM alike AS a
    JOIN alike AS b USING (origin, ended_at, ms_played)
    WHERE NOT a.imports && b.imports
),
pair AS (
    SELECT x.item, x.other
    FROM candidate AS x
    JOIN candidate AS y ON y.item = x.other AND y.other = x.item
    WHERE x.candidate_count = 1 AND y.candidate_count = 1
),
better AS (
    SELECT
        p.item, p.other,
        row_number() OVER (
            PARTITION BY least(p.item, p.other)
            ORDER BY h.kind IS NOT NULL DESC, h.track_id NOT LIKE 'x:%' DESC, h.reach DESC, p.item
        ) AS place
    FROM pair AS p
    JOIN held AS h ON h.item = p.item AND h.place = 1
)
SELECT item, other FROM better WHERE place = 2;
