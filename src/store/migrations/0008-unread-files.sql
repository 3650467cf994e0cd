-- Files that were rejected unread, of which every start asks: years of other files must not be looked at for it.
CREATE INDEX sightings_unread ON sightings (id) WHERE sha256 IS NULL;
