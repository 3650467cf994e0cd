-- A held result that waits for something to come by itself asks nothing of a person until then.
ALTER TABLE result_versions ADD COLUMN waits_until TEXT CHECK (waits_until IS NULL OR disposition = 'held');
-- Decided while release.mode was shadow: nothing was sent, whatever the row says would have been.
ALTER TABLE result_versions ADD COLUMN shadow INTEGER NOT NULL DEFAULT 0 CHECK (shadow IN (0, 1));

CREATE INDEX result_versions_waiting ON result_versions (waits_until) WHERE waits_until IS NOT NULL;
CREATE INDEX result_versions_analysis ON result_versions (analysis_id);
CREATE INDEX result_versions_patient ON result_versions (json_extract(context, '$.patient.id'))
  WHERE disposition = 'released';
CREATE INDEX outbox_version ON outbox (result_version_id);
CREATE INDEX sightings_sha256 ON sightings (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX analyses_run ON analyses (json_extract(origin, '$.run'));
CREATE INDEX analyses_plate ON analyses (json_extract(origin, '$.plate'));

-- Each control sample and how it was judged, for its run and for charts.
CREATE TABLE controls (
  id INTEGER PRIMARY KEY,
  analysis_id INTEGER NOT NULL UNIQUE REFERENCES analyses (id),
  run_group TEXT,                 -- the run or plate, as controls.group says; null: the file names none
  sample TEXT NOT NULL,
  well TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('positive', 'negative', 'other')),
  verdict TEXT NOT NULL CHECK (verdict IN ('passed', 'failed', 'not-judged')),
  detail TEXT NOT NULL,           -- why, in words
  cv REAL,
  judged_at TEXT NOT NULL
) STRICT;
CREATE INDEX controls_run_group ON controls (run_group) WHERE run_group IS NOT NULL;
CREATE INDEX controls_judged_at ON controls (judged_at);
CREATE TRIGGER controls_immutable BEFORE UPDATE ON controls
BEGIN SELECT RAISE(ABORT, 'the verdict on a control is never changed'); END;
CREATE TRIGGER controls_kept BEFORE DELETE ON controls
BEGIN SELECT RAISE(ABORT, 'a control is never deleted'); END;

-- Every set of cut-offs that was ever in force; the last row is.
CREATE TABLE cutoff_versions (
  version INTEGER PRIMARY KEY,
  hash TEXT NOT NULL CHECK (length(hash) = 12),           -- as result_versions.cutoffs_version
  cutoffs TEXT NOT NULL CHECK (json_valid(cutoffs)),      -- Cutoffs
  adopted_at TEXT NOT NULL,
  adopted_by TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX cutoff_versions_hash ON cutoff_versions (hash);
CREATE TRIGGER cutoff_versions_immutable BEFORE UPDATE ON cutoff_versions
BEGIN SELECT RAISE(ABORT, 'a version of the cut-offs is never changed'); END;
CREATE TRIGGER cutoff_versions_kept BEFORE DELETE ON cutoff_versions
BEGIN SELECT RAISE(ABORT, 'a version of the cut-offs is never deleted'); END;
CREATE INDEX audit_subject ON audit (subject);
