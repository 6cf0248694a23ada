-- Purpose: make the rows of one published table that the load may replace equal to their candidates. Write only rows that differ.
-- Parameters: target, the published table; this_load, the load_id of every row written.
-- Returns: the number of rows inserted, updated and deleted.
-- The columns decide which rows may be replaced: in a table with listener_id, those of the listeners in candidate.touched; in any
-- other table, those of the items in candidate.touched_id, by the first column of the key.
-- audit.publish calls it as publisher: only the owner of a table may drop and create its key and indexes.
CREATE OR REPLACE FUNCTION audit.publish_table(
    target regclass, this_load bigint, OUT inserted bigint, OUT updated bigint, OUT deleted bigint
)
LANGUAGE plpgsql SET enable_nestloop = on AS $$
DECLARE
    candidate_table  text := (SELECT format('candidate.%I', relname) FROM pg_class WHERE oid = target);
    key_columns      text[];
    value_columns    text[];
    same_key         text;
    may_be_replaced  text;
    published_values text;
    candidate_values text;
    is_empty         boolean;
    drop_statements      text[] := '{}';
    create_statements       text[] := '{}';
    statement        text;
BEGIN
    IF (SELECT relnamespace NOT IN ('core'::regnamespace, 'mart'::regnamespace) FROM pg_class WHERE oid = target) THEN
        RAISE EXCEPTION '% is not published.', target;
    END IF;

    SELECT array_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum))
      INTO key_columns
      FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
     WHERE i.indrelid = target AND i.indisprimary;

    SELECT coalesce(array_agg(attname ORDER BY attnum), '{}')
      INTO value_columns
      FROM pg_attribute
     WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attname <> 'load_id' AND attname <> ALL (key_columns);

    SELECT string_agg(format('published.%1$I = candidate.%1$I', name), ' AND ') INTO same_key FROM unnest(key_columns) AS name;

    IF 'listener_id' = ANY (key_columns || value_columns) THEN
        may_be_replaced := 'EXISTS (SELECT FROM candidate.touched AS scope WHERE scope.listener_id = %s.listener_id)';
    ELSE
        may_be_replaced := format(
            'EXISTS (SELECT FROM candidate.touched_id AS scope WHERE scope.kind = %L AND scope.id = %%s.%I)',
            regexp_replace(key_columns[1], '_id$', ''), key_columns[1]);
    END IF;

    -- If a table was empty or nearly empty at its last ANALYZE, the planner expects few rows and would scan it once for each
    -- candidate. A hash of a table that is not larger than its candidate costs no more than reading the candidate. The SET clause
    -- of the function restores the setting at its end.
    IF pg_relation_size(target) <= pg_relation_size(candidate_table) THEN
        SET LOCAL enable_nestloop = off;
    END IF;

    EXECUTE format(
        'DELETE FROM %s AS published WHERE %s AND NOT EXISTS (SELECT FROM %s AS candidate WHERE %s)',
        target, format(may_be_replaced, 'published'), candidate_table, same_key);
    GET DIAGNOSTICS deleted = ROW_COUNT;

    updated := 0;
    IF value_columns <> '{}' THEN
        SELECT string_agg(format('published.%I', name), ', '), string_agg(format('candidate.%I', name), ', ')
          INTO published_values, candidate_values
          FROM unnest(value_columns) AS name;
        EXECUTE format(
            'UPDATE %s AS published SET (%s, load_id) = ROW(%s, $1) FROM %s AS candidate'
            ' WHERE %s AND %s AND (%s) IS DISTINCT FROM (%s)',
            target, (SELECT string_agg(quote_ident(name), ', ') FROM unnest(value_columns) AS name), candidate_values,
            candidate_table, same_key, format(may_be_replaced, 'candidate'), published_values, candidate_values)
        USING this_load;
        GET DIAGNOSTICS updated = ROW_COUNT;
    END IF;

    -- It is much faster to create the key and the indexes after the rows. Readers of the empty table wait meanwhile.
    -- Debezium reads the key after the commit, so it never sees the table without one.
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', target) INTO is_empty;
    IF is_empty THEN
        SELECT array_agg(drop_statement), array_agg(create_statement)
          INTO drop_statements, create_statements
          FROM (
            SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', target, conname),
                   format('ALTER TABLE %s ADD CONSTRAINT %I %s', target, conname, pg_get_constraintdef(oid))
              FROM pg_constraint WHERE conrelid = target AND contype = 'p'
            UNION ALL
            SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
              FROM pg_index WHERE indrelid = target AND NOT indisunique
          ) AS index (drop_statement, create_statement);
    END IF;

    FOREACH statement IN ARRAY drop_statements LOOP
        EXECUTE statement;
    END LOOP;

    EXECUTE format(
        'INSERT INTO %s (%s, load_id) SELECT %s, $1 FROM %s AS candidate'
        ' WHERE %s AND NOT EXISTS (SELECT FROM %s AS published WHERE %s)',
        target,
        (SELECT string_agg(quote_ident(name), ', ') FROM unnest(key_columns || value_columns) AS name),
        (SELECT string_agg(format('candidate.%I', name), ', ') FROM unnest(key_columns || value_columns) AS name),
        candidate_table, format(may_be_replaced, 'candidate'), target, same_key)
    USING this_load;
    GET DIAGNOSTICS inserted = ROW_COUNT;

    FOREACH statement IN ARRAY create_statements LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
