-- One row per rule and observation. A rule for all protocols covers every port,
-- whatever ports it shows; protocols without ports (by name or by number) cannot
-- open one. An address range of everybody is open to anyone whatever the source
-- concludes from it.
WITH judged AS (
    SELECT
        rule_id,
        resource_uid,
        protocol,
        from_port,
        to_port,
        cidr,
        is_world_open OR trim(cidr) IN ('0.0.0.0/0', '::/0', '*') AS is_world_open,
        observed_at,
        source_id,
        lower(protocol) IN ('all', 'any', '-1', '*', 'ip', 'ipv4', 'ipv6')
            OR (
                lower(protocol) NOT IN (
                    'icmp', 'icmpv4', 'icmpv6', 'ipv6-icmp', 'igmp', 'gre', 'esp', 'ah',
                    '1', '2', '47', '50', '51', '58'
                )
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
