-- One row per database or queue and observation. Buckets spread over zones by
-- themselves and volumes follow their hosts: neither is an item.
SELECT
    resource_uid AS item,
    CASE
        WHEN multi_zone THEN 'operated'
        WHEN multi_zone IS NULL THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN multi_zone THEN 'runs in more than one zone'
        WHEN multi_zone IS NULL THEN 'the source cannot say in how many zones the store runs'
        ELSE 'runs in one zone when observed on ' || CAST(local_date(observed_at) AS TEXT)
    END AS reason,
    observed_at AS occurred_at,
    source_id,
    kind,
    region,
    data_class
FROM data_stores_history
WHERE kind IN ('database', 'queue')
