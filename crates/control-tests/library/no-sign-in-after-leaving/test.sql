-- One row per departure of the period. The days after the last day count in the
-- organization's time zone; the sign-ins of somebody who came back count only
-- up to the day before the new first day. Every account ever seen counts, also
-- one that has been deleted since.
WITH addresses AS (
    SELECT person_id, lower(email) AS address FROM leavers WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(email) AS address FROM people WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(alias) AS address
    FROM (SELECT person_id, unnest(alias_emails) AS alias FROM people)
    WHERE alias IS NOT NULL
),
owned AS (
    SELECT person_id, system, native_id
    FROM accounts_history
    WHERE kind IN ('human', 'guest') AND person_id IS NOT NULL
    UNION
    SELECT d.person_id, a.system, a.native_id
    FROM accounts_history AS a
    JOIN addresses AS d ON d.address = lower(a.email)
    WHERE a.kind IN ('human', 'guest') AND a.person_id IS NULL
),
gone AS (
    SELECT l.person_id, l.last_day, min(p.start_date) AS back_on
    FROM leavers AS l
    LEFT JOIN people AS p ON p.person_id = l.person_id AND p.start_date > l.last_day
    WHERE within(l.last_day, $period_start, $period_end)
    GROUP BY l.person_id, l.last_day
),
logged AS (
    SELECT DISTINCT system FROM sign_ins
),
held AS (
    SELECT
        g.person_id,
        count(*) AS accounts_found,
        count(s.system) AS accounts_logged
    FROM (SELECT DISTINCT person_id FROM gone) AS g
    JOIN owned AS o ON o.person_id = g.person_id
    LEFT JOIN logged AS s ON s.system = o.system
    GROUP BY g.person_id
),
late AS (
    SELECT
        g.person_id,
        g.last_day,
        count(*) AS sign_in_count,
        min(s.occurred_at) AS first_at,
        min(local_date(s.occurred_at)) AS first_on,
        string_agg(DISTINCT s.system, ', ' ORDER BY s.system) AS systems
    FROM gone AS g
    JOIN owned AS o ON o.person_id = g.person_id
    JOIN sign_ins AS s ON s.system = o.system AND s.account_id = o.native_id
    WHERE s.outcome = 'success'
        AND local_date(s.occurred_at) > g.last_day
        AND (g.back_on IS NULL OR local_date(s.occurred_at) < g.back_on)
    GROUP BY g.person_id, g.last_day
),
named AS (
    SELECT *, count(*) OVER (PARTITION BY person_id) AS departures_found FROM gone
),
observed AS (
    SELECT count(*) AS systems_logged FROM logged
)
SELECT
    CASE
        WHEN g.departures_found > 1 THEN g.person_id || '/' || CAST(g.last_day AS TEXT)
        ELSE g.person_id
    END AS item,
    CASE
        WHEN t.sign_in_count > 0 THEN 'deviation'
        WHEN b.systems_logged = 0 THEN 'not_tested'
        WHEN h.accounts_found > 0 AND h.accounts_logged = 0 THEN 'not_tested'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN t.sign_in_count > 0
            THEN CAST(t.sign_in_count AS TEXT)
                || CASE WHEN t.sign_in_count = 1 THEN ' sign-in' ELSE ' sign-ins' END
                || ' after the last day (' || t.systems || '), the first on '
                || CAST(t.first_on AS TEXT)
        WHEN b.systems_logged = 0
            THEN 'the source cannot say: no sign-in log was observed'
        WHEN h.accounts_found > 0 AND h.accounts_logged = 0
            THEN 'the source cannot say: no sign-in log covers the systems of the accounts'
        WHEN h.accounts_found IS NULL
            THEN 'no account found in the systems observed'
        WHEN h.accounts_logged < h.accounts_found
            THEN 'no sign-in after the last day in the systems whose sign-ins are logged'
        ELSE 'no sign-in after the last day'
    END AS reason,
    g.last_day AS occurred_at,
    coalesce(h.accounts_found, 0) AS accounts_found,
    coalesce(h.accounts_logged, 0) AS accounts_logged,
    t.first_at AS first_sign_in_at
FROM named AS g
LEFT JOIN held AS h ON h.person_id = g.person_id
LEFT JOIN late AS t ON t.person_id = g.person_id AND t.last_day = g.last_day
CROSS JOIN observed AS b
