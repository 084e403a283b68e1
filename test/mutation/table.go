package main

// Mutant takes away one thing that a promise stands on.
type Mutant struct {
	What        string // is taken away
	File        string
	Fragment    string // of the file, where it stands once
	Replacement string
	Tests       string // the package and the tests in it, as -run names them; one of them goes red
}

// Table is what is taken away, one at a time. Each names the cheapest tests that notice.
var Table = []Mutant{
	{
		What: "the uniqueness of event ids in the log", File: "adapters/mysqlstore/migrations/mysql/00003_engagement.sql",
		Fragment: "UNIQUE KEY events_by_id (event_id)", Replacement: "KEY events_by_id (event_id)",
		Tests: "./adapters/mysqlstore TestEventLog/MySQL/(a_repeated_id|ids_known_late)",
	}, {
		What: "the uniqueness of event ids in the embedded log", File: "adapters/mysqlstore/migrations/sqlite/00003_engagement.sql",
		Fragment: "CREATE UNIQUE INDEX IF NOT EXISTS events_by_id", Replacement: "CREATE INDEX IF NOT EXISTS events_by_id",
		Tests: "./adapters/mysqlstore TestEventLog/SQLite/a_repeated_id",
	}, {
		What: "leaving out events that the log has", File: "adapters/mysqlstore/append.go",
		Fragment: "if !known[p.event().ID] {", Replacement: "if !known[p.event().ID] || true {",
		Tests: "./adapters/mysqlstore TestEventLog/SQLite/one_id_appended",
	}, {
		What: "leaving out events that a batch repeats", File: "adapters/mysqlstore/append.go",
		Fragment: "if len(met) > len(out) {", Replacement: "if true {",
		Tests: "./adapters/mysqlstore TestEventLog/SQLite/a_repeated_id",
	}, {
		What: "the offset in the commit of counts", File: "adapters/mysqlstore/tally.go",
		Fragment: `return setHead(tx, "tally", upTo)`, Replacement: "return nil",
		Tests: "./adapters/mysqlstore TestTally/SQLite/likes_and_favorites",
	}, {
		What: "the check that a worker's number is still free when it is taken", File: "adapters/mysqlstore/workers.go",
		Fragment:    `WHERE worker = ? AND owner = ? AND reach_ms = ? AND until_ms <= "+now,` + "\n\t\towner, ms, to, found.Worker, found.Owner, found.Reach)",
		Replacement: `WHERE worker = ?",` + "\n\t\towner, ms, to, found.Worker)",
		Tests:       "./adapters/mysqlstore TestANumberThatWasTakenMeanwhile",
	}, {
		What: "the check that a number is issued within the lease", File: "infrastructure/snowflake/generator.go",
		Fragment: "if !clock.Before(t.end) {", Replacement: "if false {",
		Tests: "./infrastructure/snowflake TestATermEndsAtItsEnd",
	}, {
		What: "the version check of the index", File: "adapters/memindex/index.go",
		Fragment: "old.version >= s.Version {", Replacement: "old.version > s.Version+1<<40 {",
		Tests: "./adapters/memindex TestIndex/an_older_or_equal",
	}, {
		What: "the check that a dead letter was not overtaken", File: "adapters/mysqlstore/dead_letters.go",
		Fragment: "SELECT overtaken > version FROM dead_letters", Replacement: "SELECT 0 FROM dead_letters",
		Tests: "./adapters/mysqlstore TestDeadLetters/SQLite/what_was_overtaken",
	}, {
		What: "whose token it is", File: "domain/access/caller.go",
		Fragment: `case c.viewer != "" && c.viewer == viewer:`, Replacement: `case c.viewer != "":`,
		Tests: "./domain/access TestWhoMayDoWhat",
	}, {
		What: "the question who calls over HTTP", File: "ports/http/plane.go",
		Fragment: "r.do, p.admit(ctx, c, r)", Replacement: "r.do, error(nil)",
		Tests: "./ports/http TestNobodyDoesWhatTheyMayNot",
	}, {
		What: "the question who calls over Kitex", File: "ports/rpc/call.go",
		Fragment: "s, s.admit(ctx, q)", Replacement: "s, error(nil)",
		Tests: "./ports/rpc TestNobodyDoesWhatTheyMayNot",
	}, {
		What: "the version of decisions that a page has", File: "adapters/redisstore/wills.go",
		Fragment: "len(pairs) == 4 && versionIn(pairs) == held.version", Replacement: "held.version != \"\"",
		Tests: "./adapters/redisstore TestEveryProcessKnowsAllDecisions",
	}, {
		What: "the archive's indifference to what it has", File: "adapters/mysqlstore/archive.go",
		Fragment:    `newBulk(tx, "pages", d.givesWay(),`,
		Replacement: `newBulk(tx, "pages", "",`,
		Tests:       "./adapters/mysqlstore TestArchive/SQLite/a_page_that_was_kept",
	}, {
		What: "the lower rung of what a process decided alone", File: "application/serving/alone.go",
		Fragment: "lower(exposures[i].Page.Rung, feed.CursorOnly)", Replacement: "exposures[i].Page.Rung",
		Tests: "./application/serving TestThePageThatIsArchivedIsTheOne",
	}, {
		What: "acknowledging exposures only after they are kept", File: "adapters/redisstore/exposures.go",
		Fragment:    "if err := keep(all.exposures); err != nil {\n\t\t\treturn 0, err\n\t\t}",
		Replacement: "if err := keep(all.exposures); err != nil {\n\t\t\t_ = s.forget(ctx, all)\n\t\t\treturn 0, err\n\t\t}",
		Tests:       "./adapters/redisstore TestExposures/embedded/what_a_consumer_abandoned",
	}, {
		What: "the fence before a page that another request decided", File: "adapters/redisstore/scripts/commit.lua",
		Fragment: "if pages and pages >= tonumber(page) then", Replacement: "if false then",
		Tests: "./adapters/redisstore TestSessions/embedded/of_concurrent_commits",
	}, {
		What: "the fence before a bookmark that another request set", File: "adapters/redisstore/scripts/mark.lua",
		Fragment: "if held then", Replacement: "if false then",
		Tests: "./adapters/redisstore TestBookmarks/embedded/a_moment_holds",
	}, {
		What: "the outbox row in the transaction of an item", File: "adapters/mysqlstore/items.go",
		Fragment: "return facts.flush()", Replacement: "return nil",
		Tests: "./adapters/mysqlstore TestOutbox/SQLite/items_change_while",
	}, {
		What: "the order of the relay", File: "adapters/mysqlstore/outbox.go",
		Fragment: `ORDER BY seq LIMIT ?", limit).Scan(&seqs)`, Replacement: `ORDER BY seq DESC LIMIT ?", limit).Scan(&seqs)`,
		Tests: "./adapters/mysqlstore TestOutbox/SQLite/no_more_than",
	}, {
		What: "the lease of the relay", File: "adapters/mysqlstore/outbox.go",
		Fragment:    `WHERE name = 'outbox' AND (owner = ? OR until_ms <= "+now+")",` + "\n\t\t\towner, relayLease.Milliseconds(), owner)",
		Replacement: `WHERE name = 'outbox'",` + "\n\t\t\towner, relayLease.Milliseconds())",
		Tests:       "./adapters/mysqlstore TestOutbox/SQLite/only_one_relays",
	}, {
		What: "the fence around the place in the binary log", File: "adapters/mysqlstore/checkpoints.go",
		Fragment: "if len(owners) == 0 || owners[0] != owner {", Replacement: "if len(owners) == 0 {",
		Tests: "./adapters/mysqlstore TestOneReaderAtATimeKeepsItsPlace",
	}, {
		What: "keeping the place in the binary log", File: "application/capturing/capture.go",
		Fragment: "if err := c.points.Keep(ctx, c.owner, c.position, told); err != nil {\n\t\treturn err\n\t}", Replacement: "",
		Tests: "./application/capturing TestThePlaceIsKeptOnceEverythingBeforeItIsDone",
	}, {
		What: "distrust of fast copies after an outage", File: "application/remembering/pulse.go",
		Fragment: "return v.beat() == v.settled() }", Replacement: "return true }",
		Tests: "./application/remembering TestAfterAnOutageOrARestart",
	}, {
		What: "the pulse that tells new processes of a restart", File: "application/remembering/repair.go",
		Fragment: "before, since = p.RunID, p.At", Replacement: "_ = p",
		Tests: "./application/remembering TestAProcessThatWasNotThere",
	}, {
		What: "the page asked beyond a gap in the archive", File: "domain/feed/session.go",
		Fragment: "if p, ok := s.Asked(c.Page); ok { // held beyond a gap\n\t\ts.take(&p)\n\t}", Replacement: "",
		Tests: "./domain/feed TestRebuildStopsAtAGap",
	}, {
		What: "the rung of pages that one process decided alone", File: "application/serving/ladder.go",
		Fragment: "Rung: lower(p.Rung, feed.CursorOnly), Free", Replacement: "Rung: p.Rung, Free",
		Tests: "./application/serving TestAPageThatOneProcessDecidedAlone",
	}, {
		What: "the rung of pages that the archive may have", File: "application/serving/page.go",
		Fragment: "look.Rung = lower(look.Rung, feed.CursorOnly)", Replacement: "",
		Tests: "./application/serving TestAPageThatTheArchiveMayHave",
	}, {
		What: "the names of the tables of shadow traffic", File: "adapters/mysqlstore/shadow_names.go",
		Fragment: "out.WriteString(shadowPrefix)", Replacement: "",
		Tests: "./adapters/mysqlstore TestErasingAViewerOfShadowTraffic/SQLite",
	}, {
		What: "the refusal of tables that shadow traffic has not", File: "adapters/mysqlstore/shadow_names.go",
		Fragment: "if !own && (word", Replacement: "if false && (word",
		Tests: "./adapters/mysqlstore TestShadowTrafficWritesToNoTableOfOthers/SQLite",
	}, {
		What: "the prefix of the keys of shadow traffic", File: "adapters/redisstore/shadow.go",
		Fragment: "o.Prefix += shadowPrefix", Replacement: "_ = shadowPrefix",
		Tests: "./adapters/redisstore TestShadowTrafficIsKeptApartAndCleared/embedded",
	}, {
		What: "the side of a cursor of shadow traffic", File: "domain/feed/cursor.go",
		Fragment: "return &Sealer{key: s.key, head: s.head | shadowCursor}", Replacement: "return s",
		Tests: "./domain/feed TestCursorsOfShadowTraffic",
	}, {
		What: "the second set of what answers shadow traffic over HTTP", File: "ports/http/shadow.go",
		Fragment: "apart.deps, apart.meter = *p.deps.Shadow, p.shadowed", Replacement: "apart.meter = p.shadowed",
		Tests: "./ports/http TestShadowTrafficIsAStranger",
	}, {
		What: "the refusal of shadow traffic where it is off", File: "ports/http/shadow.go",
		Fragment: "return nil, errNoShadow", Replacement: "return r.do, nil",
		Tests: "./ports/http TestWhereShadowTrafficIsSwitchedOff",
	}, {
		What: "the second set of what answers shadow traffic over RPC", File: "ports/rpc/shadow.go",
		Fragment: "return s.apart, nil", Replacement: "return s, nil",
		Tests: "./ports/rpc TestMarkedCallsAreOfStrangers",
	},
}
