-- One row per contract signed in the period. Standard terms were reviewed once
-- for all; other terms need a review of their own.
SELECT
    contract_id AS item,
    CASE
        WHEN terms = 'standard' OR legal_review_on <= signed_on THEN 'operated'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN terms = 'standard' THEN 'standard terms'
        WHEN legal_review_on <= signed_on THEN 'negotiated terms reviewed before signature'
        WHEN legal_review_on IS NULL THEN 'negotiated terms without a legal review'
        ELSE 'negotiated terms reviewed ' || CAST(legal_review_on - signed_on AS TEXT)
            || CASE WHEN legal_review_on - signed_on = 1 THEN ' day' ELSE ' days' END
            || ' after signature'
    END AS reason,
    signed_on AS occurred_at,
    terms,
    legal_review_on
FROM contracts
WHERE within(signed_on, $period_start, $period_end)
