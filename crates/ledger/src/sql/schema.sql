-- The ledger's tables. Rows of `entry`, `tile`, `kind`, `checkpoint` and
-- `cosignature` are only ever added. `body` rows go when they are erased,
-- and each erasure is itself an entry. `head` and `meta` hold one row each.

-- What this file is. `epoch_base` is the origin without its epoch number.
CREATE TABLE meta (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    format       INTEGER NOT NULL,
    epoch_base   TEXT    NOT NULL,
    epoch        INTEGER NOT NULL,
    public_key   BLOB    NOT NULL,
    vacuum_due   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The tree head: number of entries and RFC 6962 root over their leaves.
CREATE TABLE head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    root BLOB    NOT NULL
) STRICT;

-- One canonical entry per row, exactly the bytes that are hashed as a leaf.
CREATE TABLE entry (
    idx  INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL
) STRICT;

-- What each entry commits to: canonical JSON and the salt of its commitment.
CREATE TABLE body (
    idx   INTEGER PRIMARY KEY,
    salt  BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- Full tiles of 256 hashes; `key` is level * 2^48 + index within the level.
CREATE TABLE tile (
    key    INTEGER PRIMARY KEY,
    hashes BLOB NOT NULL
) STRICT;

-- Every kind of entry that occurs, and where it occurred first.
CREATE TABLE kind (
    name      TEXT PRIMARY KEY,
    first_idx INTEGER NOT NULL
) STRICT;

-- Every checkpoint this ledger signed.
CREATE TABLE checkpoint (
    origin TEXT    NOT NULL,
    size   INTEGER NOT NULL,
    note   BLOB    NOT NULL,
    PRIMARY KEY (origin, size)
) STRICT;

-- Signature lines that witnesses returned for those checkpoints.
CREATE TABLE cosignature (
    origin TEXT    NOT NULL,
    size   INTEGER NOT NULL,
    line   TEXT    NOT NULL,
    PRIMARY KEY (origin, size, line)
) STRICT;
