-- What each source said of a specimen or a patient, one row for each time (src/context/statement.ts). A later
-- statement takes the place of an earlier one by being later; nothing is changed or deleted, so that it can always
-- be told what was known when a result was decided.
CREATE TABLE statements (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL CHECK (source IN ('orders', 'worklist', 'lookup')),
  kind TEXT NOT NULL CHECK (kind IN ('order', 'cancelled', 'doubtful', 'sil2r', 'sil2r-withdrawn')),
  accession TEXT,
  patient_id TEXT,
  key TEXT NOT NULL,
  said TEXT NOT NULL CHECK (json_valid(said)),  -- Said
  origin TEXT NOT NULL,           -- never a patient's name
  as_of TEXT,
  at TEXT NOT NULL,
  CHECK (accession IS NOT NULL OR patient_id IS NOT NULL)
) STRICT;
CREATE INDEX statements_accession ON statements (accession) WHERE accession IS NOT NULL;
CREATE INDEX statements_patient ON statements (patient_id, kind) WHERE patient_id IS NOT NULL;
CREATE TRIGGER statements_immutable BEFORE UPDATE ON statements
BEGIN SELECT RAISE(ABORT, 'a statement is never changed: a later one takes its place'); END;
CREATE TRIGGER statements_kept BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'a statement is never deleted'); END;

-- Accessions of which something new was said and whose results have not been looked at since. Written with the
-- statement, removed after the look: a crash in between repeats the look.
CREATE TABLE stirred (
  accession TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Each HL7 message that came, with what was answered. The text itself is not kept: what it said is in statements.
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  sender TEXT NOT NULL,           -- MSH-3 and MSH-4
  control_id TEXT NOT NULL,       -- MSH-10; empty where it could not be read
  type TEXT NOT NULL,             -- MSH-9, such as OML^O33
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64), -- of all but MSH: the same message sent again has the same
  answer TEXT NOT NULL CHECK (answer IN ('AA', 'AE', 'AR')),
  problem TEXT NOT NULL CHECK (json_valid(problem)), -- Problem | null
  remarks TEXT NOT NULL CHECK (json_valid(remarks)), -- string[]; codes that are not known, values that cannot be used
  first_at TEXT NOT NULL,
  last_at TEXT NOT NULL,
  times INTEGER NOT NULL DEFAULT 1 CHECK (times >= 1),
  CHECK ((problem = 'null') = (answer = 'AA')),
  UNIQUE (sender, control_id, sha256, answer)
) STRICT;
CREATE INDEX inbox_refused ON inbox (last_at) WHERE answer <> 'AA';
