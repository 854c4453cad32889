-- A secret of each layer, under which pages say where the next one begins: a bare position would
-- tell how many withheld features lie between those that are shown.
ALTER TABLE layers ADD COLUMN page_key TEXT NOT NULL DEFAULT '';
UPDATE layers SET page_key = lower(hex(randomblob(32)));
