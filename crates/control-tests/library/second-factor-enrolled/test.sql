-- One row per personal account and observation while the account was active.
-- Systems behind the identity provider rely on its factor and are no items.
SELECT
    system || '/' || native_id AS item,
    CASE
        WHEN has_mfa THEN 'operated'
        WHEN has_mfa IS NULL THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN has_mfa THEN 'a second factor is enrolled'
        WHEN has_mfa IS NULL THEN 'the source cannot say whether a second factor is enrolled'
        ELSE 'no second factor enrolled when observed on ' || CAST(local_date(observed_at) AS TEXT)
    END AS reason,
    observed_at AS occurred_at,
    source_id,
    has_production_access,
    is_admin
FROM accounts_history
WHERE system = $identity_provider AND kind IN ('human', 'guest') AND status = 'active'
