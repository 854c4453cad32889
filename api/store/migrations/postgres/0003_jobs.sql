-- Jobs: what was asked for, by whom, how far it is and what came of it. Whoever runs a job holds it
-- by a token of its own (`runner`) and says now and then that it lives (`heartbeat_at`).
CREATE TABLE jobs (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  zone text COLLATE "C" NOT NULL,
  process text NOT NULL,
  inputs text NOT NULL,
  response text NOT NULL CHECK (response IN ('raw', 'document')),
  subject text COLLATE "C" NOT NULL,
  state text NOT NULL
    CHECK (state IN ('accepted', 'running', 'successful', 'failed', 'dismissed')),
  attempts integer NOT NULL DEFAULT 0,
  created_at text COLLATE "C" NOT NULL,
  updated_at text COLLATE "C" NOT NULL,
  started_at text COLLATE "C",
  finished_at text COLLATE "C",
  runner text,
  heartbeat_at text COLLATE "C",
  done double precision NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND 1),
  step text NOT NULL DEFAULT '',
  message text NOT NULL DEFAULT '',
  document text,
  CHECK ((state = 'running') = (runner IS NOT NULL)),
  CHECK ((state = 'successful') = (document IS NOT NULL))
);

CREATE INDEX jobs_unfinished ON jobs (number) WHERE state IN ('accepted', 'running');
CREATE INDEX jobs_listed ON jobs (zone, subject, number);

-- Everything but the documents, which are long.
CREATE VIEW job_records AS SELECT number, id, zone, process, inputs, response, subject, state, attempts,
  created_at, updated_at, started_at, finished_at, done, step, message FROM jobs;
