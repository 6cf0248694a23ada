-- Merge items of one origin that are one play although their ids differ.
--
-- Reads received_row.
-- Creates merged_item: the items that were merged, each with the item that it was merged into.
CREATE TEMP TABLE merged_item (
    item_id text COLLATE "C" PRIMARY KEY, into_item_id text COLLATE "C" NOT NULL
) ON COMMIT DROP;

-- Earlier versions of this program stored ts as the end of logout rows. If a later import has the same row with a
-- computed end, merge the stored item into that item.
INSERT INTO merged_item
SELECT stored.item_id, min(computed.item_id COLLATE "C")
FROM received_row AS stored
JOIN received_row AS computed USING (ts, ms_played, track_id)
WHERE stored.origin = 'extended' AND stored.is_representative AND stored.is_logout AND NOT stored.is_end_computed
  AND computed.origin = 'extended' AND computed.is_representative AND computed.is_logout AND computed.is_end_computed
GROUP BY stored.item_id;

-- Old exports have no Spotify ids. Merge an item with a provisional id into the item with a Spotify id, if end,
-- ms_played, kind and names are equal. They may come from any imports, and the identified item may have been received
-- under several names. If several Spotify ids fit, take the smallest, as raw.id_map does.
INSERT INTO merged_item
SELECT provisional.item_id, (array_agg(identified.item_id ORDER BY identified.track_id))[1]
FROM received_row AS provisional
JOIN received_row AS identified USING (ended_at, ms_played, names_id, kind)
WHERE provisional.origin = 'extended' AND provisional.is_representative AND starts_with(provisional.track_id, 'x:')
  AND identified.origin = 'extended' AND (identified.is_representative OR identified.has_other_names)
  AND NOT starts_with(identified.track_id, 'x:')
GROUP BY provisional.item_id
ON CONFLICT DO NOTHING;

-- If an item was merged into one that was merged itself, point it at the last one. This is repeated after each of the
-- next merges.
UPDATE merged_item AS m SET into_item_id = next.into_item_id FROM merged_item AS next WHERE next.item_id = m.into_item_id;

-- A damaged file has U+FFFD in place of characters that could not be read. Merge an item with a provisional id of such
-- names into an intact item, if end, ms_played and kind are equal and the names fit when each run of U+FFFD matches any
-- text. They may come from any imports. If several items fit, prefer a Spotify id, then take the smallest id.
INSERT INTO merged_item
WITH broken_item AS (
    SELECT
        r.item_id, r.origin, r.ended_at, r.ms_played, r.kind,
        -- LIKE patterns: % for each run of U+FFFD, and a backslash before LIKE's own characters.
        regexp_replace(regexp_replace(coalesce(p.artist_key, ''), '([\\%_])', '\\\1', 'g'), E'\uFFFD+', '%', 'g')
            AS artist_pattern,
        regexp_replace(regexp_replace(coalesce(p.title_key, ''), '([\\%_])', '\\\1', 'g'), E'\uFFFD+', '%', 'g')
            AS title_pattern
    FROM received_row AS r
    JOIN landing.play AS p USING (batch_id, row_number)
    WHERE r.origin IN ('extended', 'account') AND r.is_representative AND r.is_broken AND starts_with(r.track_id, 'x:')
      AND p.batch_id = ANY (ARRAY (SELECT batch_id FROM promoted_batch))
      AND strpos(concat(p.artist_key, p.title_key), E'\uFFFD') > 0
)
SELECT
    b.item_id,
    (array_agg(
        coalesce(m.into_item_id, intact.item_id) ORDER BY starts_with(intact.track_id, 'x:'), intact.track_id
    ))[1]
FROM broken_item AS b
JOIN received_row AS intact USING (origin, ended_at, ms_played, kind)
JOIN landing.play AS p USING (batch_id, row_number)
LEFT JOIN merged_item AS m ON m.item_id = intact.item_id
WHERE (SELECT bool_or(is_broken) FROM received_row)  -- Without broken rows, no table is read again.
  AND p.batch_id = ANY (ARRAY (SELECT batch_id FROM promoted_batch))
  AND strpos(concat(p.artist_key, p.title_key), E'\uFFFD') = 0
  AND coalesce(p.artist_key, '') LIKE b.artist_pattern
  AND coalesce(p.title_key, '') LIKE b.title_pattern
GROUP BY b.item_id
ON CONFLICT DO NOTHING;

UPDATE merged_item AS m SET into_item_id = next.into_item_id FROM merged_item AS next WHERE next.item_id = m.into_item_id;

-- Spotify renames titles between exports. Merge two items if end and ms_played (> 0) are equal, no import has both, and
-- neither has another candidate.
INSERT INTO merged_item
-- The ends and lengths that several items have.
WITH shared_slot AS (
    SELECT origin, ended_at, ms_played
    FROM received_row
    WHERE is_representative AND ms_played > 0
      AND (SELECT min(import_id) <> max(import_id) FROM received_row)  -- Renaming takes at least two imports.
    GROUP BY origin, ended_at, ms_played
    HAVING count(*) > 1
),
-- The imports of each of those items.
item AS (
    SELECT
        origin, ended_at, ms_played, coalesce(m.into_item_id, r.item_id) AS item_id,
        array_agg(DISTINCT r.import_id ORDER BY r.import_id) AS imports
    FROM received_row AS r
    JOIN shared_slot USING (origin, ended_at, ms_played)
    LEFT JOIN merged_item AS m USING (item_id)
    GROUP BY origin, ended_at, ms_played, coalesce(m.into_item_id, r.item_id)
),
-- Items with the same imports have the same candidates. They are counted as one group, so that a slot with many items
-- is cheap.
item_group AS (
    SELECT origin, ended_at, ms_played, imports, count(*) AS item_count, min(item_id) AS item_id
    FROM item
    GROUP BY origin, ended_at, ms_played, imports
),
candidate AS (
    SELECT a.item_id, b.item_id AS other_item_id, sum(b.item_count) OVER (PARTITION BY a.item_id) AS candidate_count
    FROM item_group AS a
    JOIN item_group AS b USING (origin, ended_at, ms_played)
    WHERE NOT a.imports && b.imports
),
-- Each pair is listed twice, once from each side.
pair AS (
    SELECT x.item_id, x.other_item_id
    FROM candidate AS x
    JOIN candidate AS y ON y.item_id = x.other_item_id AND y.other_item_id = x.item_id
    WHERE x.candidate_count = 1 AND y.candidate_count = 1
),
-- Rank 1 is the item to keep: identified, not broken, with a Spotify id, from the import with the latest end.
ranked AS (
    SELECT
        p.item_id, p.other_item_id,
        row_number() OVER (
            PARTITION BY least(p.item_id, p.other_item_id)
            ORDER BY
                r.kind IS NOT NULL DESC, r.is_broken, r.track_id NOT LIKE 'x:%' DESC, r.import_end DESC, r.track_id
        ) AS rank
    FROM pair AS p
    JOIN received_row AS r ON r.item_id = p.item_id AND r.is_representative
)
SELECT item_id, other_item_id FROM ranked WHERE rank = 2
ON CONFLICT DO NOTHING;

UPDATE merged_item AS m SET into_item_id = next.into_item_id FROM merged_item AS next WHERE next.item_id = m.into_item_id;
