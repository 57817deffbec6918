-- One row per employee hired in the period. Contractors and interns are checked
-- under their own arrangements and are no items here. How soon the person could
-- reach production is detail: the auditor weighs it as a compensating fact.
SELECT
    person_id AS item,
    CASE
        WHEN background_check_status = 'not_required' THEN 'excluded'
        WHEN background_check_completed_on <= start_date AND background_check_status = 'clear' THEN 'operated'
        WHEN background_check_completed_on > start_date THEN 'deviation'
        WHEN background_check_status IS NULL THEN 'not_tested'
        WHEN background_check_status = 'clear' THEN 'not_tested'
        ELSE 'deviation'
    END AS status,
    CASE
        WHEN background_check_status = 'not_required'
            THEN 'no background check is required for the position'
        WHEN background_check_completed_on <= start_date AND background_check_status = 'clear'
            THEN 'finished on or before the first day'
        WHEN background_check_completed_on > start_date
            THEN 'finished ' || CAST(background_check_completed_on - start_date AS TEXT)
                || CASE WHEN background_check_completed_on - start_date = 1 THEN ' day' ELSE ' days' END
                || ' after the first day'
        WHEN background_check_status IS NULL
            THEN 'the source cannot say whether the background check was clear'
        WHEN background_check_status = 'clear'
            THEN 'the source cannot say when the background check was finished'
        ELSE 'no clear result on record'
    END AS reason,
    start_date AS occurred_at,
    background_check_completed_on - start_date AS finished_days_after_start,
    production_access_on - start_date AS production_access_days_after_start
FROM people
WHERE employment_type = 'employee' AND within(start_date, $period_start, $period_end)
