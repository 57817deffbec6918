-- One row per week, Monday to Sunday in the organization's time zone. A week
-- that reaches beyond the period counts when a scan lies in it and is otherwise
-- listed, not judged.
WITH numbered AS (
    SELECT
        -- 1970-01-05 was a Monday; dates count in days from 1970-01-01.
        (CAST($period_start AS BIGINT) - 4) / 7 + t.tens * 10 + u.ones AS week_no
    FROM (VALUES
        (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15),
        (16), (17), (18), (19), (20), (21), (22), (23), (24), (25), (26)
    ) AS t (tens)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS u (ones)
),
weeks AS (
    SELECT
        week_no,
        DATE '1970-01-05' + week_no * 7 AS starts_on,
        DATE '1970-01-05' + week_no * 7 + 6 AS ends_on
    FROM numbered
),
scans AS (
    SELECT
        (CAST(local_date(completed_at) AS BIGINT) - 4) / 7 AS week_no,
        count(*) AS runs,
        count(*) FILTER (WHERE status = 'completed' AND is_authenticated) AS full_runs,
        min(completed_at) FILTER (WHERE status = 'completed' AND is_authenticated) AS first_at
    FROM vulnerability_scans
    WHERE within(completed_at, $period_start, $period_end)
    GROUP BY 1
)
SELECT
    'scan/' || to_char(w.starts_on, '%G-W%V') AS item,
    CASE
        WHEN s.full_runs > 0 THEN 'operated'
        WHEN w.starts_on < $period_start OR w.ends_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN s.full_runs > 0 THEN 'scanned on ' || CAST(local_date(s.first_at) AS TEXT)
        WHEN w.starts_on < $period_start OR w.ends_on > $period_end
            THEN 'only part of the week lies in the period'
        WHEN s.runs > 0
            THEN 'no run completed with credentials in the week from ' || CAST(w.starts_on AS TEXT)
        ELSE 'no run in the week from ' || CAST(w.starts_on AS TEXT)
    END AS reason,
    coalesce(local_date(s.first_at), w.ends_on) AS occurred_at,
    coalesce(s.runs, 0) AS runs
FROM weeks AS w
LEFT JOIN scans AS s ON s.week_no = w.week_no
WHERE w.starts_on <= $period_end
