-- One row per rule in force at the end of the period. A rule without ports
-- (all protocols) covers every port.
WITH judged AS (
    SELECT
        *,
        protocol IN ('tcp', 'udp', 'all', 'any', '-1') AS has_ports,
        (from_port <= $ssh_port AND to_port >= $ssh_port)
            OR (from_port <= $rdp_port AND to_port >= $rdp_port)
            OR protocol IN ('all', 'any', '-1') AS covers_admin
    FROM network_rules
)
SELECT
    rule_id AS item,
    CASE
        WHEN is_world_open AND has_ports AND covers_admin THEN 'deviation'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN is_world_open AND has_ports AND covers_admin
            THEN 'ports ' || CAST(from_port AS TEXT) || ' to ' || CAST(to_port AS TEXT)
                || ' (' || protocol || ') open to ' || cidr
        WHEN is_world_open THEN 'open to anyone, no port of remote administration'
        ELSE 'not open to anyone'
    END AS reason,
    CAST(NULL AS DATE) AS occurred_at,
    resource_uid,
    cidr
FROM judged
