-- One row per control of the program. Owners are roles: a role outlives the
-- people who hold it.
SELECT
    control_id AS item,
    CASE WHEN trim(coalesce(owner_role, '')) = '' THEN 'deviation' ELSE 'operated' END AS status,
    CASE
        WHEN trim(coalesce(owner_role, '')) = '' THEN 'no owner named'
        ELSE 'owned by the role ' || trim(owner_role)
    END AS reason,
    CAST(NULL AS DATE) AS occurred_at,
    frequency
FROM program_controls
