-- Observations folded into intervals (gaps and islands), one row per account.
-- An observation counts until the next collection, at most 31 days; between two
-- observations of an account, days that none covers are not observed. The
-- accounts were collected on every day of the period with one observation each,
-- so days before the first and after the last observation need no rule here.
WITH observed AS (
{test}
),
collected AS (
    SELECT day, lead(day) OVER (ORDER BY day) AS next_day
    FROM (SELECT DISTINCT local_date(observed_at) AS day FROM accounts_history) AS days
),
spans AS (
    SELECT
        o.item,
        o.status,
        c.day AS first_on,
        least(coalesce(c.next_day - 1, $period_end), c.day + 30, $period_end) AS last_on,
        lead(c.day) OVER (PARTITION BY o.item ORDER BY c.day) AS next_on
    FROM observed AS o
    JOIN collected AS c ON c.day = local_date(o.occurred_at)
),
marked AS (
    SELECT item, status, first_on, last_on FROM spans
    UNION ALL
    SELECT item, 'not_tested', last_on + 1, next_on - 1 FROM spans WHERE next_on > last_on + 1
),
begun AS (
    SELECT
        *,
        CASE
            WHEN status = lag(status) OVER (PARTITION BY item ORDER BY first_on)
                AND first_on = lag(last_on) OVER (PARTITION BY item ORDER BY first_on) + 1
                THEN 0
            ELSE 1
        END AS begins
    FROM marked
),
islands AS (
    SELECT *, sum(begins) OVER (PARTITION BY item ORDER BY first_on) AS island FROM begun
),
intervals AS (
    SELECT item, island, status, min(first_on) AS first_on, max(last_on) AS last_on
    FROM islands
    GROUP BY item, island, status
),
accounts_found AS (
    SELECT
        item,
        CASE
            WHEN bool_or(status = 'deviation') THEN 'deviation'
            WHEN bool_or(status = 'operated') THEN 'operated'
            ELSE 'not_tested'
        END AS status,
        sum(last_on - first_on + 1) FILTER (WHERE status = 'deviation') AS days_deviating,
        sum(last_on - first_on + 1) FILTER (WHERE status = 'not_tested') AS days_not_observed,
        sum(last_on - first_on + 1) FILTER (WHERE status = 'operated') AS days_operating,
        string_agg(
            CASE status WHEN 'deviation' THEN 'deviating ' WHEN 'operated' THEN 'operating ' ELSE 'not_observed ' END
                || CAST(first_on AS TEXT) || '..' || CAST(last_on AS TEXT),
            '; '
            ORDER BY first_on
        ) AS intervals
    FROM intervals
    GROUP BY item
),
deciding AS (
    SELECT
        a.item,
        CASE
            WHEN a.status = 'deviation' THEN min(o.occurred_at) ELSE max(o.occurred_at)
        END AS occurred_at
    FROM accounts_found AS a
    JOIN observed AS o ON o.item = a.item AND o.status = a.status
    GROUP BY a.item, a.status
)
SELECT
    a.item,
    a.status,
    o.reason,
    o.occurred_at,
    a.days_deviating,
    a.days_not_observed,
    a.days_operating,
    o.has_production_access,
    o.is_admin,
    a.intervals
FROM accounts_found AS a
JOIN deciding AS d ON d.item = a.item
JOIN observed AS o ON o.item = d.item AND o.occurred_at = d.occurred_at
ORDER BY a.item
