-- Which instance of which app runs where, and in which state. One row an instance.
-- Every column but the key has a default, so that a row can be replicated cell by cell.
CREATE TABLE machines (
  -- Identity of the instance; never used again after it is gone.
  id TEXT NOT NULL PRIMARY KEY,
  app TEXT NOT NULL DEFAULT '',
  region TEXT NOT NULL DEFAULT '',
  -- Host that it runs on; the name of a member of the regional cluster.
  node TEXT NOT NULL DEFAULT '',
  addr TEXT NOT NULL DEFAULT '',
  port INTEGER NOT NULL DEFAULT 0,
  -- created, started, stopped, failed or draining.
  state TEXT NOT NULL DEFAULT '',
  -- Milliseconds since 1970 of the last change of state, as its host saw it.
  updated INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX machines_by_app ON machines (app);
