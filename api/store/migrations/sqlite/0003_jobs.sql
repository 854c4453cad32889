-- Jobs: what was asked for, by whom, how far it is and what came of it. Whoever runs a job holds it
-- by a token of its own (`runner`) and says now and then that it lives (`heartbeat_at`).
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  zone TEXT NOT NULL,
  process TEXT NOT NULL,
  inputs TEXT NOT NULL,
  response TEXT NOT NULL CHECK (response IN ('raw', 'document')),
  subject TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('accepted', 'running', 'successful', 'failed', 'dismissed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT,
  runner TEXT,
  heartbeat_at TEXT,
  done REAL NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND 1),
  step TEXT NOT NULL DEFAULT '',
  message TEXT NOT NULL DEFAULT '',
  document TEXT,
  CHECK ((state = 'running') = (runner IS NOT NULL)),
  CHECK ((state = 'successful') = (document IS NOT NULL))
) STRICT;

CREATE INDEX jobs_unfinished ON jobs (number) WHERE state IN ('accepted', 'running');
CREATE INDEX jobs_listed ON jobs (zone, subject, number);

-- Everything but the documents, which are long.
CREATE VIEW job_records AS SELECT number, id, zone, process, inputs, response, subject, state, attempts,
  created_at, updated_at, started_at, finished_at, done, step, message FROM jobs;
