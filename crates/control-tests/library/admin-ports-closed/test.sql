-- One row per rule and observation. A rule for all protocols covers every port,
-- whatever ports it shows; protocols without ports cannot open one.
WITH judged AS (
    SELECT
        rule_id,
        resource_uid,
        protocol,
        from_port,
        to_port,
        cidr,
        is_world_open,
        observed_at,
        source_id,
        lower(protocol) IN ('all', 'any', '-1')
            OR (
                lower(protocol) IN ('tcp', 'udp')
                AND (
                    $ssh_port BETWEEN from_port AND to_port
                    OR $rdp_port BETWEEN from_port AND to_port
                )
            ) AS covers_admin
    FROM network_rules_history
)
SELECT
    rule_id AS item,
    CASE WHEN is_world_open AND covers_admin THEN 'deviation' ELSE 'operated' END AS status,
    CASE
        WHEN is_world_open AND covers_admin
            THEN 'ports ' || CAST(from_port AS TEXT) || ' to ' || CAST(to_port AS TEXT)
                || ' (' || protocol || ') open to ' || cidr
                || ' when observed on ' || CAST(local_date(observed_at) AS TEXT)
        WHEN is_world_open THEN 'open to anyone, no port of remote administration'
        ELSE 'not open to anyone'
    END AS reason,
    observed_at AS occurred_at,
    source_id,
    resource_uid,
    cidr
FROM judged
