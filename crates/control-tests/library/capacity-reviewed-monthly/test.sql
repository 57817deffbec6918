-- One row per calendar month of the period. A month that reaches beyond the
-- period counts when a review lies in it and is otherwise listed, not judged.
WITH numbered AS (
    SELECT
        CAST(date_part('year', $period_start) AS BIGINT) * 12
            + CAST(date_part('month', $period_start) AS BIGINT) - 1 + n AS month_no
    FROM (VALUES
        (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15),
        (16), (17), (18), (19), (20), (21), (22), (23), (24), (25), (26), (27), (28), (29), (30), (31),
        (32), (33), (34), (35), (36), (37), (38), (39), (40), (41), (42), (43), (44), (45), (46), (47),
        (48), (49), (50), (51), (52), (53), (54), (55), (56), (57), (58), (59), (60)
    ) AS v (n)
),
months AS (
    SELECT
        month_no,
        make_date(month_no / 12, month_no % 12 + 1, 1) AS starts_on,
        make_date((month_no + 1) / 12, (month_no + 1) % 12 + 1, 1) - 1 AS ends_on
    FROM numbered
),
held AS (
    SELECT
        CAST(date_part('year', performed_on) AS BIGINT) * 12
            + CAST(date_part('month', performed_on) AS BIGINT) - 1 AS month_no,
        min(performed_on) AS first_on,
        count(*) AS times
    FROM activities
    WHERE activity = 'capacity_review' AND within(performed_on, $period_start, $period_end)
    GROUP BY 1
)
SELECT
    'capacity_review/' || to_char(m.starts_on, '%Y-%m') AS item,
    CASE
        WHEN h.times > 0 THEN 'operated'
        WHEN m.starts_on < $period_start OR m.ends_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN h.times > 0 THEN 'reviewed on ' || CAST(h.first_on AS TEXT)
        WHEN m.starts_on < $period_start OR m.ends_on > $period_end
            THEN 'only part of the month lies in the period'
        ELSE 'no review in the month'
    END AS reason,
    coalesce(h.first_on, m.ends_on) AS occurred_at,
    coalesce(h.times, 0) AS times
FROM months AS m
LEFT JOIN held AS h ON h.month_no = m.month_no
WHERE m.starts_on <= $period_end
