-- One row per request made in the period. An open request that falls due after
-- the period is listed, not judged.
SELECT
    person_id || '/' || bundle || '/' || CAST(assigned_on AS TEXT) AS item,
    CASE
        WHEN acknowledged_on <= due_on THEN 'operated'
        WHEN acknowledged_on IS NULL AND due_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN acknowledged_on <= due_on THEN 'acknowledged by the due date'
        WHEN acknowledged_on IS NOT NULL
            THEN 'acknowledged ' || CAST(acknowledged_on - due_on AS TEXT)
                || CASE WHEN acknowledged_on - due_on = 1 THEN ' day' ELSE ' days' END
                || ' after the due date'
        WHEN due_on > $period_end THEN 'not due until after the period'
        ELSE 'not acknowledged'
    END AS reason,
    assigned_on AS occurred_at,
    version,
    due_on,
    acknowledged_on
FROM policy_acknowledgements
WHERE within(assigned_on, $period_start, $period_end)
