-- One row per worker of any kind who started in the period. Somebody whose
-- limit lies after the period and who has not accepted yet is listed, not
-- judged.
SELECT
    person_id AS item,
    CASE
        WHEN conduct_accepted_on - start_date <= $days THEN 'operated'
        WHEN conduct_accepted_on IS NULL AND $period_end - start_date < $days THEN 'excluded'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN conduct_accepted_on <= start_date THEN 'accepted on or before the first day'
        WHEN conduct_accepted_on IS NOT NULL
            THEN 'accepted ' || CAST(conduct_accepted_on - start_date AS TEXT)
                || CASE WHEN conduct_accepted_on - start_date = 1 THEN ' day' ELSE ' days' END
                || ' after the first day, ' || CAST($days AS TEXT) || ' allowed'
        WHEN $period_end - start_date < $days
            THEN 'not due until after the period'
        ELSE 'no acceptance on record'
    END AS reason,
    start_date AS occurred_at,
    conduct_accepted_on
FROM people
WHERE within(start_date, $period_start, $period_end)
