-- One row per policy of the program, judged on the last day of the period. An
-- approval dated later belongs to the next period and proves nothing here.
WITH dated AS (
    SELECT
        policy_id,
        version,
        approved_on,
        review_months,
        approved_on + CAST(CAST(review_months AS TEXT) || ' months' AS INTERVAL) AS next_review_on
    FROM program_policies
)
SELECT
    policy_id AS item,
    CASE
        WHEN approved_on <= $period_end AND next_review_on IS NULL THEN 'not_tested'
        WHEN approved_on <= $period_end AND next_review_on >= $period_end THEN 'operated'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN approved_on IS NULL THEN 'never approved'
        WHEN approved_on > $period_end
            THEN 'the version on file was approved after the period, on ' || CAST(approved_on AS TEXT)
        WHEN next_review_on IS NULL THEN 'the source cannot say how often the policy is to be reviewed'
        WHEN next_review_on < $period_end
            THEN 'approved on ' || CAST(approved_on AS TEXT) || ', the next review was due on '
                || CAST(next_review_on AS TEXT)
        ELSE 'approved on ' || CAST(approved_on AS TEXT)
    END AS reason,
    approved_on AS occurred_at,
    version,
    review_months
FROM dated
