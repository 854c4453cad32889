-- The public overlay: the secret and calendar of each zone, kept for as long as the overlay is
-- shown, and what was released of it. Nothing can change or delete either: a window that is released
-- twice carries two noises.
CREATE TABLE overlay_secrets (
  zone TEXT PRIMARY KEY,
  secret TEXT NOT NULL,
  first_day TEXT NOT NULL,
  window_days INTEGER NOT NULL,
  budget REAL NOT NULL,
  min_addresses INTEGER NOT NULL
) STRICT;

CREATE TABLE releases (
  id INTEGER PRIMARY KEY,
  zone TEXT NOT NULL REFERENCES overlay_secrets (zone),
  number INTEGER NOT NULL,
  since TEXT NOT NULL,
  until TEXT NOT NULL,
  shown_until TEXT NOT NULL,
  design TEXT NOT NULL,
  sums TEXT NOT NULL,
  areas TEXT NOT NULL,
  UNIQUE (zone, number),
  UNIQUE (zone, since)
) STRICT;

CREATE TRIGGER overlay_secrets_unchanged BEFORE UPDATE ON overlay_secrets BEGIN
  SELECT raise(ABORT, 'the secret of an overlay cannot be changed');
END;

CREATE TRIGGER overlay_secrets_undeleted BEFORE DELETE ON overlay_secrets BEGIN
  SELECT raise(ABORT, 'the secret of an overlay cannot be deleted');
END;

CREATE TRIGGER releases_unchanged BEFORE UPDATE ON releases BEGIN
  SELECT raise(ABORT, 'a release cannot be changed');
END;

CREATE TRIGGER releases_undeleted BEFORE DELETE ON releases BEGIN
  SELECT raise(ABORT, 'a release cannot be deleted');
END;
