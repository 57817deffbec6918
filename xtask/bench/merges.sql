-- The rows of a result: one per change, sorted as Tickmark sorts its items.
SELECT
    item,
    status,
    reason,
    occurred_at,
    author_account,
    earlier_approvals,
    final_approvals,
    merged_by_account,
    merged_by_bypass,
    repo,
    CAST(NULL AS TEXT) AS intervals
FROM (
{test}
) AS found
ORDER BY item
