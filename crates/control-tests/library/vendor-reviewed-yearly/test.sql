-- One row per vendor of the tier in use at the end of the period. The review
-- before first use counts like any other. How current the vendor's own report
-- was is detail for the auditor.
WITH in_use AS (
    SELECT vendor_id, tier, onboarded_on, is_subservice
    FROM vendors
    WHERE tier = $tier AND onboarded_on <= $period_end
),
reviews_held AS (
    SELECT
        v.vendor_id,
        r.reviewed_on,
        r.report_type,
        r.report_period_end,
        r.has_bridge_letter,
        r.outcome,
        row_number() OVER (PARTITION BY v.vendor_id ORDER BY r.reviewed_on DESC, r.kind) AS nth_last
    FROM in_use AS v
    JOIN vendor_reviews AS r ON r.vendor_id = v.vendor_id AND r.reviewed_on <= $period_end
),
judged AS (
    SELECT
        v.vendor_id,
        v.is_subservice,
        r.reviewed_on,
        r.report_type,
        r.report_period_end,
        r.has_bridge_letter,
        r.outcome,
        CAST(r.reviewed_on + CAST(CAST($months AS TEXT) || ' months' AS INTERVAL) AS DATE) > $period_end AS is_current
    FROM in_use AS v
    LEFT JOIN reviews_held AS r ON r.vendor_id = v.vendor_id AND r.nth_last = 1
)
SELECT
    vendor_id AS item,
    CASE WHEN is_current THEN 'operated' ELSE 'deviation' END AS status,
    CASE
        WHEN is_current THEN 'reviewed on ' || CAST(reviewed_on AS TEXT)
        WHEN reviewed_on IS NULL THEN 'no review on record'
        ELSE 'last reviewed on ' || CAST(reviewed_on AS TEXT)
    END AS reason,
    reviewed_on AS occurred_at,
    is_subservice,
    report_type,
    report_period_end,
    has_bridge_letter,
    outcome
FROM judged
