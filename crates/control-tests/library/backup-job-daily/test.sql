-- One row per database and day of the period. A database takes part from its
-- first job on. A job that ran and failed did run: whether its failure was dealt
-- with is what `backup-failure-handled` tests.
WITH days AS (
    SELECT CAST($period_start AS DATE) + (h.hundreds * 100 + t.tens * 10 + u.ones) AS day
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16), (17), (18))
        AS h (hundreds)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS t (tens)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS u (ones)
),
stores AS (
    SELECT resource_uid, min(scheduled_on) AS first_on
    FROM backups
    GROUP BY resource_uid
),
jobs AS (
    SELECT
        resource_uid,
        scheduled_on,
        count(*) AS jobs_run,
        count(*) FILTER (WHERE status = 'success') AS jobs_succeeded
    FROM backups
    WHERE within(scheduled_on, $period_start, $period_end)
    GROUP BY resource_uid, scheduled_on
)
SELECT
    s.resource_uid || '/' || CAST(d.day AS TEXT) AS item,
    CASE WHEN j.jobs_run > 0 THEN 'operated' ELSE 'deviation' END AS status,
    CASE
        WHEN j.jobs_succeeded > 0 THEN 'a job ran and succeeded'
        WHEN j.jobs_run > 0 THEN 'a job ran and failed; its handling is tested separately'
        ELSE 'no job on the day'
    END AS reason,
    d.day AS occurred_at,
    coalesce(j.jobs_run, 0) AS jobs_run,
    coalesce(j.jobs_succeeded, 0) AS jobs_succeeded
FROM stores AS s
CROSS JOIN days AS d
LEFT JOIN jobs AS j ON j.resource_uid = s.resource_uid AND j.scheduled_on = d.day
WHERE d.day BETWEEN s.first_on AND $period_end
