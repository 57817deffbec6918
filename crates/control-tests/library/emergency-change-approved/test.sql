-- One row per change declared an emergency in the period.
WITH timed AS (
    SELECT
        *,
        lower(approver_email) = lower(declared_by_email) AS is_own,
        business_days_between(local_date(declared_at), local_date(approved_at), 'company') AS days_taken,
        add_business_days(local_date(declared_at), $business_days, 'company') AS limit_on
    FROM emergency_changes
    WHERE within(declared_at, $period_start, $period_end)
)
SELECT
    change_id AS item,
    CASE
        WHEN approved_at IS NULL AND limit_on > $period_end THEN 'excluded'
        WHEN approved_at IS NULL OR days_taken > $business_days THEN 'deviation'
        WHEN approver_email IS NULL THEN 'not_tested'
        WHEN is_own THEN 'deviation'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN approved_at IS NULL AND limit_on > $period_end THEN 'not due until after the period'
        WHEN approved_at IS NULL THEN 'not approved, due on ' || CAST(limit_on AS TEXT)
        WHEN days_taken > $business_days
            THEN 'approved ' || CAST(days_taken AS TEXT) || ' business days after the declaration, '
                || CAST($business_days AS TEXT) || ' allowed'
        WHEN approver_email IS NULL THEN 'the source cannot say who approved'
        WHEN is_own THEN 'approved by the person who declared it'
        ELSE 'approved ' || CAST(days_taken AS TEXT)
            || CASE WHEN days_taken = 1 THEN ' business day' ELSE ' business days' END
            || ' after the declaration, ' || CAST($business_days AS TEXT) || ' allowed'
    END AS reason,
    declared_at AS occurred_at,
    pr_id,
    approved_at
FROM timed
