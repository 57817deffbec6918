-- One row per leaver of the period. Every human account of the person, in any
-- system, must have been disabled in time. An account is the person's when the
-- source links it by worker number; only where it links nobody do addresses
-- decide. Names are never compared.
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
    SELECT person_id, system, status, deactivated_at
    FROM accounts
    WHERE kind IN ('human', 'guest') AND person_id IS NOT NULL
    UNION ALL
    SELECT d.person_id, a.system, a.status, a.deactivated_at
    FROM accounts AS a
    JOIN addresses AS d ON d.address = lower(a.email)
    WHERE a.kind IN ('human', 'guest') AND a.person_id IS NULL
),
observed AS (
    SELECT count(*) AS account_count FROM accounts
),
judged AS (
    SELECT
        l.person_id,
        l.last_day,
        o.system,
        o.status,
        p.person_id IS NOT NULL AS is_rehired,
        add_business_days(l.last_day, $business_days, 'company') AS limit_on,
        local_date(o.deactivated_at) AS disabled_on,
        business_days_between(l.last_day, local_date(o.deactivated_at), 'company') AS days_taken
    FROM leavers AS l
    LEFT JOIN owned AS o ON o.person_id = l.person_id
    LEFT JOIN people AS p
        ON p.person_id = l.person_id AND p.status = 'active' AND p.start_date > l.last_day
    WHERE within(l.last_day, $period_start, $period_end)
),
rated AS (
    SELECT
        *,
        CASE
            WHEN system IS NULL THEN 'none'
            WHEN status = 'active' AND is_rehired THEN 'rehired'
            WHEN status = 'active' AND limit_on > $period_end THEN 'undecided'
            WHEN status = 'active' THEN 'enabled'
            WHEN disabled_on IS NULL THEN 'untimed'
            WHEN days_taken > $business_days THEN 'late'
            ELSE 'in_time'
        END AS verdict
    FROM judged
),
counted AS (
    SELECT
        person_id,
        last_day,
        count(system) AS accounts_found,
        max(days_taken) AS most_days,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'enabled') AS enabled_in,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'late') AS late_in,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'untimed') AS untimed_in,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'undecided') AS undecided_in,
        count(*) FILTER (WHERE verdict = 'rehired') AS rehired_accounts
    FROM rated
    GROUP BY person_id, last_day
)
SELECT
    c.person_id AS item,
    CASE
        WHEN c.enabled_in IS NOT NULL OR c.late_in IS NOT NULL THEN 'deviation'
        WHEN c.untimed_in IS NOT NULL OR c.undecided_in IS NOT NULL THEN 'not_tested'
        WHEN o.account_count = 0 THEN 'not_tested'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN c.enabled_in IS NOT NULL
            THEN 'still enabled when last observed (' || c.enabled_in || ')'
        WHEN c.late_in IS NOT NULL
            THEN 'disabled ' || CAST(c.most_days AS TEXT)
                || CASE WHEN c.most_days = 1 THEN ' business day' ELSE ' business days' END
                || ' after the last day, ' || CAST($business_days AS TEXT) || ' allowed ('
                || c.late_in || ')'
        WHEN c.untimed_in IS NOT NULL
            THEN 'the source cannot say when the account was disabled (' || c.untimed_in || ')'
        WHEN c.undecided_in IS NOT NULL
            THEN 'the time allowed ran beyond the period and the account was enabled when last observed ('
                || c.undecided_in || ')'
        WHEN o.account_count = 0
            THEN 'the source cannot say: the accounts of no system were observed'
        WHEN c.accounts_found = 0
            THEN 'no account found in the systems observed'
        WHEN c.rehired_accounts > 0
            THEN 'rehired: the person works here again and the account is in use'
        ELSE 'disabled ' || CAST(c.most_days AS TEXT)
            || CASE WHEN c.most_days = 1 THEN ' business day' ELSE ' business days' END
            || ' after the last day, ' || CAST($business_days AS TEXT) || ' allowed'
    END AS reason,
    c.last_day AS occurred_at,
    c.accounts_found,
    c.most_days
FROM counted AS c
CROSS JOIN observed AS o
