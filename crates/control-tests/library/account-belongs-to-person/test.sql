-- One row per account in use. The worker number decides where the source links
-- one; addresses, aliases included, decide elsewhere. Display names prove
-- nothing: two people may share one, and then they are still two people.
WITH addresses AS (
    SELECT person_id, lower(email) AS address FROM people WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(alias) AS address
    FROM (SELECT person_id, unnest(alias_emails) AS alias FROM people)
    WHERE alias IS NOT NULL
),
holders AS (
    SELECT
        d.address,
        count(DISTINCT d.person_id) AS people_found,
        bool_or(p.status = 'active') AS is_here
    FROM addresses AS d
    JOIN people AS p ON p.person_id = d.person_id
    GROUP BY d.address
),
roster AS (
    SELECT count(*) AS people_count FROM people
),
matched AS (
    SELECT
        a.system,
        a.native_id,
        a.kind IN ('human', 'guest') AS is_personal,
        a.kind,
        a.person_id,
        a.email,
        a.owner_email,
        CASE
            WHEN a.kind NOT IN ('human', 'guest') THEN coalesce(o.people_found, 0)
            WHEN a.person_id IS NOT NULL THEN CASE WHEN p.person_id IS NULL THEN 0 ELSE 1 END
            ELSE coalesce(h.people_found, 0)
        END AS people_found,
        coalesce(o.is_here, false) AS owner_is_here
    FROM accounts AS a
    LEFT JOIN (SELECT DISTINCT person_id FROM people) AS p ON p.person_id = a.person_id
    LEFT JOIN holders AS h ON h.address = lower(a.email)
    LEFT JOIN holders AS o ON o.address = lower(a.owner_email)
    WHERE a.status = 'active'
)
SELECT
    m.system || '/' || m.native_id AS item,
    CASE
        WHEN r.people_count = 0 THEN 'not_tested'
        WHEN m.is_personal AND m.person_id IS NULL AND m.email IS NULL THEN 'not_tested'
        WHEN m.people_found > 1 THEN 'deviation'
        WHEN m.is_personal AND m.people_found = 1 THEN 'operated'
        WHEN m.people_found = 1 AND m.owner_is_here THEN 'operated'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN r.people_count = 0
            THEN 'the source cannot say: no roster was observed'
        WHEN m.is_personal AND m.person_id IS NULL AND m.email IS NULL
            THEN 'the source cannot say whose account it is: it shows neither a worker number nor an address'
        WHEN m.people_found > 1
            THEN 'the address belongs to ' || CAST(m.people_found AS TEXT) || ' people on the roster'
        WHEN m.is_personal AND m.people_found = 1
            THEN CASE
                WHEN m.person_id IS NOT NULL THEN 'linked to one person by worker number'
                ELSE 'linked to one person by address'
            END
        WHEN m.is_personal AND m.person_id IS NOT NULL
            THEN 'the worker number is not on the roster'
        WHEN m.is_personal THEN 'the address belongs to nobody on the roster'
        WHEN m.owner_email IS NULL THEN m.kind || ' account without an owner'
        WHEN m.people_found = 0 THEN m.kind || ' account whose owner is not on the roster'
        WHEN NOT m.owner_is_here THEN m.kind || ' account whose owner has left'
        ELSE m.kind || ' account with an owner on the roster'
    END AS reason,
    CAST(NULL AS DATE) AS occurred_at,
    m.kind
FROM matched AS m
CROSS JOIN roster AS r
