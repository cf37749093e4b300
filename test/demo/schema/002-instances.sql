-- Which server processes run, where they listen, and what the health checker of their host found. One row a process.
-- A table of its own: `machines.state` is the life of a machine as its host manages it, this `state` is what answers
-- over HTTP, and a cell that two programs write for two reasons says neither.
CREATE TABLE instances (
  id TEXT NOT NULL PRIMARY KEY,
  app TEXT NOT NULL DEFAULT '',
  -- Host that it runs on: the name of a member, as `patina_members.name` has it.
  node TEXT NOT NULL DEFAULT '',
  addr TEXT NOT NULL DEFAULT '',
  port INTEGER NOT NULL DEFAULT 0,
  -- starting, until the checker has a verdict; then healthy or unhealthy.
  state TEXT NOT NULL DEFAULT 'starting'
);
