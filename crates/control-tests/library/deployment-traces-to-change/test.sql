-- One row per deployment of the period to the environment. The change is the one
-- the source names or, where that is not known, the one whose merge made the
-- deployed commit.
WITH deployed AS (
    SELECT deployment_id, repo, sha, pr_id, deployed_at, status
    FROM deployments
    WHERE lower(environment) = lower($environment) AND within(deployed_at, $period_start, $period_end)
),
made_commits AS (
    SELECT repo, merge_sha, min(pr_id) AS pr_id, min(merged_at) AS merged_at
    FROM pull_requests
    WHERE merge_sha IS NOT NULL
    GROUP BY repo, merge_sha
),
traced AS (
    SELECT
        d.deployment_id,
        d.repo,
        d.sha,
        d.pr_id AS named_pr_id,
        d.deployed_at,
        d.status AS deployment_status,
        coalesce(p.pr_id, c.pr_id) AS pr_id,
        coalesce(p.merged_at, c.merged_at) AS merged_at
    FROM deployed AS d
    LEFT JOIN pull_requests AS p ON p.pr_id = d.pr_id
    LEFT JOIN made_commits AS c ON c.repo = d.repo AND c.merge_sha = d.sha
)
SELECT
    deployment_id AS item,
    CASE WHEN merged_at <= deployed_at THEN 'operated' ELSE 'deviation' END AS status,
    CASE
        WHEN merged_at <= deployed_at THEN 'traces to ' || pr_id
        WHEN merged_at > deployed_at THEN 'deployed before ' || pr_id || ' was merged'
        WHEN named_pr_id IS NOT NULL THEN 'names ' || named_pr_id || ', which is not among the merged changes'
        ELSE 'no merged change made the deployed commit'
    END AS reason,
    deployed_at AS occurred_at,
    repo,
    sha,
    deployment_status
FROM traced
