-- One row per change merged in the period. An approval counts when a human
-- other than the author gave it, on the final commit, no later than the merge.
-- Two logins of one person are one person. Whether protection was overridden
-- is detail: a bypassed change that was approved still operated.
WITH logins AS (
    SELECT
        username,
        max(coalesce(person_id, lower(email), username)) AS person,
        bool_or(kind IN ('bot', 'service')) AS is_machine
    FROM accounts_history
    WHERE system = $code_host AND username IS NOT NULL
    GROUP BY username
),
merged AS (
    SELECT *
    FROM pull_requests
    WHERE within(merged_at, $period_start, $period_end)
),
approvals AS (
    SELECT
        p.pr_id,
        r.commit_sha,
        p.head_sha,
        coalesce(w.person, r.reviewer_account) = coalesce(a.person, p.author_account) AS is_own,
        coalesce(w.is_machine, false)
            OR array_has(string_to_array($bot_accounts, ';'), r.reviewer_account) AS is_machine
    FROM merged AS p
    JOIN reviews AS r ON r.pr_id = p.pr_id AND r.submitted_at <= p.merged_at
    LEFT JOIN logins AS w ON w.username = r.reviewer_account
    LEFT JOIN logins AS a ON a.username = p.author_account
    WHERE r.state = 'approved'
),
counted AS (
    SELECT
        pr_id,
        count(*) AS all_approvals,
        count(*) FILTER (WHERE NOT is_own AND NOT is_machine AND commit_sha = head_sha) AS final_approvals,
        count(*) FILTER (WHERE NOT is_own AND NOT is_machine AND commit_sha <> head_sha) AS earlier_approvals,
        count(*) FILTER (WHERE NOT is_own AND NOT is_machine AND commit_sha IS NULL) AS undated_approvals
    FROM approvals
    GROUP BY pr_id
),
judged AS (
    SELECT
        p.pr_id,
        p.repo,
        p.author_account,
        p.author_kind,
        p.merged_by_account,
        p.merged_by_bypass,
        p.merged_at,
        p.author_kind = 'bot'
            AND array_has(string_to_array($bot_accounts, ';'), p.author_account) AS is_listed_bot,
        coalesce(c.all_approvals, 0) AS all_approvals,
        coalesce(c.final_approvals, 0) AS final_approvals,
        coalesce(c.earlier_approvals, 0) AS earlier_approvals,
        coalesce(c.undated_approvals, 0) AS undated_approvals
    FROM merged AS p
    LEFT JOIN counted AS c ON c.pr_id = p.pr_id
)
SELECT
    pr_id AS item,
    CASE
        WHEN final_approvals > 0 THEN 'operated'
        WHEN is_listed_bot THEN 'excluded'
        WHEN undated_approvals > 0 THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN final_approvals > 0
            THEN 'approved by another person on the final commit before the merge'
        WHEN is_listed_bot
            THEN 'merged by the account ' || author_account
                || ', which the dependency policy allows to merge its own updates'
        WHEN undated_approvals > 0
            THEN 'the source cannot say which commit was approved'
        WHEN earlier_approvals > 0
            THEN 'approved on an earlier commit only, the final commit was not approved before the merge'
        WHEN all_approvals > 0
            THEN 'approved only by the author or by a machine account'
        WHEN merged_by_bypass
            THEN 'merged by overriding branch protection, without an approval'
        ELSE 'merged without an approval'
    END AS reason,
    merged_at AS occurred_at,
    repo,
    author_account,
    merged_by_account,
    merged_by_bypass,
    final_approvals,
    earlier_approvals
FROM judged
