-- One row per review campaign due in the period, and one more for each system
-- and whole calendar quarter that no campaign covers. A campaign covers the
-- quarter its label names, or the one in which it was opened or fell due.
WITH campaigns AS (
    SELECT campaign_id, system, period_label, opened_on, due_on, completed_on
    FROM access_reviews
    WHERE kind = 'user'
),
numbered AS (
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
        CAST(quarter_no / 4 AS TEXT) || '-Q' || CAST(quarter_no % 4 + 1 AS TEXT) AS label,
        make_date(quarter_no / 4, (quarter_no % 4) * 3 + 1, 1) AS starts_on,
        make_date((quarter_no + 1) / 4, ((quarter_no + 1) % 4) * 3 + 1, 1) - 1 AS ends_on
    FROM numbered
),
covered AS (
    SELECT system, period_label AS label FROM campaigns
    UNION
    SELECT
        system,
        CAST(date_part('year', due_on) AS TEXT) || '-Q' || CAST(date_part('quarter', due_on) AS TEXT) AS label
    FROM campaigns
    UNION
    SELECT
        system,
        CAST(date_part('year', opened_on) AS TEXT) || '-Q' || CAST(date_part('quarter', opened_on) AS TEXT) AS label
    FROM campaigns
),
missing AS (
    SELECT s.system, q.label, q.ends_on
    FROM (SELECT DISTINCT system FROM campaigns) AS s
    CROSS JOIN quarters AS q
    LEFT JOIN covered AS c ON c.system = s.system AND c.label = q.label
    WHERE c.system IS NULL AND q.starts_on >= $period_start AND q.ends_on <= $period_end
)
SELECT
    campaign_id AS item,
    CASE WHEN completed_on <= due_on THEN 'operated' ELSE 'deviation' END AS status,
    CASE
        WHEN completed_on IS NULL THEN 'not completed'
        WHEN completed_on > due_on
            THEN 'completed ' || CAST(completed_on - due_on AS TEXT)
                || CASE WHEN completed_on - due_on = 1 THEN ' day' ELSE ' days' END
                || ' after the due date'
        ELSE 'completed by the due date'
    END AS reason,
    due_on AS occurred_at,
    system,
    period_label,
    completed_on
FROM campaigns
WHERE within(due_on, $period_start, $period_end)
UNION ALL
SELECT
    system || '/' || label AS item,
    'deviation' AS status,
    'no review of the system in the quarter' AS reason,
    ends_on AS occurred_at,
    system,
    label AS period_label,
    CAST(NULL AS DATE) AS completed_on
FROM missing
