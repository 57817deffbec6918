-- One row per departure of the period; somebody who left twice has two. Every
-- personal account of the person, in any system, must have been disabled in time.
-- An account is the person's when the source links it by worker number; only
-- where it links nobody do addresses decide. Names are never compared. Every sight
-- of an account counts up to the day before the person came back, if that
-- happened; one that was enabled and then no longer listed was removed at an
-- unknown time before the collection that missed it.
WITH addresses AS (
    SELECT person_id, lower(email) AS address FROM leavers WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(email) AS address FROM people WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(alias) AS address
    FROM (SELECT person_id, unnest(alias_emails) AS alias FROM people)
    WHERE alias IS NOT NULL
),
departures AS (
    SELECT
        l.person_id,
        l.last_day,
        min(p.start_date) AS back_on,
        add_business_days(l.last_day, $business_days, 'company') AS limit_on
    FROM leavers AS l
    LEFT JOIN people AS p ON p.person_id = l.person_id AND p.start_date > l.last_day
    WHERE within(l.last_day, $period_start, $period_end)
    GROUP BY l.person_id, l.last_day
),
sightings AS (
    SELECT
        system,
        native_id,
        person_id,
        lower(email) AS address,
        status,
        local_date(deactivated_at) AS disabled_on,
        local_date(created_at) AS created_on,
        local_date(observed_at) AS seen_on,
        observed_at,
        source_id,
        row_number() OVER (PARTITION BY system, native_id ORDER BY observed_at DESC, source_id) AS nth_last
    FROM accounts_history
    WHERE kind IN ('human', 'guest')
),
collections AS (
    SELECT DISTINCT source_id, local_date(observed_at) AS collected_on FROM accounts_history
),
owned AS (
    SELECT person_id, system, native_id, created_on FROM sightings
    WHERE nth_last = 1 AND person_id IS NOT NULL
    UNION
    SELECT d.person_id, s.system, s.native_id, s.created_on
    FROM sightings AS s
    JOIN addresses AS d ON d.address = s.address
    WHERE s.nth_last = 1 AND s.person_id IS NULL
),
seen AS (
    SELECT
        d.person_id,
        d.last_day,
        d.limit_on,
        d.back_on,
        s.system,
        s.native_id,
        s.source_id,
        s.status,
        s.disabled_on,
        s.seen_on,
        row_number() OVER (
            PARTITION BY d.person_id, d.last_day, s.system, s.native_id ORDER BY s.observed_at DESC, s.source_id
        ) AS nth_last
    FROM departures AS d
    JOIN owned AS o ON o.person_id = d.person_id
    JOIN sightings AS s ON s.system = o.system AND s.native_id = o.native_id
    WHERE d.back_on IS NULL OR s.seen_on < d.back_on
),
too_late AS (
    SELECT person_id, last_day, system, native_id, max(seen_on) AS enabled_on
    FROM seen
    WHERE status = 'active' AND seen_on > limit_on
    GROUP BY person_id, last_day, system, native_id
),
last_seen AS (
    SELECT
        s.person_id,
        s.last_day,
        s.system,
        s.native_id,
        s.status,
        s.disabled_on,
        min(c.collected_on) AS missed_on
    FROM seen AS s
    LEFT JOIN collections AS c
        ON c.source_id = s.source_id AND c.collected_on > s.seen_on
        AND (s.back_on IS NULL OR c.collected_on < s.back_on)
    WHERE s.nth_last = 1
    GROUP BY s.person_id, s.last_day, s.system, s.native_id, s.status, s.disabled_on
),
observed AS (
    SELECT count(*) AS collection_count FROM collections
),
judged AS (
    SELECT
        d.person_id,
        d.last_day,
        d.back_on,
        o.system,
        o.created_on,
        s.status,
        s.disabled_on,
        t.enabled_on,
        business_days_between(d.last_day, s.disabled_on, 'company') AS days_taken,
        business_days_between(d.last_day, s.missed_on, 'company') AS days_until_missed
    FROM departures AS d
    LEFT JOIN owned AS o ON o.person_id = d.person_id
    LEFT JOIN last_seen AS s
        ON s.person_id = d.person_id AND s.last_day = d.last_day AND s.system = o.system AND s.native_id = o.native_id
    LEFT JOIN too_late AS t
        ON t.person_id = d.person_id AND t.last_day = d.last_day AND t.system = o.system AND t.native_id = o.native_id
),
rated AS (
    SELECT
        *,
        CASE
            WHEN system IS NULL THEN 'none'
            WHEN status IS NULL AND created_on >= back_on THEN 'made_anew'
            WHEN status IS NULL THEN 'unseen'
            WHEN status <> 'active' AND days_taken > $business_days THEN 'late'
            WHEN enabled_on IS NOT NULL THEN 'enabled'
            WHEN status = 'active' AND days_until_missed <= $business_days THEN 'gone'
            WHEN status = 'active' THEN 'undecided'
            WHEN disabled_on IS NULL THEN 'untimed'
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
        max(enabled_on) FILTER (WHERE verdict = 'enabled') AS enabled_on,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'enabled') AS enabled_in,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'late') AS late_in,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'untimed') AS untimed_in,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'undecided') AS undecided_in,
        string_agg(DISTINCT system, ', ' ORDER BY system) FILTER (WHERE verdict = 'unseen') AS unseen_in,
        count(*) FILTER (WHERE verdict = 'made_anew') AS accounts_made_anew
    FROM rated
    GROUP BY person_id, last_day
),
named AS (
    SELECT *, count(*) OVER (PARTITION BY person_id) AS departures_found FROM counted
)
SELECT
    CASE
        WHEN c.departures_found > 1 THEN c.person_id || '/' || CAST(c.last_day AS TEXT)
        ELSE c.person_id
    END AS item,
    CASE
        WHEN c.enabled_in IS NOT NULL OR c.late_in IS NOT NULL THEN 'deviation'
        WHEN c.untimed_in IS NOT NULL OR c.undecided_in IS NOT NULL OR c.unseen_in IS NOT NULL THEN 'not_tested'
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
        WHEN c.unseen_in IS NOT NULL
            THEN 'the source cannot say whether the account was disabled before the person came back: it was not observed in between ('
                || c.unseen_in || ')'
        WHEN o.collection_count = 0
            THEN 'the source cannot say: the accounts of no system were observed'
        WHEN c.accounts_found = 0
            THEN 'no account found in the systems observed'
        WHEN c.most_days IS NULL AND c.accounts_made_anew = c.accounts_found
            THEN 'rehired: every account found was made after the return'
        WHEN c.most_days IS NULL
            THEN 'no longer listed when the time allowed had passed'
        ELSE 'disabled ' || CAST(c.most_days AS TEXT)
            || CASE WHEN c.most_days = 1 THEN ' business day' ELSE ' business days' END
            || ' after the last day, ' || CAST($business_days AS TEXT) || ' allowed'
    END AS reason,
    c.last_day AS occurred_at,
    c.accounts_found,
    c.most_days
FROM named AS c
CROSS JOIN observed AS o
