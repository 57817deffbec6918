-- One row per request carried out in the period; what was never granted gave
-- nobody anything. Requests that take access away may be carried out at once:
-- they are judged when approved in time and otherwise listed.
WITH granted AS (
    SELECT
        request_id,
        kind,
        system,
        granted_at,
        approved_at,
        lower(requester_email) AS requester,
        lower(approver_email) AS approver,
        CAST(round((date_part('epoch', approved_at) - date_part('epoch', granted_at)) / 60.0) AS BIGINT)
            AS minutes_early
    FROM access_requests
    WHERE within(granted_at, $period_start, $period_end)
)
SELECT
    request_id AS item,
    CASE
        WHEN approved_at <= granted_at AND approver <> requester THEN 'operated'
        WHEN kind = 'leaver' THEN 'excluded'
        WHEN approved_at IS NULL OR approved_at > granted_at THEN 'deviation'
        WHEN approver IS NULL OR requester IS NULL THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN approved_at <= granted_at AND approver <> requester
            THEN 'approved by another person before the grant'
        WHEN kind = 'leaver' THEN 'the request takes access away'
        WHEN approved_at IS NULL THEN 'granted without an approval'
        WHEN approved_at > granted_at
            THEN 'granted '
                || CASE
                    WHEN minutes_early < 120 THEN CAST(minutes_early AS TEXT) || ' minutes'
                    WHEN minutes_early % 60 = 0 THEN CAST(minutes_early / 60 AS TEXT) || ' hours'
                    ELSE CAST(round(minutes_early / 60.0, 1) AS TEXT) || ' hours'
                END
                || ' before the approval'
        WHEN approver IS NULL OR requester IS NULL
            THEN 'the source cannot say whether requester and approver are two people'
        ELSE 'approved by the requester'
    END AS reason,
    granted_at AS occurred_at,
    kind,
    system,
    approved_at
FROM granted
