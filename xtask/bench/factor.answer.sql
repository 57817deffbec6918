SELECT
    item,
    status,
    reason,
    written(occurred_at) AS occurred_at,
    days_deviating,
    days_not_observed,
    days_operating,
    CAST(has_production_access AS TEXT) AS has_production_access,
    CAST(is_admin AS TEXT) AS is_admin,
    intervals
FROM answer
ORDER BY item
