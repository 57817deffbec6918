-- One row per serious incident detected in the period; milder ones need no
-- written review and are no items.
WITH dated AS (
    SELECT
        incident_id,
        severity,
        detected_at,
        postmortem_on,
        root_cause IS NOT NULL AS has_root_cause,
        local_date(resolved_at) AS resolved_on,
        business_days_between(local_date(resolved_at), postmortem_on, 'company') AS days_taken,
        add_business_days(local_date(resolved_at), $business_days, 'company') AS limit_on
    FROM incidents
    WHERE severity <= $lowest_severity AND within(detected_at, $period_start, $period_end)
)
SELECT
    incident_id AS item,
    CASE
        WHEN resolved_on IS NULL AND postmortem_on IS NOT NULL THEN 'not_tested'
        WHEN resolved_on IS NULL THEN 'excluded'
        WHEN days_taken <= $business_days THEN 'operated'
        WHEN postmortem_on IS NULL AND limit_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN resolved_on IS NULL AND postmortem_on IS NOT NULL
            THEN 'the source cannot say when the incident was over'
        WHEN resolved_on IS NULL THEN 'the incident was not over'
        WHEN postmortem_on IS NOT NULL
            THEN 'reviewed ' || CAST(days_taken AS TEXT)
                || CASE WHEN days_taken = 1 THEN ' business day' ELSE ' business days' END
                || ' after the end, ' || CAST($business_days AS TEXT) || ' allowed'
        WHEN limit_on > $period_end THEN 'not due until after the period'
        ELSE 'no written review, due on ' || CAST(limit_on AS TEXT)
    END AS reason,
    detected_at AS occurred_at,
    severity,
    resolved_on,
    postmortem_on,
    has_root_cause
FROM dated
