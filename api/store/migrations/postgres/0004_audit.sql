-- Who read what is restricted and who changed what, each entry chained to the one before it, and
-- the signed heads of the chain. Rows are only ever added.
CREATE TABLE audit (
  seq bigint PRIMARY KEY CHECK (seq > 0),
  at text NOT NULL,
  subject text NOT NULL,
  role text NOT NULL,
  zone text COLLATE "C" NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  detail text NOT NULL,
  previous text NOT NULL,
  hash text NOT NULL
);

CREATE TABLE audit_heads (
  seq bigint PRIMARY KEY CHECK (seq > 0),
  hash text NOT NULL,
  at text NOT NULL,
  key text NOT NULL,
  signature text NOT NULL
);

CREATE FUNCTION audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_kept();

CREATE TRIGGER audit_heads_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_heads
FOR EACH STATEMENT EXECUTE FUNCTION audit_kept();
