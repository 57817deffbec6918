-- One row per half-year, counted from the first day of the period. A remainder
-- shorter than a half-year counts when a review lies in it and is otherwise
-- listed, not judged.
WITH halves AS (
    SELECT
        CAST($period_start + CAST(CAST(n * 6 AS TEXT) || ' months' AS INTERVAL) AS DATE) AS starts_on,
        CAST($period_start + CAST(CAST(n * 6 + 6 AS TEXT) || ' months' AS INTERVAL) AS DATE) - 1 AS ends_on
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS v (n)
),
reviews_held AS (
    SELECT performed_on
    FROM activities
    WHERE activity = 'firewall_review' AND within(performed_on, $period_start, $period_end)
),
counted AS (
    SELECT
        h.starts_on,
        h.ends_on,
        min(r.performed_on) AS first_on,
        count(r.performed_on) AS times
    FROM halves AS h
    LEFT JOIN reviews_held AS r ON r.performed_on BETWEEN h.starts_on AND h.ends_on
    WHERE h.starts_on <= $period_end
    GROUP BY h.starts_on, h.ends_on
)
SELECT
    'firewall_review/' || to_char(starts_on, '%Y-%m') || '..' || to_char(ends_on, '%Y-%m') AS item,
    CASE
        WHEN times > 0 THEN 'operated'
        WHEN ends_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN times > 0 THEN 'reviewed on ' || CAST(first_on AS TEXT)
        WHEN ends_on > $period_end THEN 'only part of the half-year lies in the period'
        ELSE 'no review in the half-year'
    END AS reason,
    coalesce(first_on, ends_on) AS occurred_at,
    times
FROM counted
