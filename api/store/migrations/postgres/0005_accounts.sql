-- Local accounts, the sessions that somebody signed in to, and recent attempts to sign in. Sessions
-- hold the rights they were opened with; one of an account ends with the account's version. Who
-- attempted stands here as a keyed hash alone, and no longer than it counts.
CREATE TABLE accounts (
  id text COLLATE "C" PRIMARY KEY,
  role text NOT NULL,
  zones text,
  owner text,
  password_hash text NOT NULL,
  version bigint NOT NULL,
  created_at text NOT NULL,
  changed_at text NOT NULL
);

CREATE TABLE sessions (
  id text COLLATE "C" PRIMARY KEY,
  subject text NOT NULL,
  account_version bigint,
  role text NOT NULL,
  zones text,
  owner text,
  generation bigint NOT NULL,
  expires_at text COLLATE "C" NOT NULL
);

CREATE INDEX sessions_expiring ON sessions (expires_at);

CREATE TABLE sign_in_attempts (
  key text COLLATE "C" PRIMARY KEY,
  count bigint NOT NULL,
  held_until text COLLATE "C" NOT NULL,
  forget_at text COLLATE "C" NOT NULL
);
