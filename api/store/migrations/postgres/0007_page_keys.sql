-- A secret of each layer, under which pages say where the next one begins: a bare position would
-- tell how many withheld features lie between those that are shown.
ALTER TABLE layers ADD COLUMN page_key text NOT NULL DEFAULT '';
UPDATE layers SET page_key = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
