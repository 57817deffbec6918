-- One row per calendar quarter of the period. A quarter that reaches beyond the
-- period counts when a meeting lies in it and is otherwise listed, not judged.
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
held AS (
    SELECT
        CAST(date_part('year', performed_on) AS BIGINT) * 4
            + (CAST(date_part('month', performed_on) AS BIGINT) - 1) / 3 AS quarter_no,
        min(performed_on) AS first_on,
        count(*) AS times
    FROM activities
    WHERE activity = 'board_meeting' AND within(performed_on, $period_start, $period_end)
    GROUP BY 1
)
SELECT
    'board_meeting/' || q.label AS item,
    CASE
        WHEN h.times > 0 THEN 'operated'
        WHEN q.starts_on < $period_start OR q.ends_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN h.times > 0 THEN 'met on ' || CAST(h.first_on AS TEXT)
        WHEN q.starts_on < $period_start OR q.ends_on > $period_end
            THEN 'only part of the quarter lies in the period'
        ELSE 'no meeting in the quarter'
    END AS reason,
    coalesce(h.first_on, q.ends_on) AS occurred_at,
    coalesce(h.times, 0) AS times
FROM quarters AS q
LEFT JOIN held AS h ON h.quarter_no = q.quarter_no
WHERE q.starts_on <= $period_end
