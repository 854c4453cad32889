-- Local accounts, the sessions that somebody signed in to, and recent attempts to sign in. Sessions
-- hold the rights they were opened with; one of an account ends with the account's version. Who
-- attempted stands here as a keyed hash alone, and no longer than it counts.
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  zones TEXT,
  owner TEXT,
  password_hash TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  account_version INTEGER,
  role TEXT NOT NULL,
  zones TEXT,
  owner TEXT,
  generation INTEGER NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_expiring ON sessions (expires_at);

CREATE TABLE sign_in_attempts (
  key TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  held_until TEXT NOT NULL,
  forget_at TEXT NOT NULL
) STRICT;
