-- Purpose: a function that several queries of bench/sql use.
-- part / whole, rounded half up; null if whole is null or 0. The division is in whole numbers, so the result is rounded only once.
CREATE MACRO share(part, whole) AS
    (((2 * part::bigint * 100000000 + whole::bigint) // nullif(2 * whole::bigint, 0))::decimal(20, 0) * 0.00000001)::decimal(9, 8)
