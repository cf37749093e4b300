-- Which regions have an app, and how much of it is healthy there. One row an app and region, written by the aggregators of
-- that region (patina-aggregator) and by nobody else. For agents of the global cluster.
-- Every column but the key has a default, so that a row can be replicated cell by cell. No index by region: the full compare
-- may read the whole table every few minutes, and an index would cost every host its room. WITHOUT ROWID saves a fifth of it: the
-- key is most of a row, and lies there once less.
CREATE TABLE app_regions (
  app TEXT NOT NULL,
  -- `node.region` of the hosts of that region.
  region TEXT NOT NULL,
  instances INTEGER NOT NULL DEFAULT 0,
  -- Of them those that can be sent requests.
  healthy INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (app, region)
) WITHOUT ROWID;

-- The same without regions of which the global cluster sees no member: one that falls off keeps its rows, and is left out
-- here from the event on that says that its last member is down. A member that is only suspected counts as there.
CREATE VIEW live_app_regions AS
SELECT app, region, instances, healthy
FROM app_regions
WHERE region IN (SELECT region FROM patina_members WHERE state IN ('alive', 'suspect'));
