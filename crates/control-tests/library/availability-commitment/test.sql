-- One row per service and month of the period. A miss is a missed commitment,
-- not a control deviation.
SELECT
    service || '/' || CAST(month_end_on AS TEXT) AS item,
    CASE
        WHEN availability_percent IS NULL OR committed_percent IS NULL THEN 'not_tested'
        WHEN availability_percent >= committed_percent THEN 'operated'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN availability_percent IS NULL THEN 'the source cannot say how long the service was available'
        WHEN committed_percent IS NULL THEN 'the source cannot say what was promised'
        ELSE CAST(availability_percent AS TEXT) || ' percent available, '
            || CAST(committed_percent AS TEXT) || ' promised'
    END AS reason,
    month_end_on AS occurred_at,
    minutes_down
FROM service_levels
WHERE within(month_end_on, $period_start, $period_end)
