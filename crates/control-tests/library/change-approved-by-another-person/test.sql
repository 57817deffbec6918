-- One row per change merged in the period. An approval counts when a human
-- other than the author gave it, on the final commit, no later than the merge,
-- and did not ask for changes afterwards. Logins are compared without regard to
-- case. Two logins of one person are one person: by worker number, which another
-- system may know for the address, else by address. Whether protection was
-- overridden is detail: a bypassed change that was approved still operated. A
-- listed bot is excused only for what it merged itself.
WITH workers AS (
    SELECT lower(email) AS address, max(person_id) AS person_id
    FROM accounts_history
    WHERE email IS NOT NULL AND person_id IS NOT NULL
    GROUP BY lower(email)
),
logins AS (
    SELECT
        lower(a.username) AS username,
        max(coalesce(a.person_id, w.person_id, lower(a.email), lower(a.username))) AS person,
        bool_or(a.kind IN ('bot', 'service')) AS is_machine
    FROM accounts_history AS a
    LEFT JOIN workers AS w ON w.address = lower(a.email)
    WHERE a.system = $code_host AND a.username IS NOT NULL
    GROUP BY lower(a.username)
),
merged AS (
    SELECT *
    FROM pull_requests
    WHERE within(merged_at, $period_start, $period_end)
),
decisions AS (
    SELECT
        p.pr_id,
        p.head_sha,
        r.commit_sha,
        r.state,
        r.submitted_at,
        coalesce(w.person, lower(r.reviewer_account)) AS reviewer,
        coalesce(a.person, lower(p.author_account)) AS author,
        coalesce(w.is_machine, false)
            OR array_has(string_to_array(lower($bot_accounts), ';'), lower(r.reviewer_account)) AS is_machine
    FROM merged AS p
    JOIN reviews AS r ON r.pr_id = p.pr_id AND r.submitted_at <= p.merged_at
    LEFT JOIN logins AS w ON w.username = lower(r.reviewer_account)
    LEFT JOIN logins AS a ON a.username = lower(p.author_account)
    WHERE r.state IN ('approved', 'changes_requested')
),
objections AS (
    SELECT pr_id, reviewer, max(submitted_at) AS objected_at
    FROM decisions
    WHERE state = 'changes_requested'
    GROUP BY pr_id, reviewer
),
approvals AS (
    SELECT
        d.pr_id,
        d.commit_sha,
        d.head_sha,
        d.reviewer = d.author AS is_own,
        d.is_machine,
        coalesce(o.objected_at > d.submitted_at, false) AS is_withdrawn
    FROM decisions AS d
    LEFT JOIN objections AS o ON o.pr_id = d.pr_id AND o.reviewer = d.reviewer
    WHERE d.state = 'approved'
),
counted AS (
    SELECT
        pr_id,
        count(*) AS all_approvals,
        count(*) FILTER (WHERE is_withdrawn AND NOT is_own AND NOT is_machine) AS withdrawn_approvals,
        count(*) FILTER (WHERE stands AND commit_sha = head_sha) AS final_approvals,
        count(*) FILTER (WHERE stands AND commit_sha <> head_sha) AS earlier_approvals,
        count(*) FILTER (WHERE stands AND commit_sha IS NULL) AS undated_approvals
    FROM (SELECT *, NOT is_own AND NOT is_machine AND NOT is_withdrawn AS stands FROM approvals)
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
            AND array_has(string_to_array(lower($bot_accounts), ';'), lower(p.author_account)) AS is_listed_bot,
        lower(p.merged_by_account) = lower(p.author_account) AS is_merged_by_author,
        coalesce(c.all_approvals, 0) AS all_approvals,
        coalesce(c.final_approvals, 0) AS final_approvals,
        coalesce(c.earlier_approvals, 0) AS earlier_approvals,
        coalesce(c.undated_approvals, 0) AS undated_approvals,
        coalesce(c.withdrawn_approvals, 0) AS withdrawn_approvals
    FROM merged AS p
    LEFT JOIN counted AS c ON c.pr_id = p.pr_id
)
SELECT
    pr_id AS item,
    CASE
        WHEN final_approvals > 0 THEN 'operated'
        WHEN is_listed_bot AND is_merged_by_author THEN 'excluded'
        WHEN is_listed_bot AND is_merged_by_author IS NULL THEN 'not_tested'
        WHEN undated_approvals > 0 THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN final_approvals > 0
            THEN 'approved by another person on the final commit before the merge'
        WHEN is_listed_bot AND is_merged_by_author
            THEN 'merged by the account ' || author_account
                || ', which the dependency policy allows to merge its own updates'
        WHEN is_listed_bot AND is_merged_by_author IS NULL
            THEN 'the source cannot say whether the account ' || author_account || ' merged its own update'
        WHEN undated_approvals > 0
            THEN 'the source cannot say which commit was approved'
        WHEN earlier_approvals > 0
            THEN 'approved on an earlier commit only, the final commit was not approved before the merge'
        WHEN withdrawn_approvals > 0
            THEN 'approved, but the reviewer asked for changes afterwards'
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
