-- What the library's SQL expects beside its tables, as functions that are
-- inlined; and the tables, with the columns of the datasets in their order.
CREATE FUNCTION local_date(timestamptz) RETURNS date
    LANGUAGE sql IMMUTABLE AS $$ SELECT ($1 AT TIME ZONE 'UTC')::date $$;
CREATE FUNCTION within(timestamptz, date, date) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
    SELECT $1 >= ($2::timestamp AT TIME ZONE 'UTC') AND $1 < (($3 + 1)::timestamp AT TIME ZONE 'UTC')
$$;
CREATE FUNCTION within(date, date, date) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$ SELECT $1 >= $2 AND $1 <= $3 $$;
CREATE FUNCTION array_has(text[], text) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$ SELECT $2 = ANY ($1) $$;
CREATE FUNCTION written(timestamptz) RETURNS text
    LANGUAGE sql STABLE AS $$ SELECT to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;

CREATE SCHEMA merges;
CREATE SCHEMA leaving;
CREATE SCHEMA factor;

CREATE UNLOGGED TABLE merges.pull_requests (
    pr_id text, repo text, number bigint, author_account text, author_kind text, title text,
    base_branch text, head_sha text, merge_sha text, created_at timestamptz, merged_at timestamptz,
    merged_by_account text, merged_by_bypass boolean, labels text[], ticket_key text,
    source_id text, observed_at timestamptz, source_row bigint
);
CREATE UNLOGGED TABLE merges.reviews (
    review_id text, pr_id text, reviewer_account text, state text, submitted_at timestamptz,
    commit_sha text, source_id text, observed_at timestamptz, source_row bigint
);
CREATE UNLOGGED TABLE merges.accounts_history (
    system text, native_id text, person_id text, username text, email text, display_name text,
    kind text, status text, is_admin boolean, has_mfa boolean, mfa_methods text[],
    has_production_access boolean, auth_method text, created_at timestamptz,
    last_sign_in_at timestamptz, deactivated_at timestamptz, owner_email text,
    source_id text, observed_at timestamptz, source_row bigint
);
CREATE UNLOGGED TABLE leaving.accounts_history (LIKE merges.accounts_history);
CREATE UNLOGGED TABLE factor.accounts_history (LIKE merges.accounts_history);
CREATE UNLOGGED TABLE leaving.leavers (
    person_id text, full_name text, email text, employment_type text, last_day date,
    assets_returned_on date, source_id text, observed_at timestamptz, source_row bigint
);
CREATE UNLOGGED TABLE leaving.people (
    person_id text, full_name text, email text, alias_emails text[], manager_id text, title text,
    department text, employment_type text, status text, start_date date, end_date date,
    background_check_status text, background_check_completed_on date, agreement_signed_on date,
    conduct_accepted_on date, production_access_on date,
    source_id text, observed_at timestamptz, source_row bigint
);
CREATE UNLOGGED TABLE leaving.sign_ins (
    event_id text, system text, account_id text, occurred_at timestamptz, outcome text,
    source_ip text, is_mfa boolean, source_id text, observed_at timestamptz, source_row bigint
);
