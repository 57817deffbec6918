-- One row per decision to remove. The time runs from the decision or, where the
-- source gives no time for it, from the day the review was completed or fell due.
WITH decided AS (
    SELECT
        i.campaign_id,
        i.account_id,
        c.system,
        i.decided_at,
        coalesce(local_date(i.decided_at), c.completed_on, c.due_on) AS decided_on,
        local_date(i.executed_at) AS executed_on
    FROM access_review_items AS i
    LEFT JOIN access_reviews AS c ON c.campaign_id = i.campaign_id
    WHERE i.decision = 'remove'
),
judged AS (
    SELECT
        *,
        business_days_between(decided_on, executed_on, 'company') AS days_taken,
        add_business_days(decided_on, $business_days, 'company') AS limit_on
    FROM decided
)
SELECT
    campaign_id || '/' || account_id AS item,
    CASE
        WHEN decided_on IS NULL THEN 'not_tested'
        WHEN days_taken <= $business_days THEN 'operated'
        WHEN executed_on IS NULL AND limit_on > $period_end THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN decided_on IS NULL THEN 'the source cannot say when the removal was decided'
        WHEN executed_on IS NOT NULL
            THEN 'carried out ' || CAST(days_taken AS TEXT)
                || CASE WHEN days_taken = 1 THEN ' business day' ELSE ' business days' END
                || ' after the decision, ' || CAST($business_days AS TEXT) || ' allowed'
        WHEN limit_on > $period_end THEN 'not due until after the period'
        ELSE 'not carried out, due on ' || CAST(limit_on AS TEXT)
    END AS reason,
    decided_on AS occurred_at,
    system,
    executed_on,
    days_taken
FROM judged
WHERE decided_on IS NULL OR within(decided_on, $period_start, $period_end)
