-- One row per finding reported in the period. A finding that is still open and
-- falls due after the period operates as long as a ticket follows it.
SELECT
    finding_id AS item,
    CASE
        WHEN closed_on <= due_on THEN 'operated'
        WHEN closed_on IS NULL AND due_on > $period_end AND ticket_key IS NOT NULL THEN 'operated'
        WHEN closed_on IS NOT NULL AND due_on IS NULL THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN closed_on <= due_on THEN 'closed by the due date'
        WHEN closed_on > due_on
            THEN 'closed ' || CAST(closed_on - due_on AS TEXT)
                || CASE WHEN closed_on - due_on = 1 THEN ' day' ELSE ' days' END
                || ' after the due date'
        WHEN closed_on IS NOT NULL THEN 'the source cannot say when the finding was due'
        WHEN due_on IS NULL THEN 'open without a due date'
        WHEN due_on <= $period_end THEN 'open, due on ' || CAST(due_on AS TEXT)
        WHEN ticket_key IS NULL THEN 'open without a ticket'
        ELSE 'open and tracked, due on ' || CAST(due_on AS TEXT)
    END AS reason,
    reported_on AS occurred_at,
    assessment,
    severity,
    due_on,
    closed_on,
    ticket_key
FROM assessment_findings
WHERE within(reported_on, $period_start, $period_end)
