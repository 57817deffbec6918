-- One row per customer whose contract ended in the period.
WITH dated AS (
    SELECT
        customer_id,
        contract_end_on,
        certificate_ref,
        local_date(deleted_at) AS deleted_on,
        local_date(deleted_at) - contract_end_on AS days_taken
    FROM customer_offboardings
    WHERE within(contract_end_on, $period_start, $period_end)
)
SELECT
    customer_id AS item,
    CASE
        WHEN days_taken <= $days THEN 'operated'
        WHEN deleted_on IS NULL AND $period_end - contract_end_on < $days THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN days_taken <= 0 THEN 'deleted by the end of the contract'
        WHEN deleted_on IS NOT NULL
            THEN 'deleted ' || CAST(days_taken AS TEXT)
                || CASE WHEN days_taken = 1 THEN ' day' ELSE ' days' END
                || ' after the contract ended, ' || CAST($days AS TEXT) || ' allowed'
        WHEN $period_end - contract_end_on < $days THEN 'not due until after the period'
        ELSE 'no deletion on record'
    END AS reason,
    contract_end_on AS occurred_at,
    deleted_on,
    certificate_ref
FROM dated
