-- One row per review due in the period.
SELECT
    person_id || '/' || cycle AS item,
    CASE
        WHEN completed_on IS NULL OR completed_on > due_on THEN 'deviation'
        WHEN covers_security IS NULL THEN 'not_tested'
        WHEN covers_security THEN 'operated'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN completed_on IS NULL THEN 'not held'
        WHEN completed_on > due_on
            THEN 'held ' || CAST(completed_on - due_on AS TEXT)
                || CASE WHEN completed_on - due_on = 1 THEN ' day' ELSE ' days' END
                || ' after the due date'
        WHEN covers_security IS NULL THEN 'the source cannot say whether security duties were covered'
        WHEN covers_security THEN 'held by the due date, security duties covered'
        ELSE 'held by the due date, security duties not covered'
    END AS reason,
    due_on AS occurred_at,
    completed_on
FROM performance_reviews
WHERE within(due_on, $period_start, $period_end)
