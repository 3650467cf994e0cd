-- Each time that this database took the place of another one: what was done between the copy and that time is not in
-- it, though a LIS may know of it.
CREATE TABLE restores (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  backup TEXT NOT NULL,           -- name of the copy
  made_at TEXT NOT NULL,          -- of the last thing that the copy knows
  actor TEXT NOT NULL,
  messages_held INTEGER NOT NULL CHECK (messages_held >= 0)
) STRICT;
CREATE TRIGGER restores_immutable BEFORE UPDATE ON restores
BEGIN SELECT RAISE(ABORT, 'a restore is never changed'); END;
CREATE TRIGGER restores_kept BEFORE DELETE ON restores
BEGIN SELECT RAISE(ABORT, 'a restore is never deleted'); END;
