-- One row per calendar month of the period. A review belongs to the month its
-- label names (`2026-02`); without such a label, to the month it was opened in or,
-- failing that, fell due in. Where several reviews belong to a month, all count.
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
        to_char(make_date(month_no / 12, month_no % 12 + 1, 1), '%Y-%m') AS label,
        make_date(month_no / 12, month_no % 12 + 1, 1) AS starts_on,
        make_date((month_no + 1) / 12, (month_no + 1) % 12 + 1, 1) - 1 AS ends_on
    FROM numbered
),
campaigns AS (
    SELECT
        CASE
            WHEN length(period_label) = 7 AND substr(period_label, 5, 1) = '-'
                AND substr(period_label, 6, 1) IN ('0', '1') THEN period_label
            ELSE to_char(coalesce(opened_on, due_on), '%Y-%m')
        END AS label,
        due_on,
        completed_on
    FROM access_reviews
    WHERE kind = 'privileged'
),
counted AS (
    SELECT
        m.label,
        m.starts_on,
        m.ends_on,
        count(c.due_on) AS reviews,
        count(c.due_on) FILTER (WHERE c.completed_on IS NULL) AS unfinished,
        count(c.due_on) FILTER (WHERE c.completed_on IS NULL AND c.due_on <= $period_end) AS overdue,
        max(c.completed_on - c.due_on) AS most_days_late,
        max(c.completed_on) AS completed_on
    FROM months AS m
    LEFT JOIN campaigns AS c ON c.label = m.label
    WHERE m.starts_on <= $period_end
    GROUP BY m.label, m.starts_on, m.ends_on
)
SELECT
    'privileged_access_review/' || label AS item,
    CASE
        WHEN reviews = 0 AND (starts_on < $period_start OR ends_on > $period_end) THEN 'excluded'
        WHEN reviews = 0 THEN 'deviation'
        WHEN overdue > 0 OR most_days_late > 0 THEN 'deviation'
        WHEN unfinished > 0 THEN 'excluded'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN reviews = 0 AND (starts_on < $period_start OR ends_on > $period_end)
            THEN 'only part of the month lies in the period'
        WHEN reviews = 0 THEN 'no review for the month'
        WHEN overdue > 0 THEN 'not completed'
        WHEN most_days_late > 0
            THEN 'completed ' || CAST(most_days_late AS TEXT)
                || CASE WHEN most_days_late = 1 THEN ' day' ELSE ' days' END
                || ' after the due date'
        WHEN unfinished > 0 THEN 'not due until after the period'
        ELSE 'completed on ' || CAST(completed_on AS TEXT)
    END AS reason,
    coalesce(completed_on, ends_on) AS occurred_at,
    reviews
FROM counted
