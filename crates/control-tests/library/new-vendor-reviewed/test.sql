-- One row per vendor first used in the period. Of several reviews before first
-- use the latest decides: a rejection is not undone by an older acceptance.
WITH new_vendors AS (
    SELECT vendor_id, tier, onboarded_on
    FROM vendors
    WHERE within(onboarded_on, $period_start, $period_end)
),
reviews_before AS (
    SELECT
        v.vendor_id,
        r.reviewed_on,
        r.outcome,
        row_number() OVER (PARTITION BY v.vendor_id ORDER BY r.reviewed_on DESC, r.outcome DESC) AS nth_last
    FROM new_vendors AS v
    JOIN vendor_reviews AS r
        ON r.vendor_id = v.vendor_id AND r.kind = 'onboarding' AND r.reviewed_on <= v.onboarded_on
),
counted AS (
    SELECT
        v.vendor_id,
        v.tier,
        v.onboarded_on,
        b.reviewed_on AS reviewed_before_on,
        b.outcome,
        min(r.reviewed_on) AS first_review_on
    FROM new_vendors AS v
    LEFT JOIN vendor_reviews AS r ON r.vendor_id = v.vendor_id AND r.kind = 'onboarding'
    LEFT JOIN reviews_before AS b ON b.vendor_id = v.vendor_id AND b.nth_last = 1
    GROUP BY v.vendor_id, v.tier, v.onboarded_on, b.reviewed_on, b.outcome
)
SELECT
    vendor_id AS item,
    CASE
        WHEN reviewed_before_on IS NULL THEN 'deviation'
        WHEN outcome IS NULL THEN 'not_tested'
        WHEN outcome = 'rejected' THEN 'deviation'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN reviewed_before_on IS NOT NULL AND outcome IS NULL
            THEN 'the source cannot say what the review before first use concluded'
        WHEN outcome = 'rejected' THEN 'used although the review rejected it'
        WHEN reviewed_before_on IS NOT NULL
            THEN 'reviewed on ' || CAST(reviewed_before_on AS TEXT) || ', before first use'
        WHEN first_review_on IS NULL THEN 'no review before first use on record'
        ELSE 'reviewed ' || CAST(first_review_on - onboarded_on AS TEXT)
            || CASE WHEN first_review_on - onboarded_on = 1 THEN ' day' ELSE ' days' END
            || ' after first use'
    END AS reason,
    onboarded_on AS occurred_at,
    tier,
    first_review_on
FROM counted
