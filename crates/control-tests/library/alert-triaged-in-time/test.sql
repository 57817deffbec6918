-- One row per alert raised in the period. One that nobody has taken up yet and
-- whose time runs beyond the period is listed, not judged. A duplicate that nobody acknowledged
-- is listed: the alert it repeats is judged in its place.
WITH timed AS (
    SELECT
        *,
        CASE WHEN severity IN ('high', 'critical') THEN $urgent_hours ELSE $other_hours END AS hours_allowed,
        (date_part('epoch', acknowledged_at) - date_part('epoch', raised_at)) / 3600.0 AS hours_taken,
        raised_at + CAST(
            CAST(CASE WHEN severity IN ('high', 'critical') THEN $urgent_hours ELSE $other_hours END AS TEXT)
                || ' hours' AS INTERVAL
        ) AS limit_at
    FROM alerts
    WHERE within(raised_at, $period_start, $period_end)
)
SELECT
    alert_id AS item,
    CASE
        WHEN hours_taken <= hours_allowed THEN 'operated'
        WHEN acknowledged_at IS NULL AND disposition = 'duplicate' THEN 'excluded'
        WHEN acknowledged_at IS NULL AND local_date(limit_at) > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN hours_taken <= hours_allowed THEN 'acknowledged in time'
        WHEN acknowledged_at IS NULL AND disposition = 'duplicate' THEN 'closed as a duplicate of another alert'
        WHEN acknowledged_at IS NULL AND local_date(limit_at) > $period_end
            THEN 'not due until after the period'
        WHEN acknowledged_at IS NULL THEN 'not acknowledged, ' || CAST(hours_allowed AS TEXT) || ' hours allowed'
        ELSE 'acknowledged after '
            || replace(CAST(round(hours_taken, 1) AS TEXT) || ' hours', '.0 hours', ' hours') || ', '
            || CAST(hours_allowed AS TEXT) || ' allowed'
    END AS reason,
    raised_at AS occurred_at,
    severity,
    disposition,
    ticket_key
FROM timed
