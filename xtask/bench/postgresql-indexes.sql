-- Indexes that serve the three queries, made after loading.
CREATE UNIQUE INDEX ON merges.pull_requests (pr_id);
CREATE INDEX ON merges.pull_requests (merged_at);
CREATE INDEX ON merges.reviews (pr_id);
CREATE INDEX ON merges.accounts_history (username);
CREATE UNIQUE INDEX ON leaving.leavers (person_id);
CREATE UNIQUE INDEX ON leaving.people (person_id);
CREATE INDEX ON leaving.accounts_history (person_id);
CREATE INDEX ON leaving.sign_ins (system, account_id, occurred_at) INCLUDE (outcome);
CREATE INDEX ON factor.accounts_history (system, native_id, observed_at);
VACUUM ANALYZE;
