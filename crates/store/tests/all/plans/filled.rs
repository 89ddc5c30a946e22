//! A database of PostgreSQL with so many rows in every table that it plans as for a large store.
//! The rows mean nothing: they are as many, and as different from each other, as those of a store would be.

/// Rows of each table.
const ROWS: u32 = 5_000;

/// Fills every table there is, one that comes later included: numbers are counted up, flags are what they are in most rows, numbers
/// of other rows come again and again, and what may be missing is there in one row of ten.
pub fn fill(url: &str) {
    cluster::answer(url, &FILL.replace("ROWS", &ROWS.to_string()));
}

/// Rules between tables and values are put aside: this database is only asked how it would answer.
const FILL: &str = "
DO $$
DECLARE
    one RECORD;
    columns TEXT;
    vals TEXT;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT conrelid::regclass AS tab, conname FROM pg_constraint
        WHERE contype IN ('c', 'f') AND connamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.tab, one.conname);
    END LOOP;
    FOR one IN SELECT c.oid, c.relname FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        AND c.relname NOT IN ('schema', 'pool', 'numbered')
    LOOP
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), string_agg(
            CASE
                WHEN a.attname IN ('removed', 'gone', 'disabled', 'bot') THEN '0'
                WHEN a.attname IN ('kept', 'kind', 'state', 'list', 'shelf', 'role', 'era', 'chat') THEN '1'
                WHEN a.attname IN ('person', 'author', 'room', 'category', 'journal', 'server', 'grp', 'operation', 'policy', 'parent')
                    AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique
                                    AND i.indnatts = 1 AND i.indkey[0] = a.attnum)
                    THEN format('n %% %s + 1', 90 + 7 * a.attnum)
                WHEN NOT a.attnotnull THEN format('CASE WHEN n %% 10 = 0 THEN %s END', made.value)
                ELSE made.value
            END, ', ' ORDER BY a.attnum)
        INTO columns, vals
        FROM pg_attribute a CROSS JOIN LATERAL (SELECT CASE format_type(a.atttypid, NULL)
            WHEN 'bigint' THEN 'n'
            WHEN 'text' THEN '''of '' || n'
            WHEN 'bytea' THEN 'int8send(n)'
            WHEN 'tsvector' THEN 'to_tsvector(''simple'', ''r'' || n % 100 || '' w'' || n % 7 || '' v'' || n)'
            ELSE 'NULL' END AS value) made
        WHERE a.attrelid = one.oid AND a.attnum > 0 AND NOT a.attisdropped;
        EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM generate_series(100000, 99999 + ROWS) n ON CONFLICT DO NOTHING',
                       one.relname, columns, vals);
    END LOOP;
END $$;
ANALYZE";
