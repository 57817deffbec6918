-- One row per twelve months, counted from the first day of the period. The
-- control is that the exercise is held and followed up. A missed recovery time
-- is what an exercise is there to find: it is shown, and bears on the
-- commitment, but it is no deviation of this control.
WITH years AS (
    SELECT
        CAST($period_start + CAST(CAST(n * 12 AS TEXT) || ' months' AS INTERVAL) AS DATE) AS starts_on,
        CAST($period_start + CAST(CAST(n * 12 + 12 AS TEXT) || ' months' AS INTERVAL) AS DATE) - 1 AS ends_on
    FROM (VALUES (0), (1), (2), (3), (4)) AS v (n)
),
exercises AS (
    SELECT held_on, rto_minutes, rpo_minutes, issues_found, issues_tracked
    FROM recovery_exercises
    WHERE kind = 'disaster_recovery' AND within(held_on, $period_start, $period_end)
),
counted AS (
    SELECT
        y.starts_on,
        y.ends_on,
        count(e.held_on) AS times,
        max(e.held_on) AS last_on,
        max(e.rto_minutes) AS rto_minutes,
        max(e.rpo_minutes) AS rpo_minutes,
        sum(e.issues_found - e.issues_tracked) FILTER (WHERE e.issues_found > e.issues_tracked) AS issues_untracked,
        count(*) FILTER (
            WHERE e.held_on IS NOT NULL AND (e.issues_found IS NULL OR e.issues_tracked IS NULL)
        ) AS unknown_follow_up
    FROM years AS y
    LEFT JOIN exercises AS e ON e.held_on BETWEEN y.starts_on AND y.ends_on
    WHERE y.starts_on <= $period_end
    GROUP BY y.starts_on, y.ends_on
)
SELECT
    'disaster_recovery/' || to_char(starts_on, '%Y-%m') || '..' || to_char(ends_on, '%Y-%m') AS item,
    CASE
        WHEN times = 0 AND ends_on > $period_end THEN 'excluded'
        WHEN times = 0 THEN 'deviation'
        WHEN issues_untracked > 0 THEN 'deviation'
        WHEN unknown_follow_up > 0 THEN 'not_tested'
        ELSE 'operated'
    END AS status,
    CASE
        WHEN times = 0 AND ends_on > $period_end
            THEN 'less than twelve months lie in the period and no exercise was held in them'
        WHEN times = 0 THEN 'no recovery exercise in the twelve months'
        WHEN issues_untracked > 0
            THEN 'exercised on ' || CAST(last_on AS TEXT) || ', issues not tracked: ' || CAST(issues_untracked AS TEXT)
        WHEN unknown_follow_up > 0
            THEN 'the source cannot say whether the issues found are tracked'
        ELSE 'exercised on ' || CAST(last_on AS TEXT) || ', every issue found is tracked'
            || CASE
                WHEN rto_minutes > $rto_target_minutes
                    THEN '; service restored in ' || CAST(rto_minutes AS TEXT) || ' minutes, '
                        || CAST($rto_target_minutes AS TEXT) || ' promised'
                ELSE ''
            END
    END AS reason,
    coalesce(last_on, ends_on) AS occurred_at,
    rto_minutes,
    rpo_minutes,
    rto_minutes <= $rto_target_minutes AS rto_met,
    rpo_minutes <= $rpo_target_minutes AS rpo_met
FROM counted
