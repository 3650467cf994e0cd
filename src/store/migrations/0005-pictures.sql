-- The picture of an analysis, where a destination wants it in its messages. Made when the trace was read, since the
-- service itself never touches a watched folder; retention removes it with the messages.
CREATE TABLE pictures (
  analysis_id INTEGER PRIMARY KEY REFERENCES analyses (id),
  png BLOB NOT NULL,
  added_at TEXT NOT NULL
) STRICT;
CREATE INDEX pictures_age ON pictures (added_at);
