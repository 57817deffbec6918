-- One row per data store and observation. A store whose classification is
-- `public` is meant to be read by anyone: it is listed, not judged.
SELECT
    resource_uid AS item,
    CASE
        WHEN NOT is_public THEN 'operated'
        WHEN is_public IS NULL THEN 'not_tested'
        WHEN data_class = 'public' THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN NOT is_public THEN 'not reachable by the public'
        WHEN is_public IS NULL THEN 'the source cannot say whether the store is public'
        WHEN data_class = 'public' THEN 'classified as public'
        ELSE 'reachable by anyone when observed on ' || CAST(local_date(observed_at) AS TEXT)
    END AS reason,
    observed_at AS occurred_at,
    source_id,
    kind,
    region,
    data_class
FROM data_stores_history
