-- One row per incident detected in the period.
WITH judged AS (
    SELECT
        *,
        severity BETWEEN 1 AND $lowest_severity AS is_classified
    FROM incidents
    WHERE within(detected_at, $period_start, $period_end)
)
SELECT
    incident_id AS item,
    CASE
        WHEN NOT is_classified OR owner_email IS NULL OR acknowledged_at IS NULL THEN 'deviation'
        WHEN is_personal_data_breach IS NULL THEN 'not_tested'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN NOT is_classified THEN 'severity ' || CAST(severity AS TEXT) || ' is not on the scale'
        WHEN owner_email IS NULL THEN 'no owner recorded'
        WHEN acknowledged_at IS NULL THEN 'no time of acknowledgement recorded'
        WHEN is_personal_data_breach IS NULL
            THEN 'the source cannot say whether personal data was concerned'
        ELSE 'recorded with severity ' || CAST(severity AS TEXT) || ', owner and times'
    END AS reason,
    detected_at AS occurred_at,
    severity,
    resolved_at,
    outage_minutes
FROM judged
