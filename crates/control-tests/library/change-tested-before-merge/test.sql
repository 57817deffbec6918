-- One row per change merged in the period. Of each check only its last run on
-- the final commit before the merge counts: a failure that was repeated with
-- success is no failure.
WITH merged AS (
    SELECT pr_id, repo, head_sha, merged_at, author_kind, merged_by_bypass
    FROM pull_requests
    WHERE within(merged_at, $period_start, $period_end)
),
runs AS (
    SELECT
        m.pr_id,
        b.name,
        b.status,
        row_number() OVER (
            PARTITION BY m.pr_id, b.name ORDER BY b.completed_at DESC, b.build_id DESC
        ) AS nth_last
    FROM merged AS m
    JOIN builds AS b ON b.repo = m.repo AND b.sha = m.head_sha AND b.completed_at <= m.merged_at
),
counted AS (
    SELECT
        pr_id,
        count(*) FILTER (WHERE status = 'success') AS passed,
        count(*) FILTER (WHERE status <> 'success') AS failed,
        string_agg(name, ', ' ORDER BY name) FILTER (WHERE status <> 'success') AS failed_names
    FROM runs
    WHERE nth_last = 1
    GROUP BY pr_id
)
SELECT
    m.pr_id AS item,
    CASE WHEN c.passed > 0 AND c.failed = 0 THEN 'operated' ELSE 'deviation' END AS status,
    CASE
        WHEN c.pr_id IS NULL THEN 'no check of the final commit ended before the merge'
        WHEN c.failed > 0 THEN 'the latest run before the merge had failed: ' || c.failed_names
        ELSE 'checks passed on the final commit: ' || CAST(c.passed AS TEXT)
    END AS reason,
    m.merged_at AS occurred_at,
    m.repo,
    m.author_kind,
    m.merged_by_bypass
FROM merged AS m
LEFT JOIN counted AS c ON c.pr_id = m.pr_id
