SELECT
    item,
    status,
    reason,
    written(occurred_at) AS occurred_at,
    author_account,
    earlier_approvals,
    final_approvals,
    merged_by_account,
    CAST(merged_by_bypass AS TEXT) AS merged_by_bypass,
    repo,
    intervals
FROM answer
ORDER BY item
