-- Items that are one play although their ids differ. renamed: item_id -> into_item, the one that stands.
CREATE TEMP TABLE renamed (item_id text COLLATE "C" PRIMARY KEY, into_item text COLLATE "C" NOT NULL) ON COMMIT DROP;

-- Exports once had no ids. A provisional id is Spotify's with the same names, whatever import either came with: equal end,
-- ms_played and kind; of several the smallest, as the id map has it.
INSERT INTO renamed
SELECT x.item_id, (array_agg(s.item_id ORDER BY s.track_id))[1]
FROM held AS x
JOIN held AS s USING (ended_at, ms_played, names_id, kind)
WHERE x.origin = 'extended' AND x.place = 1 AND starts_with(x.track_id, 'x:')
  AND s.origin = 'extended' AND s.place = 1 AND NOT starts_with(s.track_id, 'x:')
GROUP BY x.item_id;

-- Spotify renames titles between two exports: equal end and ms_played (> 0), no import that has both, and neither has another
-- candidate. The one stands that is identified, with Spotify's id, of the import that reaches further.
INSERT INTO renamed
WITH slot AS (
    SELECT origin, ended_at, ms_played
    FROM held
    WHERE place = 1 AND ms_played > 0
      AND (SELECT min(import_id) <> max(import_id) FROM held)  -- One import alone renames nothing.
    GROUP BY origin, ended_at, ms_played
    HAVING count(*) > 1
),
item AS (
    SELECT
        origin, ended_at, ms_played, coalesce(r.into_item, h.item_id) AS item_id,
        array_agg(DISTINCT h.import_id ORDER BY h.import_id) AS imports
    FROM held AS h
    JOIN slot USING (origin, ended_at, ms_played)
    LEFT JOIN renamed AS r USING (item_id)
    GROUP BY origin, ended_at, ms_played, coalesce(r.into_item, h.item_id)
),
-- Items with the same imports have the same candidates: counted together, so that a crowded slot stays cheap.
alike AS (
    SELECT origin, ended_at, ms_played, imports, count(*) AS item_count, min(item_id) AS item_id
    FROM item
    GROUP BY origin, ended_at, ms_played, imports
),
candidate AS (
    SELECT a.item_id, b.item_id AS other, sum(b.item_count) OVER (PARTITION BY a.item_id) AS candidate_count
    FROM alike AS a
    JOIN alike AS b USING (origin, ended_at, ms_played)
    WHERE NOT a.imports && b.imports
),
pair AS (
    SELECT x.item_id, x.other
    FROM candidate AS x
    JOIN candidate AS y ON y.item_id = x.other AND y.other = x.item_id
    WHERE x.candidate_count = 1 AND y.candidate_count = 1
),
better AS (
    SELECT
        p.item_id, p.other,
        row_number() OVER (
            PARTITION BY least(p.item_id, p.other)
            ORDER BY h.kind IS NOT NULL DESC, h.track_id NOT LIKE 'x:%' DESC, h.reach DESC, h.track_id
        ) AS place
    FROM pair AS p
    JOIN held AS h ON h.item_id = p.item_id AND h.place = 1
)
SELECT item_id, other FROM better WHERE place = 2;

-- What joined one that then joined another stands where that one does.
UPDATE renamed AS r SET into_item = further.into_item FROM renamed AS further WHERE further.item_id = r.into_item;
