-- The rows of a result: one per leaver, sorted as Tickmark sorts its items.
SELECT
    item,
    status,
    reason,
    occurred_at,
    accounts_found,
    accounts_logged,
    first_sign_in_at,
    CAST(NULL AS TEXT) AS intervals
FROM (
{test}
) AS found
ORDER BY item
