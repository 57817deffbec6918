-- One row per twelve months, counted from the first day of the period. Only an
-- assessment dated inside the period proves operation. Where the period, or its
-- remainder, is shorter than twelve months and the last assessment is less than
-- twelve months old at its end, none was due: there is nothing to test.
WITH years AS (
    SELECT
        CAST($period_start + CAST(CAST(n * 12 AS TEXT) || ' months' AS INTERVAL) AS DATE) AS starts_on,
        CAST($period_start + CAST(CAST(n * 12 + 12 AS TEXT) || ' months' AS INTERVAL) AS DATE) - 1 AS ends_on
    FROM (VALUES (0), (1), (2), (3), (4)) AS v (n)
),
assessments AS (
    SELECT performed_on FROM activities WHERE activity = 'risk_assessment' AND performed_on <= $period_end
),
counted AS (
    SELECT
        y.starts_on,
        y.ends_on,
        count(a.performed_on) FILTER (WHERE a.performed_on >= y.starts_on) AS times,
        max(a.performed_on) FILTER (WHERE a.performed_on >= y.starts_on) AS last_inside_on,
        max(a.performed_on) FILTER (WHERE a.performed_on < y.starts_on) AS last_before_on
    FROM years AS y
    LEFT JOIN assessments AS a ON a.performed_on <= y.ends_on
    WHERE y.starts_on <= $period_end
    GROUP BY y.starts_on, y.ends_on
),
judged AS (
    SELECT
        *,
        ends_on > $period_end
            AND CAST(last_before_on + INTERVAL '12 months' AS DATE) >= $period_end AS is_not_due
    FROM counted
)
SELECT
    'risk_assessment/' || to_char(starts_on, '%Y-%m') || '..' || to_char(ends_on, '%Y-%m') AS item,
    CASE
        WHEN times > 0 THEN 'operated'
        WHEN is_not_due THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN times > 0 THEN 'assessed on ' || CAST(last_inside_on AS TEXT)
        WHEN is_not_due
            THEN 'the assessment of ' || CAST(last_before_on AS TEXT)
                || ' lies outside the period and the next was not yet due'
        WHEN last_before_on IS NOT NULL
            THEN 'the last assessment was on ' || CAST(last_before_on AS TEXT)
        ELSE 'no assessment on record'
    END AS reason,
    coalesce(last_inside_on, ends_on) AS occurred_at,
    times
FROM judged
