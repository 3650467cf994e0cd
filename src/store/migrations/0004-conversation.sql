-- What happened to each message: every try with what came back, and every wish of a person.
CREATE TABLE conversation (
  id INTEGER PRIMARY KEY,
  outbox_id INTEGER NOT NULL REFERENCES outbox (id),
  at TEXT NOT NULL,
  actor TEXT,                     -- null: a try; else the person
  event TEXT NOT NULL,            -- in words, without patient data
  answer TEXT                     -- the receiver's own words, which may name a patient; retention removes them
) STRICT;
CREATE INDEX conversation_of ON conversation (outbox_id);
CREATE TRIGGER conversation_kept BEFORE DELETE ON conversation
BEGIN SELECT RAISE(ABORT, 'what happened to a message is never deleted'); END;
CREATE TRIGGER conversation_immutable BEFORE UPDATE OF outbox_id, at, actor, event ON conversation
BEGIN SELECT RAISE(ABORT, 'what happened to a message is never changed'); END;

-- A message that waits can be given to a destination of another name; one that is finished stays where it went.
DROP TRIGGER outbox_identity;
CREATE TRIGGER outbox_identity BEFORE UPDATE OF control_id, result_key, result_version_id, bytes_sha256, created_at
ON outbox BEGIN SELECT RAISE(ABORT, 'what identifies a message is never changed'); END;
CREATE TRIGGER outbox_destination BEFORE UPDATE OF destination ON outbox
WHEN OLD.state NOT IN ('queued', 'held') AND NEW.destination <> OLD.destination
BEGIN SELECT RAISE(ABORT, 'a message that is finished stays with its destination'); END;
-- What was sent to one destination about one result, for resending.
CREATE INDEX outbox_of_result ON outbox (result_key, destination);
