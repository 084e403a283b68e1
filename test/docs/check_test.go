package docs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const fence = "```"

// TestEachCheckHasTeeth: a document that names something that is not there is told so, once, and the same document
// with the right name is not.
func TestEachCheckHasTeeth(t *testing.T) {
	h := house(t)
	for name, c := range map[string]struct{ wrong, right, says string }{
		"a link to a file":          {"see [it](tuor.md)", "see [it](glossary.md)", "no file docs/tuor.md"},
		"a link out of the tree":    {"see [it](../../elsewhere)", "see [it](../README.md)", "no file ../elsewhere"},
		"a link to a heading":       {"see [it](../README.md#walk-it)", "see [it](../README.md#run-it)", "no heading walk-it"},
		"a link within":             {"# One\n\n[it](#two)", "# One\n\n[it](#one)", "no heading two"},
		"a file":                    {"in `domain/feed/sesion.go`", "in `domain/feed/session.go`", "no file domain/feed/sesion.go"},
		"a folder":                  {"in `adapters/mongostore`", "in `adapters/mysqlstore/`", "no file adapters/mongostore"},
		"a file at the root":        {"the `READTHIS.md`", "the `README.md`", "no file READTHIS.md"},
		"a pattern of files":        {"`domain/recommend/sauce_*.go`", "`domain/recommend/source_*.go`", "no file domain/recommend/sauce_*.go"},
		"a name":                    {"`feed.Curser` it is", "`feed.Cursor` it is", "no package feed has Curser"},
		"a method":                  {"`serving.Ladder.Lock`", "`serving.Ladder.Look`", "no package serving has Ladder.Lock"},
		"a field":                   {"`feed.Page.Relaxt`", "`feed.Page.Relaxed`", "no package feed has Page.Relaxt"},
		"a package":                 {"`fede.Cursor`", "`feed.Cursor`", "no package fede has Cursor"},
		"a row of the glossary":     {"| page | x | `domain/feed` `Pages` |", "| page | x | `domain/feed` `Page` |", "package domain/feed has no Pages"},
		"a second package in a row": {"| x | x | `domain/recommend`, `domain/feed` `Supply` |", "| x | x | `domain/feed`, `domain/recommend` `Supply` |", "package domain/feed has no Supply"},
		"a command":                 {"run `freshet surf`", "run `freshet serve`", `there is no command "surf"`},
		"a flag":                    {"run `freshet serve --quick`", "run `freshet serve --config x`", "unknown flag: --quick"},
		"a flag alone":              {"give it `--item`", "give it `--items`", "no command has a flag --item"},
		"a flag of another command": {"run `freshet serve --items x`", "run `freshet import --items x`", "unknown flag: --items"},
		"a command in a block": {fence + "sh\nA=b bin/freshet sevre   # x\n" + fence, fence + "sh\nA=b bin/freshet serve   # x\n" + fence,
			`there is no command "sevre"`},
		"a command after a pipe": {"`zcat x | freshet import --item -`", "`zcat x | freshet import --items -`", "unknown flag: --item"},
		"a command over two lines": {fence + "\nfreshet import \\\n  --evnets x\n" + fence, fence + "\nfreshet import \\\n  --events x\n" + fence,
			"unknown flag: --evnets"},
		"a target of make": {"do `make runn`", "do `make run`", "make has no target runn"},
		"a metric":         {"watch `freshet_index_itmes`", "watch `freshet_index_items`", "no metric freshet_index_itmes"},
		"a metric in a rule": {fence + "\nrate(freshet_job_failure_total[5m]) > 0\n" + fence, fence + "\nrate(freshet_job_failures_total[5m]) > 0\n" + fence,
			"no metric freshet_job_failure_total"},
		"a histogram's part":            {"`freshet_index_items_buckets`", "`freshet_http_request_duration_seconds_bucket`", "no metric freshet_index_items_buckets"},
		"a route":                       {"ask `GET /v1/feed/{feed}`", "ask `GET /v1/feeds/{feed}`", "no route GET /v1/feed/{feed}"},
		"a method of a route":           {"ask `POST /v1/feeds/{feed}`", "ask `GET /v1/feeds/{feed}`", "no route POST /v1/feeds/{feed}"},
		"a route's parameter":           {"ask `GET /v1/feeds/{name}`", "ask `GET /v1/feeds/{feed}`", "no route GET /v1/feeds/{name}"},
		"a route with a verb":           {"ask `POST /v1/items/{id}:show`", "ask `POST /v1/items/{id}:hide`", "no route POST /v1/items/{id}:show"},
		"a route of operators":          {"ask `/ready`", "ask `/readyz`", "no route /ready"},
		"an address in a block":         {fence + "\ncurl 'http://127.0.0.1:8080/v2/feeds/x?a=b'\n" + fence, fence + "\ncurl 'http://127.0.0.1:8080/v1/feeds/x?a=b'\n" + fence, "no route /v2/feeds/x"},
		"a variable":                    {"set FRESHET_HTTP_ADDRESS", "set FRESHET_HTTP_ADDR", "no variable FRESHET_HTTP_ADDRESS"},
		"a variable of a feed":          {"set FRESHET_FEEDS_FOR_ME_ORDER", "set FRESHET_FEEDS_FOR_YOU_ORDER", "no variable FRESHET_FEEDS_FOR_ME_ORDER"},
		"a variable of tests":           {"set FRESHET_TEST_EMBEDDED", "set FRESHET_TEST_EMBEDDED_ONLY", "no variable FRESHET_TEST_EMBEDDED"},
		"a setting":                     {"set `redis.adrs`", "set `redis.addrs`", "no setting redis.adrs"},
		"a setting with a value":        {"set `log.levle: debug`", "set `log.level: debug`", "no setting log.levle"},
		"a setting on the command line": {"`freshet serve --set serving.live=1h`", "`freshet serve --set serving.session_life=1h`", "no setting serving.live"},
		"a file of settings":            {fence + "yaml\nrest:\n  sene: 1h\n" + fence, fence + "yaml\nrest:\n  seen: 1h\n" + fence, "there is no such key"},
		"a value of a setting":          {fence + "yaml\nrest:\n  seen: soon\n" + fence, fence + "yaml\nrest:\n  seen: 1h\n" + fence, "rest.seen"},
	} {
		t.Run(name, func(t *testing.T) {
			found := h.Check(Document{"docs/x.md", c.wrong})
			require.NotEmpty(t, found, "not noticed")
			require.Contains(t, strings.Join(found, "\n"), c.says)
			require.Len(t, found, 1)
			require.Regexp(t, `^docs/x\.md:\d+: `, found[0])
			require.Empty(t, h.Check(Document{"docs/x.md", c.right}))
		})
	}
}

func TestAProblemIsToldWithItsLine(t *testing.T) {
	found := house(t).Check(Document{"docs/x.md", "one\n\n" + fence + "sh\nfreshet serve\nfreshet surf\n" + fence + "\n\n`docs/nowhere.md`\n"})
	require.Len(t, found, 2)
	require.Contains(t, strings.Join(found, "\n"), "docs/x.md:5: freshet surf")
	require.Contains(t, strings.Join(found, "\n"), "docs/x.md:8: there is no file docs/nowhere.md")
}

func TestAPackageWithoutACommentIsNoticed(t *testing.T) {
	for source, ok := range map[string]bool{
		"// Package p does it.\npackage p":          true,
		"// Command p does it.\npackage main":       true,
		"package p":                                 false,
		"// Package q does it.\npackage p":          false,
		"// What p does.\n\npackage p":              false,
		"// Copyright somebody.\n\npackage p":       false,
		"//go:build linux\n\npackage p":             false,
		"// Package p does it.\n\npackage p":        false,
		"// Package p\npackage p":                   false,
		"/* Package p does it. */\npackage p":       true,
		"// Package p does it.\npackage p // twice": true,
	} {
		h := &House{Names: map[string]map[string]bool{}, Packages: map[string][]string{}, Metrics: map[string]bool{}}
		commented := map[string]bool{}
		require.NoError(t, h.readSource("p/p.go", []byte(source), commented))
		require.Equal(t, ok, commented["p"], source)
	}
}
