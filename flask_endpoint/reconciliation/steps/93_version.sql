-- Raise the version of the listener if any of their rows changed, and of every listener who played an id whose mapping changed.
-- The last thing a promotion does, and under the map's lock: the rows stay locked only until it commits.
UPDATE raw.listener AS l
SET version = version + 1
WHERE (
        l.listener_id = (SELECT listener_id FROM subject)
        AND EXISTS (SELECT FROM changed WHERE what IN ('deleted', 'updated', 'inserted', 'covered') AND row_count > 0)
      )
   OR l.listener_id IN (SELECT u.listener_id FROM raw.item_use AS u JOIN mapped AS m ON m.provisional_id = u.item_id);
