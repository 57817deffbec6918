-- One row per service and month of the period. A miss is a missed commitment,
-- not a control deviation. A month without a measurement, of a service that was
-- measured before, was not kept either way: it is listed as not tested.
WITH numbered AS (
    SELECT
        CAST(date_part('year', $period_start) AS BIGINT) * 12
            + CAST(date_part('month', $period_start) AS BIGINT) - 1 + t.tens * 10 + u.ones AS month_no
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6)) AS t (tens)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS u (ones)
),
months AS (
    SELECT make_date((month_no + 1) / 12, (month_no + 1) % 12 + 1, 1) - 1 AS ends_on FROM numbered
),
services AS (
    SELECT service, min(month_end_on) AS first_on FROM service_levels GROUP BY service
),
measured AS (
    SELECT service, date_trunc('month', month_end_on) AS month FROM service_levels
),
missing AS (
    SELECT s.service, m.ends_on
    FROM services AS s
    CROSS JOIN months AS m
    LEFT JOIN measured AS x ON x.service = s.service AND x.month = date_trunc('month', m.ends_on)
    WHERE x.service IS NULL AND m.ends_on > s.first_on AND m.ends_on BETWEEN $period_start AND $period_end
)
SELECT
    service || '/' || CAST(month_end_on AS TEXT) AS item,
    CASE
        WHEN availability_percent IS NULL OR committed_percent IS NULL THEN 'not_tested'
        WHEN availability_percent >= committed_percent THEN 'operated'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN availability_percent IS NULL THEN 'the source cannot say how long the service was available'
        WHEN committed_percent IS NULL THEN 'the source cannot say what was promised'
        ELSE CAST(availability_percent AS TEXT) || ' percent available, '
            || CAST(committed_percent AS TEXT) || ' promised'
    END AS reason,
    month_end_on AS occurred_at,
    minutes_down
FROM service_levels
WHERE within(month_end_on, $period_start, $period_end)
UNION ALL
SELECT
    service || '/' || CAST(ends_on AS TEXT) AS item,
    'not_tested' AS status,
    'the source cannot say: the month was not measured' AS reason,
    ends_on AS occurred_at,
    CAST(NULL AS BIGINT) AS minutes_down
FROM missing
