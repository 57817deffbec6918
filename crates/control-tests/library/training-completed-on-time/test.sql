-- One row per assignment made in the period. An open assignment that falls due
-- after the period is listed, not judged.
SELECT
    person_id || '/' || course || '/' || CAST(assigned_on AS TEXT) AS item,
    CASE
        WHEN completed_on <= due_on THEN 'operated'
        WHEN completed_on IS NULL AND due_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN completed_on <= due_on THEN 'completed by the due date'
        WHEN completed_on IS NOT NULL
            THEN 'completed ' || CAST(completed_on - due_on AS TEXT)
                || CASE WHEN completed_on - due_on = 1 THEN ' day' ELSE ' days' END
                || ' after the due date'
        WHEN due_on > $period_end THEN 'not due until after the period'
        ELSE 'not completed'
    END AS reason,
    assigned_on AS occurred_at,
    due_on,
    completed_on
FROM training_assignments
WHERE within(assigned_on, $period_start, $period_end)
