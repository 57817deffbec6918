-- One row per repository and observation of its default branch. Where the list
-- of repositories does not name the default branch, every branch observed
-- counts; repositories outside the system are listed, not judged. A repository in
-- scope whose default branch was never observed is listed as not tested.
SELECT
    b.repo || '/' || b.branch AS item,
    CASE
        WHEN NOT coalesce(r.in_scope, true) THEN 'excluded'
        WHEN b.is_protected IS NULL THEN 'not_tested'
        WHEN NOT b.is_protected THEN 'deviation'
        WHEN b.required_approvals IS NULL THEN 'not_tested'
        WHEN b.required_approvals < $min_approvals THEN 'deviation'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN NOT coalesce(r.in_scope, true) THEN 'the repository is not part of the system'
        WHEN b.is_protected IS NULL THEN 'the source cannot say whether the branch is protected'
        WHEN NOT b.is_protected
            THEN 'the branch `' || b.branch || '` was not protected on ' || CAST(local_date(b.observed_at) AS TEXT)
        WHEN b.required_approvals IS NULL THEN 'the source cannot say how many approvals the branch requires'
        WHEN b.required_approvals < $min_approvals
            THEN 'the branch `' || b.branch || '` required ' || CAST(b.required_approvals AS TEXT)
                || ' approvals on ' || CAST(local_date(b.observed_at) AS TEXT) || ', '
                || CAST($min_approvals AS TEXT) || ' wanted'
        ELSE 'protected, approvals required: ' || CAST(b.required_approvals AS TEXT)
    END AS reason,
    b.observed_at AS occurred_at,
    b.source_id,
    b.repo,
    b.required_approvals,
    b.dismiss_stale,
    b.enforce_admins,
    b.requires_checks,
    b.allow_force_push
FROM branch_rules_history AS b
LEFT JOIN repositories AS r ON r.repo = b.repo
WHERE r.default_branch IS NULL OR r.default_branch = b.branch
UNION ALL
SELECT
    r.repo || '/' || r.default_branch AS item,
    'not_tested' AS status,
    'the source cannot say: the protection of the branch was never observed' AS reason,
    CAST($period_end AS TIMESTAMP) AS occurred_at,
    r.source_id,
    r.repo,
    CAST(NULL AS BIGINT) AS required_approvals,
    CAST(NULL AS BOOLEAN) AS dismiss_stale,
    CAST(NULL AS BOOLEAN) AS enforce_admins,
    CAST(NULL AS BOOLEAN) AS requires_checks,
    CAST(NULL AS BOOLEAN) AS allow_force_push
FROM repositories AS r
LEFT JOIN (SELECT DISTINCT repo, branch FROM branch_rules_history) AS b
    ON b.repo = r.repo AND b.branch = r.default_branch
WHERE b.repo IS NULL AND coalesce(r.in_scope, true) AND NOT coalesce(r.is_archived, false)
