-- One row per data store and observation.
SELECT
    resource_uid AS item,
    CASE
        WHEN is_encrypted THEN 'operated'
        WHEN is_encrypted IS NULL THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN is_encrypted THEN 'encrypted at rest'
        WHEN is_encrypted IS NULL THEN 'the source cannot say whether the store is encrypted'
        ELSE 'not encrypted when observed on ' || CAST(local_date(observed_at) AS TEXT)
    END AS reason,
    observed_at AS occurred_at,
    source_id,
    kind,
    region,
    data_class
FROM data_stores_history
