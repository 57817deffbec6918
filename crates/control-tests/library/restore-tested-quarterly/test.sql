-- One row per calendar quarter of the period. A quarter that reaches beyond the
-- period counts when a success lies in it and is otherwise listed, not judged.
WITH numbered AS (
    SELECT
        CAST(date_part('year', $period_start) AS BIGINT) * 4
            + (CAST(date_part('month', $period_start) AS BIGINT) - 1) / 3 + n AS quarter_no
    FROM (VALUES
        (0), (1), (2), (3), (4), (5), (6), (7), (8), (9),
        (10), (11), (12), (13), (14), (15), (16), (17), (18), (19)
    ) AS v (n)
),
quarters AS (
    SELECT
        quarter_no,
        CAST(quarter_no / 4 AS TEXT) || '-Q' || CAST(quarter_no % 4 + 1 AS TEXT) AS label,
        make_date(quarter_no / 4, (quarter_no % 4) * 3 + 1, 1) AS starts_on,
        make_date((quarter_no + 1) / 4, ((quarter_no + 1) % 4) * 3 + 1, 1) - 1 AS ends_on
    FROM numbered
),
tried AS (
    SELECT
        CAST(date_part('year', tested_on) AS BIGINT) * 4
            + (CAST(date_part('month', tested_on) AS BIGINT) - 1) / 3 AS quarter_no,
        count(*) AS times,
        count(*) FILTER (WHERE result = 'success') AS successes,
        min(tested_on) FILTER (WHERE result = 'success') AS success_on,
        max(rto_minutes) FILTER (WHERE result = 'success') AS rto_minutes
    FROM restore_tests
    WHERE within(tested_on, $period_start, $period_end)
    GROUP BY 1
)
SELECT
    'restore_test/' || q.label AS item,
    CASE
        WHEN t.successes > 0 THEN 'operated'
        WHEN q.starts_on < $period_start OR q.ends_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN t.successes > 0
            THEN 'restored on ' || CAST(t.success_on AS TEXT)
                || coalesce(' in ' || CAST(t.rto_minutes AS TEXT) || ' minutes', '')
        WHEN q.starts_on < $period_start OR q.ends_on > $period_end
            THEN 'only part of the quarter lies in the period'
        WHEN t.times > 0
            THEN 'no restore succeeded, attempts: ' || CAST(t.times AS TEXT)
        ELSE 'no restore test in the quarter'
    END AS reason,
    coalesce(t.success_on, q.ends_on) AS occurred_at,
    coalesce(t.times, 0) AS attempts,
    t.rto_minutes
FROM quarters AS q
LEFT JOIN tried AS t ON t.quarter_no = q.quarter_no
WHERE q.starts_on <= $period_end
