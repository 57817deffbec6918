-- One row per device taken out of use in the period.
SELECT
    asset_id AS item,
    CASE WHEN certificate_ref IS NULL THEN 'deviation' ELSE 'operated' END AS status,
    CASE
        WHEN certificate_ref IS NULL AND method IS NULL THEN 'neither method nor certificate on record'
        WHEN certificate_ref IS NULL THEN 'no certificate on record, method given: ' || method
        ELSE 'certificate on record'
    END AS reason,
    disposed_on AS occurred_at,
    kind,
    method,
    certificate_ref
FROM asset_disposals
WHERE within(disposed_on, $period_start, $period_end)
