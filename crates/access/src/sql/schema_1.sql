-- Everything about access that is secret or not audited. Who exists is not
-- here: that is a fold of the ledger. Columns that end in `_ms` are instants, in
-- milliseconds since 1970; a `digest` is a SHA-256.

-- Argon2id, in PHC form.
CREATE TABLE password (
    account TEXT    PRIMARY KEY,
    hash    TEXT    NOT NULL,
    set_ms  INTEGER NOT NULL
) STRICT;

-- Authenticator apps. `last_step` is the last step whose code was used.
CREATE TABLE totp (
    account   TEXT    PRIMARY KEY,
    secret    TEXT    NOT NULL,
    last_step INTEGER NOT NULL,
    set_ms    INTEGER NOT NULL
) STRICT;

-- Secrets shown to a person who has not typed the first code yet.
CREATE TABLE totp_enrolment (
    account    TEXT    PRIMARY KEY,
    secret     TEXT    NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;

-- `passkey` is the JSON of the credential, with its public key.
CREATE TABLE passkey (
    id            TEXT    PRIMARY KEY,
    account       TEXT    NOT NULL,
    credential_id BLOB    NOT NULL UNIQUE,
    label         TEXT    NOT NULL,
    passkey       TEXT    NOT NULL,
    added_ms      INTEGER NOT NULL,
    used_ms       INTEGER
) STRICT;
CREATE INDEX passkey_account ON passkey (account);

-- Codes not used yet.
CREATE TABLE recovery_code (
    account TEXT NOT NULL,
    digest  BLOB NOT NULL,
    PRIMARY KEY (account, digest)
) STRICT, WITHOUT ROWID;

-- Whom an identity provider means by a subject.
CREATE TABLE sso_link (
    issuer    TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    account   TEXT    NOT NULL,
    linked_ms INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, account)
) STRICT, WITHOUT ROWID;

-- Browsers that are signed in. `methods` names how, separated by spaces.
CREATE TABLE session (
    digest     BLOB    PRIMARY KEY,
    account    TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL,
    user_agent TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    methods    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account);

-- Sign-ins whose password was right and whose second factor is due.
CREATE TABLE pending_sign_in (
    digest     BLOB    PRIMARY KEY,
    account    TEXT    NOT NULL,
    methods    TEXT    NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Links not used yet. Without an account it is the link of the set-up.
CREATE TABLE invitation (
    digest     BLOB    PRIMARY KEY,
    account    TEXT,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Secrets of API tokens in force.
CREATE TABLE api_token (
    id      TEXT    PRIMARY KEY,
    digest  BLOB    NOT NULL,
    used_ms INTEGER
) STRICT;

-- Guesses that failed, or have not succeeded yet.
CREATE TABLE attempt (
    subject  BLOB    PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- First halves of passkey and single sign-on ceremonies.
CREATE TABLE ceremony (
    digest     BLOB    PRIMARY KEY,
    kind       TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What signs the deliveries of a webhook.
CREATE TABLE webhook_secret (
    webhook TEXT PRIMARY KEY,
    secret  TEXT NOT NULL
) STRICT;

-- Deliveries due, done and given up. `next_ms` is null once no more are tried.
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook      TEXT    NOT NULL,
    payload      TEXT    NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    created_ms   INTEGER NOT NULL,
    next_ms      INTEGER,
    last_status  INTEGER,
    delivered_ms INTEGER
) STRICT;
CREATE INDEX delivery_next ON delivery (next_ms) WHERE next_ms IS NOT NULL;
CREATE INDEX delivery_webhook ON delivery (webhook, id);

-- What was answered to a request that may come again. `status` is null while
-- the first one runs.
CREATE TABLE idempotency_key (
    account        TEXT    NOT NULL,
    key            TEXT    NOT NULL,
    request_digest BLOB    NOT NULL,
    status         INTEGER,
    body           BLOB,
    expires_ms     INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

-- Filters a person keeps under a name.
CREATE TABLE saved_view (
    id      INTEGER PRIMARY KEY,
    account TEXT    NOT NULL,
    page    TEXT    NOT NULL,
    title   TEXT    NOT NULL,
    query   TEXT    NOT NULL,
    UNIQUE (account, page, title)
) STRICT;

-- How a person likes the pages.
CREATE TABLE preference (
    account TEXT NOT NULL,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
