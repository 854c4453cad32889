-- Who read what is restricted and who changed what, each entry chained to the one before it, and
-- the signed heads of the chain. Rows are only ever added: REPLACE would delete without a trigger.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  at TEXT NOT NULL,
  subject TEXT NOT NULL,
  role TEXT NOT NULL,
  zone TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE TABLE audit_heads (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  hash TEXT NOT NULL,
  at TEXT NOT NULL,
  key TEXT NOT NULL,
  signature TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_kept BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'entries of the audit are never changed');
END;

CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'entries of the audit are never deleted');
END;

CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE seq = new.seq) BEGIN
  SELECT RAISE(ABORT, 'entries of the audit are never replaced');
END;

CREATE TRIGGER audit_heads_kept BEFORE UPDATE ON audit_heads BEGIN
  SELECT RAISE(ABORT, 'heads of the audit are never changed');
END;

CREATE TRIGGER audit_heads_not_deleted BEFORE DELETE ON audit_heads BEGIN
  SELECT RAISE(ABORT, 'heads of the audit are never deleted');
END;

CREATE TRIGGER audit_heads_not_replaced BEFORE INSERT ON audit_heads
WHEN EXISTS (SELECT 1 FROM audit_heads WHERE seq = new.seq) BEGIN
  SELECT RAISE(ABORT, 'heads of the audit are never replaced');
END;
