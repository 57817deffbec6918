-- One row per scan of the period. A failed run is listed and not judged here:
-- whether another completed in its week is what `scan-weekly` tests.
SELECT
    scan_id AS item,
    CASE
        WHEN status <> 'completed' THEN 'excluded'
        WHEN assets_expected <= 0 THEN 'not_tested'
        WHEN assets_scanned * 100 >= assets_expected * $min_percent THEN 'operated'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN status <> 'completed' THEN 'the run did not complete'
        WHEN assets_expected <= 0 THEN 'the source cannot say how many assets there were to scan'
        ELSE 'reached ' || CAST(assets_scanned AS TEXT) || ' of ' || CAST(assets_expected AS TEXT) || ' assets'
    END AS reason,
    completed_at AS occurred_at,
    scanner,
    assets_expected - assets_scanned AS assets_missed
FROM vulnerability_scans
WHERE within(completed_at, $period_start, $period_end)
