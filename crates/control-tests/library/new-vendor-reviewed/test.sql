-- One row per vendor first used in the period.
WITH new_vendors AS (
    SELECT vendor_id, tier, onboarded_on
    FROM vendors
    WHERE within(onboarded_on, $period_start, $period_end)
),
counted AS (
    SELECT
        v.vendor_id,
        v.tier,
        v.onboarded_on,
        min(r.reviewed_on) AS first_review_on,
        count(r.reviewed_on) FILTER (WHERE r.reviewed_on <= v.onboarded_on) AS reviews_before,
        count(r.reviewed_on) FILTER (
            WHERE r.reviewed_on <= v.onboarded_on AND coalesce(r.outcome, '') <> 'rejected'
        ) AS passed_before
    FROM new_vendors AS v
    LEFT JOIN vendor_reviews AS r ON r.vendor_id = v.vendor_id AND r.kind = 'onboarding'
    GROUP BY v.vendor_id, v.tier, v.onboarded_on
)
SELECT
    vendor_id AS item,
    CASE WHEN passed_before > 0 THEN 'operated' ELSE 'deviation' END AS status,
    CASE
        WHEN passed_before > 0 THEN 'reviewed on ' || CAST(first_review_on AS TEXT) || ', before first use'
        WHEN reviews_before > 0 THEN 'used although the review rejected it'
        WHEN first_review_on IS NULL THEN 'no review before first use on record'
        ELSE 'reviewed ' || CAST(first_review_on - onboarded_on AS TEXT)
            || CASE WHEN first_review_on - onboarded_on = 1 THEN ' day' ELSE ' days' END
            || ' after first use'
    END AS reason,
    onboarded_on AS occurred_at,
    tier,
    first_review_on
FROM counted
