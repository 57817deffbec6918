-- One row per leaver of the period. Every personal account of the person, in any
-- system, must have been disabled in time. An account is the person's when the
-- source links it by worker number; only where it links nobody do addresses
-- decide. Names are never compared. What counts is the last sight of an account:
-- one that was enabled and then no longer listed was removed at an unknown time
-- before the collection that missed it.
WITH addresses AS (
    SELECT person_id, lower(email) AS address FROM leavers WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(email) AS address FROM people WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(alias) AS address
    FROM (SELECT person_id, unnest(alias_emails) AS alias FROM people)
    WHERE alias IS NOT NULL
),
sightings AS (
    SELECT
        system,
        native_id,
        person_id,
        lower(email) AS address,
        status,
        deactivated_at,
        source_id,
        observed_at,
        row_number() OVER (PARTITION BY system, native_id ORDER BY observed_at DESC, source_id) AS nth_last
    FROM accounts_history
    WHERE kind IN ('human', 'guest')
),
collections AS (
    SELECT DISTINCT source_id, local_date(observed_at) AS collected_on FROM accounts_history
),
last_seen AS (
    SELECT
        s.system,
        s.native_id,
        s.person_id,
        s.address,
        s.status,
        local_date(s.deactivated_at) AS disabled_on,
        local_date(s.observed_at) AS seen_on,
        min(c.collected_on) AS missed_on
    FROM sightings AS s
    LEFT JOIN collections AS c ON c.source_id = s.source_id AND c.collected_on > local_date(s.observed_at)
    WHERE s.nth_last = 1
    GROUP BY s.system, s.native_id, s.person_id, s.address, s.status, s.deactivated_at, s.observed_at
),
owned AS (
    SELECT person_id, system, status, disabled_on, seen_on, missed_on
    FROM last_seen
    WHERE person_id IS NOT NULL
    UNION ALL
    SELECT d.person_id, a.system, a.status, a.disabled_on, a.seen_on, a.missed_on
    FROM last_seen AS a
    JOIN addresses AS d ON d.address = a.address
    WHERE a.person_id IS NULL
),
observed AS (
    SELECT count(*) AS collection_count FROM collections
),
judged AS (
    SELECT
        l.person_id,
        l.last_day,
        o.system,
        o.status,
        o.seen_on,
        o.disabled_on,
        p.person_id IS NOT NULL AS is_rehired,
        add_business_days(l.last_day, $business_days, 'company') AS limit_on,
        business_days_between(l.last_day, o.disabled_on, 'company') AS days_taken,
        business_days_between(l.last_day, o.missed_on, 'company') AS days_until_missed
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
            WHEN status = 'active' AND seen_on > limit_on THEN 'enabled'
            WHEN status = 'active' AND days_until_missed <= $business_days THEN 'gone'
            WHEN status = 'active' THEN 'undecided'
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
        max(days_taken) FILTER (WHERE verdict IN ('late', 'in_time')) AS most_days,
        max(seen_on) FILTER (WHERE verdict = 'enabled') AS enabled_on,
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
        WHEN o.collection_count = 0 THEN 'not_tested'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN c.enabled_in IS NOT NULL
            THEN 'still enabled when observed on ' || CAST(c.enabled_on AS TEXT) || ' (' || c.enabled_in || ')'
        WHEN c.late_in IS NOT NULL
            THEN 'disabled ' || CAST(c.most_days AS TEXT)
                || CASE WHEN c.most_days = 1 THEN ' business day' ELSE ' business days' END
                || ' after the last day, ' || CAST($business_days AS TEXT) || ' allowed ('
                || c.late_in || ')'
        WHEN c.untimed_in IS NOT NULL
            THEN 'the source cannot say when the account was disabled (' || c.untimed_in || ')'
        WHEN c.undecided_in IS NOT NULL
            THEN 'the source cannot say whether the account was disabled in time: it was last seen enabled before the time allowed had passed ('
                || c.undecided_in || ')'
        WHEN o.collection_count = 0
            THEN 'the source cannot say: the accounts of no system were observed'
        WHEN c.accounts_found = 0
            THEN 'no account found in the systems observed'
        WHEN c.rehired_accounts > 0
            THEN 'rehired: the person works here again and the account is in use'
        WHEN c.most_days IS NULL
            THEN 'no longer listed when the time allowed had passed'
        ELSE 'disabled ' || CAST(c.most_days AS TEXT)
            || CASE WHEN c.most_days = 1 THEN ' business day' ELSE ' business days' END
            || ' after the last day, ' || CAST($business_days AS TEXT) || ' allowed'
    END AS reason,
    c.last_day AS occurred_at,
    c.accounts_found,
    c.most_days
FROM counted AS c
CROSS JOIN observed AS o
