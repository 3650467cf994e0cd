-- Every time is UTC text as JavaScript's toISOString writes it: it sorts as it reads, in any tool.
-- Every JSON column holds exactly what the type named beside it holds.

-- Which database this is. The tag is in every control ID and result key, so that a database that was lost and
-- made anew, or restored from a copy, never gives a number out a second time.
CREATE TABLE installation (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  tag TEXT NOT NULL CHECK (tag GLOB '[0-9A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]'),
  created_at TEXT NOT NULL
) STRICT;

-- The last number given out.
CREATE TABLE sequence (
  name TEXT PRIMARY KEY CHECK (name IN ('message', 'result')),
  value INTEGER NOT NULL CHECK (value >= 0)
) STRICT;
INSERT INTO sequence (name, value) VALUES ('message', 0), ('result', 0);

-- Every path on which a file was seen; several paths may hold one content.
CREATE TABLE sightings (
  id INTEGER PRIMARY KEY,
  path BLOB NOT NULL UNIQUE,      -- the bytes of the name: it need not be UTF-8
  size INTEGER NOT NULL CHECK (size >= 0),
  mtime_ns INTEGER NOT NULL,
  sha256 TEXT CHECK (length(sha256) = 64), -- null: never read, because it is too large or unreadable
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL
) STRICT;
CREATE INDEX sightings_first_seen ON sightings (first_seen);

-- Analysis (src/analysis.ts), one row for each file content and method.
CREATE TABLE analyses (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  assay TEXT NOT NULL,
  parameters TEXT NOT NULL,
  estimator TEXT NOT NULL,
  file TEXT NOT NULL,             -- for people; sightings has the exact path
  scored_at TEXT NOT NULL,
  injection_key TEXT,
  accession TEXT,
  status TEXT NOT NULL CHECK (status IN ('pass', 'review', 'fail')),
  cv_raw REAL,
  cv_low REAL,
  cv_high REAL,
  reasons TEXT NOT NULL CHECK (json_valid(reasons)),            -- Reason[]
  junction TEXT NOT NULL CHECK (json_valid(junction)),          -- ClonalityScore['junction']
  quality TEXT NOT NULL CHECK (json_valid(quality)),            -- Quality
  alternatives TEXT NOT NULL CHECK (json_valid(alternatives)),  -- ClonalityScore['alternatives']
  origin TEXT NOT NULL CHECK (json_valid(origin)),              -- Origin | null
  UNIQUE (sha256, assay, parameters, estimator),
  CHECK ((status = 'fail') = (cv_raw IS NULL)),
  CHECK ((cv_raw IS NULL) = (cv_low IS NULL) AND (cv_raw IS NULL) = (cv_high IS NULL))
) STRICT;
CREATE INDEX analyses_injection ON analyses (injection_key) WHERE injection_key IS NOT NULL;
CREATE INDEX analyses_accession ON analyses (accession) WHERE accession IS NOT NULL;
CREATE INDEX analyses_scored_at ON analyses (scored_at);
CREATE TRIGGER analyses_immutable BEFORE UPDATE ON analyses
BEGIN SELECT RAISE(ABORT, 'an analysis is never changed'); END;
CREATE TRIGGER analyses_kept BEFORE DELETE ON analyses
BEGIN SELECT RAISE(ABORT, 'an analysis is never deleted'); END;

-- What is reported for one order; its life is in result_versions.
CREATE TABLE results (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,       -- OBR-3
  accession TEXT,                 -- null: the trace has none, or more than one
  assay TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX results_accession ON results (accession) WHERE accession IS NOT NULL;

CREATE TABLE result_versions (
  id INTEGER PRIMARY KEY,
  result_id INTEGER NOT NULL REFERENCES results (id),
  version INTEGER NOT NULL CHECK (version >= 1),
  analysis_id INTEGER NOT NULL REFERENCES analyses (id),
  disposition TEXT NOT NULL CHECK (disposition IN ('released', 'held', 'rejected', 'control')),
  report_status TEXT CHECK (report_status IN ('P', 'F', 'C', 'X')), -- null: nothing is reported
  reasons TEXT NOT NULL CHECK (json_valid(reasons)),  -- Reason[]
  context TEXT NOT NULL CHECK (json_valid(context)),  -- Context | null
  risk TEXT NOT NULL CHECK (json_valid(risk)),        -- Risk | null
  cutoffs_version TEXT NOT NULL,
  reported_at TEXT,               -- OBR-22
  decided_at TEXT NOT NULL,
  decided_by TEXT NOT NULL,       -- AUTO, or a person
  UNIQUE (result_id, version),
  CHECK ((report_status IS NULL) = (reported_at IS NULL)),
  CHECK (CASE disposition WHEN 'released' THEN report_status IS NOT NULL
                          WHEN 'rejected' THEN report_status IS NULL OR report_status = 'X'
                          ELSE report_status IS NULL END)
) STRICT;
CREATE INDEX result_versions_held ON result_versions (result_id, version) WHERE disposition = 'held';
CREATE INDEX result_versions_decided_at ON result_versions (decided_at);
CREATE TRIGGER result_versions_immutable BEFORE UPDATE ON result_versions
BEGIN SELECT RAISE(ABORT, 'a result version is never changed: add a later one'); END;
CREATE TRIGGER result_versions_kept BEFORE DELETE ON result_versions
BEGIN SELECT RAISE(ABORT, 'a result version is never deleted'); END;

-- State of each message. It changes with every try, so the bytes have a table of their own.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  control_id TEXT NOT NULL UNIQUE CHECK (length(control_id) BETWEEN 1 AND 20), -- MSH-10
  destination TEXT NOT NULL,
  result_key TEXT NOT NULL REFERENCES results (key),
  result_version_id INTEGER NOT NULL REFERENCES result_versions (id),
  bytes_sha256 TEXT NOT NULL CHECK (length(bytes_sha256) = 64),
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'delivered', 'held', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  rejections INTEGER NOT NULL DEFAULT 0 CHECK (rejections >= 0),
  created_at TEXT NOT NULL,
  next_attempt_at TEXT,           -- null: now
  last_attempt_at TEXT,
  last_outcome TEXT,
  finished_at TEXT,
  bytes_removed_at TEXT,          -- set by retention
  CHECK (next_attempt_at IS NULL OR state = 'queued'),
  CHECK ((finished_at IS NOT NULL) = (state IN ('delivered', 'dropped'))),
  CHECK (bytes_removed_at IS NULL OR state = 'delivered')
) STRICT;
-- What a courier asks for is found in these without reading past what is finished. The row's id ends each.
CREATE INDEX outbox_ready ON outbox (destination, created_at) WHERE state = 'queued' AND next_attempt_at IS NULL;
CREATE INDEX outbox_waiting ON outbox (destination, next_attempt_at)
  WHERE state = 'queued' AND next_attempt_at IS NOT NULL;
CREATE INDEX outbox_open ON outbox (destination, result_key) WHERE state IN ('queued', 'held');
CREATE INDEX outbox_held ON outbox (destination) WHERE state = 'held';
CREATE INDEX outbox_delivered ON outbox (finished_at) WHERE state = 'delivered' AND bytes_removed_at IS NULL;
CREATE TRIGGER outbox_identity BEFORE UPDATE OF control_id, destination, result_key, result_version_id, bytes_sha256, created_at
ON outbox BEGIN SELECT RAISE(ABORT, 'what identifies a message is never changed'); END;
CREATE TRIGGER outbox_kept BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'an outbox entry is never deleted'); END;

CREATE TABLE messages (
  outbox_id INTEGER PRIMARY KEY REFERENCES outbox (id),
  bytes BLOB NOT NULL CHECK (length(bytes) > 0)
) STRICT;
CREATE TRIGGER messages_immutable BEFORE UPDATE ON messages
BEGIN SELECT RAISE(ABORT, 'the bytes of a message are never changed'); END;
CREATE TRIGGER messages_unsent_kept BEFORE DELETE ON messages
WHEN NOT EXISTS (SELECT 1 FROM outbox WHERE id = OLD.outbox_id AND state = 'delivered')
BEGIN SELECT RAISE(ABORT, 'the bytes of a message that was not delivered are never deleted'); END;

-- Each row's hash covers the row and the hash before it. AUTOINCREMENT remembers the last row: a cut end shows.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL CHECK (json_valid(detail)), -- never a patient's name
  previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64),
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
CREATE TRIGGER audit_immutable BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'an audit row is never changed'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'an audit row is never deleted'); END;
