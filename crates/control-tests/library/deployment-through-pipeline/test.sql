-- One row per deployment of the period to the environment, failed ones included:
-- an attempt around the pipeline is an attempt around the control.
SELECT
    deployment_id AS item,
    CASE
        WHEN via_pipeline THEN 'operated'
        WHEN via_pipeline IS NULL THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN via_pipeline THEN 'went through the pipeline'
        WHEN via_pipeline IS NULL THEN 'the source cannot say whether the deployment went through the pipeline'
        ELSE 'deployed outside the pipeline by the account `' || deployed_by_account || '`'
    END AS reason,
    deployed_at AS occurred_at,
    repo,
    sha,
    status AS deployment_status
FROM deployments
WHERE lower(environment) = lower($environment) AND within(deployed_at, $period_start, $period_end)
