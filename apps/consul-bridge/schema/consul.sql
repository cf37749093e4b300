-- What the Consul agents of the fleet know, a row each, as patina-consul writes them. Columns as in superfly/corrosion.

-- Which services does which node have?
CREATE TABLE consul_services (
  node TEXT NOT NULL,            -- the node's name in Consul
  id TEXT NOT NULL,              -- the service's id, unique on its node
  name TEXT NOT NULL DEFAULT '', -- the service's name
  tags TEXT NOT NULL DEFAULT '[]', -- JSON list of texts
  meta TEXT NOT NULL DEFAULT '{}', -- JSON object of texts
  port INTEGER NOT NULL DEFAULT 0,
  address TEXT NOT NULL DEFAULT '', -- empty: the node's own
  updated_at INTEGER NOT NULL DEFAULT 0, -- Unix ms of the last difference
  source TEXT,                   -- NULL: from Consul; anything else is left alone
  PRIMARY KEY (node, id)
);

-- How is which service, or node, doing?
CREATE TABLE consul_checks (
  node TEXT NOT NULL,
  id TEXT NOT NULL,              -- the check's id, unique on its node
  service_id TEXT NOT NULL DEFAULT '', -- empty: a check of the node
  service_name TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '', -- passing, warning, critical
  output TEXT NOT NULL DEFAULT '', -- as it was at the last difference
  updated_at INTEGER NOT NULL DEFAULT 0, -- Unix ms of the last difference
  source TEXT,                   -- NULL: from Consul; anything else is left alone
  PRIMARY KEY (node, id)
);

CREATE INDEX consul_services_name ON consul_services (name);
CREATE INDEX consul_checks_service ON consul_checks (service_name, status);
