-- One row per request made in the period. An open request that falls due after
-- the period, or of somebody who left before it fell due, is listed, not judged.
WITH departures AS (
    SELECT person_id, CASE WHEN bool_or(end_date IS NULL) THEN NULL ELSE max(end_date) END AS left_on
    FROM people
    GROUP BY person_id
)
SELECT
    a.person_id || '/' || bundle || '/' || CAST(assigned_on AS TEXT) AS item,
    CASE
        WHEN acknowledged_on <= due_on THEN 'operated'
        WHEN acknowledged_on IS NULL AND due_on > $period_end THEN 'excluded'
        WHEN acknowledged_on IS NULL AND d.left_on < due_on THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN acknowledged_on <= due_on THEN 'acknowledged by the due date'
        WHEN acknowledged_on IS NOT NULL
            THEN 'acknowledged ' || CAST(acknowledged_on - due_on AS TEXT)
                || CASE WHEN acknowledged_on - due_on = 1 THEN ' day' ELSE ' days' END
                || ' after the due date'
        WHEN due_on > $period_end THEN 'not due until after the period'
        WHEN d.left_on < due_on THEN 'left the company before the due date'
        ELSE 'not acknowledged'
    END AS reason,
    assigned_on AS occurred_at,
    version,
    due_on,
    acknowledged_on
FROM policy_acknowledgements AS a
LEFT JOIN departures AS d ON d.person_id = a.person_id
WHERE within(assigned_on, $period_start, $period_end)
