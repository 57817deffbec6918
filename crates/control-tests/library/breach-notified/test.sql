-- One row per breach confirmed in the period. No breach means no item: the
-- control was not called for, which is not the same as having operated.
WITH timed AS (
    SELECT
        *,
        (date_part('epoch', notified_at) - date_part('epoch', confirmed_at)) / 3600.0 AS hours_taken,
        local_date(confirmed_at) + ($hours + 23) / 24 AS limit_on
    FROM breach_notifications
    WHERE within(confirmed_at, $period_start, $period_end)
)
SELECT
    breach_id AS item,
    CASE
        WHEN hours_taken <= $hours THEN 'operated'
        WHEN notified_at IS NULL AND limit_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN notified_at IS NULL AND limit_on > $period_end THEN 'not due until after the period'
        WHEN notified_at IS NULL THEN 'no notice on record'
        ELSE 'told '
            || replace(CAST(round(hours_taken, 1) AS TEXT) || ' hours', '.0 hours', ' hours')
            || ' after the confirmation, ' || CAST($hours AS TEXT) || ' allowed'
    END AS reason,
    confirmed_at AS occurred_at,
    incident_id,
    notified_at
FROM timed
