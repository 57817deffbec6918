-- One row per request carried out in the period; what was never granted gave
-- nobody anything. A request that is done without a time of the grant is listed
-- in the period in which it was asked for. Requests that take access away may be
-- carried out at once: they are judged when approved in time and otherwise
-- listed. Two addresses of one person are one person, and nobody approves access
-- of their own, whoever asked for it.
WITH addresses AS (
    SELECT person_id, lower(email) AS address FROM people WHERE email IS NOT NULL
    UNION
    SELECT person_id, lower(alias) AS address
    FROM (SELECT person_id, unnest(alias_emails) AS alias FROM people)
    WHERE alias IS NOT NULL
),
holders AS (
    SELECT address, min(person_id) AS person_id FROM addresses GROUP BY address
),
granted AS (
    SELECT
        r.request_id,
        r.kind,
        r.system,
        r.granted_at,
        coalesce(r.granted_at, r.requested_at) AS dated_at,
        r.approved_at,
        coalesce(q.person_id, lower(r.requester_email)) AS requester,
        coalesce(h.person_id, lower(r.approver_email)) AS approver,
        r.subject_person_id AS subject,
        CAST(round((date_part('epoch', r.approved_at) - date_part('epoch', r.granted_at)) / 60.0) AS BIGINT)
            AS minutes_early
    FROM access_requests AS r
    LEFT JOIN holders AS q ON q.address = lower(r.requester_email)
    LEFT JOIN holders AS h ON h.address = lower(r.approver_email)
    WHERE within(r.granted_at, $period_start, $period_end)
        OR (r.granted_at IS NULL AND r.status = 'done' AND within(r.requested_at, $period_start, $period_end))
),
judged AS (
    SELECT *, approver <> requester AND NOT coalesce(approver = subject, false) AS by_another FROM granted
)
SELECT
    request_id AS item,
    CASE
        WHEN approved_at <= granted_at AND by_another THEN 'operated'
        WHEN kind = 'leaver' THEN 'excluded'
        WHEN granted_at IS NULL AND approved_at IS NOT NULL THEN 'not_tested'
        WHEN approved_at IS NULL OR approved_at > granted_at THEN 'deviation'
        WHEN approver = subject THEN 'deviation'
        WHEN approver IS NULL OR requester IS NULL THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN approved_at <= granted_at AND by_another
            THEN 'approved by another person before the grant'
        WHEN kind = 'leaver' THEN 'the request takes access away'
        WHEN granted_at IS NULL AND approved_at IS NOT NULL
            THEN 'the source cannot say when the access was granted'
        WHEN approved_at IS NULL THEN 'granted without an approval'
        WHEN approved_at > granted_at
            THEN 'granted '
                || CASE
                    WHEN minutes_early < 1 THEN 'less than a minute'
                    WHEN minutes_early = 1 THEN '1 minute'
                    WHEN minutes_early < 120 THEN CAST(minutes_early AS TEXT) || ' minutes'
                    WHEN minutes_early % 60 = 0 THEN CAST(minutes_early / 60 AS TEXT) || ' hours'
                    ELSE CAST(round(minutes_early / 60.0, 1) AS TEXT) || ' hours'
                END
                || ' before the approval'
        WHEN approver = subject THEN 'approved by the person whose access it is'
        WHEN approver IS NULL OR requester IS NULL
            THEN 'the source cannot say whether requester and approver are two people'
        ELSE 'approved by the requester'
    END AS reason,
    dated_at AS occurred_at,
    kind,
    system,
    approved_at
FROM judged
