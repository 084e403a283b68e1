// Package domain is the model: what Freshet knows about items, viewers, events, experiments, rankings and sessions.
//
// It is written in the words of docs/glossary.md with the standard library alone. Aggregates refuse what breaks their
// rules, values cannot exist wrong, and time and chance come in as arguments, so all of it can be replayed. Whatever it
// needs from outside it declares as an interface with its promises; folders named *test hold those promises as suites
// that every implementation passes.
//
// Never here: networks, files, logs, encodings, databases, and anything that knows what a request is.
//
// Look first at feed, where a session serves a page, and at recommend, which ranks what it serves.
//
// May import: all → fault, audience → catalog, access → audience, feed → audience and catalog and experiment and recommend, recommend → audience and catalog, engagement → audience and catalog; of others': nothing; never net, os, log, log/slog, encoding/json, database/sql.
package domain
