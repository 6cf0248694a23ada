-- Increment the version of the listener if their plays or coverage changed, and of every listener who played an id whose mapping changed.
--
-- Parameters: parameters (listener_id, batch_id), counter and mapped. The caller holds the lock on the id map. This is the last step,
-- so that the updated rows stay locked only until the commit.
UPDATE raw.listener AS l
SET version = version + 1
WHERE (
        l.listener_id = (SELECT listener_id FROM parameters)
        AND EXISTS (
            SELECT FROM counter
            WHERE name IN ('plays_deleted', 'plays_updated', 'plays_inserted', 'spans_changed') AND value > 0
        )
      )
   OR l.listener_id IN (SELECT u.listener_id FROM raw.item_use AS u JOIN mapped AS m ON m.provisional_id = u.item_id);
