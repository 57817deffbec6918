-- One row per failed job of the period; jobs that succeeded are no items, since
-- they would hide the failures behind their number. The time runs from the end
-- of the failed job, or counts in days where the source gives no end. A repeat
-- that ended before the failure, or a ticket made on an earlier day, is none of
-- this failure. When a ticket that the tracker does not know was made, nobody
-- can say.
WITH failed AS (
    SELECT
        b.job_id,
        b.resource_uid,
        b.scheduled_on,
        b.completed_at,
        b.ticket_key,
        b.rerun_completed_at,
        CASE
            WHEN b.completed_at IS NOT NULL
                THEN (date_part('epoch', b.rerun_completed_at) - date_part('epoch', b.completed_at)) / 3600.0
            ELSE (local_date(b.rerun_completed_at) - b.scheduled_on) * 24.0
        END AS rerun_hours,
        CASE
            WHEN b.completed_at IS NOT NULL
                THEN (date_part('epoch', t.created_at) - date_part('epoch', b.completed_at)) / 3600.0
            ELSE (local_date(t.created_at) - b.scheduled_on) * 24.0
        END AS ticket_hours,
        local_date(t.created_at) < b.scheduled_on AS is_older_ticket,
        b.ticket_key IS NOT NULL AND t.created_at IS NULL AS is_unknown_ticket
    FROM backups AS b
    LEFT JOIN (SELECT key, min(created_at) AS created_at FROM tickets GROUP BY key) AS t ON t.key = b.ticket_key
    WHERE b.status = 'failure' AND within(b.scheduled_on, $period_start, $period_end)
)
SELECT
    job_id AS item,
    CASE
        WHEN rerun_hours BETWEEN 0 AND $hours THEN 'operated'
        WHEN ticket_hours <= $hours AND NOT is_older_ticket THEN 'operated'
        WHEN is_unknown_ticket THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN rerun_hours BETWEEN 0 AND $hours
            THEN 'repeated successfully after '
                || replace(CAST(round(rerun_hours, 1) AS TEXT) || ' hours', '.0 hours', ' hours')
        WHEN ticket_hours <= $hours AND NOT is_older_ticket THEN 'entered in the ticket ' || ticket_key
        WHEN is_unknown_ticket
            THEN 'the source cannot say when the ticket ' || ticket_key || ' was made: the tracker does not know it'
        WHEN rerun_hours > $hours
            THEN 'repeated only after '
                || replace(CAST(round(rerun_hours, 1) AS TEXT) || ' hours', '.0 hours', ' hours')
                || ', ' || CAST($hours AS TEXT) || ' allowed'
        WHEN ticket_hours > $hours
            THEN 'entered in a ticket only after '
                || replace(CAST(round(ticket_hours, 1) AS TEXT) || ' hours', '.0 hours', ' hours')
                || ', ' || CAST($hours AS TEXT) || ' allowed'
        WHEN is_older_ticket
            THEN 'not repeated, and the ticket ' || ticket_key || ' is older than the failure'
        ELSE 'neither repeated nor entered in a ticket'
    END AS reason,
    scheduled_on AS occurred_at,
    resource_uid,
    ticket_key,
    rerun_completed_at
FROM failed
