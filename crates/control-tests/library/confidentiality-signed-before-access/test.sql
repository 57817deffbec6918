-- One row per worker of any kind who started in the period. Access begins with
-- the person's first account in any system; where none is known, with the first
-- day of work. Every account ever seen counts. Accounts are matched by worker number, else by address.
WITH addresses AS (
    SELECT person_id, lower(email) AS address FROM people WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(alias) AS address
    FROM (SELECT person_id, unnest(alias_emails) AS alias FROM people)
    WHERE alias IS NOT NULL
),
owned AS (
    SELECT person_id, created_at
    FROM accounts_history
    WHERE kind IN ('human', 'guest') AND person_id IS NOT NULL
    UNION ALL
    SELECT d.person_id, a.created_at
    FROM accounts_history AS a
    JOIN addresses AS d ON d.address = lower(a.email)
    WHERE a.kind IN ('human', 'guest') AND a.person_id IS NULL
),
joined AS (
    SELECT
        p.person_id,
        p.start_date,
        p.agreement_signed_on,
        min(local_date(o.created_at)) AS first_account_on,
        count(o.person_id) FILTER (WHERE o.created_at IS NULL) AS undated_accounts
    FROM people AS p
    LEFT JOIN owned AS o ON o.person_id = p.person_id
    WHERE within(p.start_date, $period_start, $period_end)
    GROUP BY p.person_id, p.start_date, p.agreement_signed_on
),
limited AS (
    SELECT *, coalesce(first_account_on, start_date) AS access_on FROM joined
)
SELECT
    person_id AS item,
    CASE
        WHEN agreement_signed_on IS NULL OR agreement_signed_on > access_on THEN 'deviation'
        WHEN undated_accounts > 0 THEN 'not_tested'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN agreement_signed_on IS NULL THEN 'no signed terms on record'
        WHEN agreement_signed_on > access_on
            THEN 'signed ' || CAST(agreement_signed_on - access_on AS TEXT)
                || CASE WHEN agreement_signed_on - access_on = 1 THEN ' day' ELSE ' days' END
                || CASE
                    WHEN first_account_on IS NULL THEN ' after the first day of work'
                    ELSE ' after the first account was made'
                END
        WHEN undated_accounts > 0 THEN 'the source cannot say when an account of the person was made'
        WHEN first_account_on IS NULL THEN 'signed by the first day of work, no account found'
        ELSE 'signed before or on the day of the first account'
    END AS reason,
    start_date AS occurred_at,
    agreement_signed_on,
    first_account_on
FROM limited
