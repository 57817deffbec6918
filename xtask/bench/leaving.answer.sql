SELECT
    item,
    status,
    reason,
    occurred_at,
    accounts_found,
    accounts_logged,
    written(first_sign_in_at) AS first_sign_in_at,
    intervals
FROM answer
ORDER BY item
