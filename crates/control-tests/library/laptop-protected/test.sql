-- One row per device and observation. One setting that is known to be wrong is
-- enough to deviate; one that is unknown is enough not to pass.
SELECT
    device_id AS item,
    CASE
        WHEN NOT coalesce(disk_encrypted AND screen_lock AND firewall_on, true) THEN 'deviation'
        WHEN disk_encrypted AND screen_lock AND firewall_on THEN 'operated'
        ELSE 'not_tested'
    END AS status,
    CASE
        WHEN NOT coalesce(disk_encrypted, true) THEN 'disk not encrypted when observed on '
        WHEN NOT coalesce(screen_lock, true) THEN 'no screen lock when observed on '
        WHEN NOT coalesce(firewall_on, true) THEN 'firewall off when observed on '
        WHEN disk_encrypted IS NULL THEN 'the source cannot say whether the disk is encrypted, observed on '
        WHEN screen_lock IS NULL THEN 'the source cannot say whether the screen locks, observed on '
        WHEN firewall_on IS NULL THEN 'the source cannot say whether the firewall is on, observed on '
        ELSE 'disk encrypted, screen lock and firewall on when observed on '
    END || CAST(local_date(observed_at) AS TEXT) AS reason,
    observed_at AS occurred_at,
    source_id,
    os,
    disk_encrypted,
    screen_lock,
    firewall_on
FROM devices_history
