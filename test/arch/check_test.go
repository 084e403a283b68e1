package arch

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachRuleIsTheOnlyOneToAllowWhatItAllows(t *testing.T) {
	for i, rule := range Freshet.Rules {
		t.Run(rule.From+" may import "+rule.To, func(t *testing.T) {
			require.NotEmpty(t, rule.Because)
			p := Package{Path: rule.From + "/inner", Name: "inner"}
			imported := rule.To + "/inner"
			if !strings.Contains(rule.To, ".") {
				imported = Module + "/" + imported
			}
			if rule.From == anyTest {
				p.Path, p.TestImports = "application/inner", []string{imported}
			} else {
				p.Imports = []string{imported}
			}
			require.Empty(t, Freshet.judge(p))

			without := Freshet
			without.Rules = slices.Delete(slices.Clone(Freshet.Rules), i, i+1)
			require.Len(t, without.judge(p), 1)
		})
	}
}

func TestEachBanRefuses(t *testing.T) {
	for _, ban := range Freshet.Bans {
		t.Run(ban.From+" may not import "+ban.To, func(t *testing.T) {
			require.NotEmpty(t, ban.Because)
			for _, imported := range []string{ban.To, ban.To + "/inner"} {
				p := Package{Path: ban.From + "/feed", Name: "feed", Imports: []string{imported}}
				require.Equal(t, []string{p.Path + ": imports " + imported + ": " + ban.Because}, Freshet.judge(p))
				p.Imports, p.TestImports = nil, []string{imported}
				require.Empty(t, Freshet.judge(p), "tests may")
			}
		})
	}
}

func TestWhatIsNotAllowedIsRefused(t *testing.T) {
	const none = "no rule allows that"
	for _, c := range []struct{ name, from, imported, refusal string }{
		{"the model looks out of the house", "domain/feed", Module + "/application/serving", none},
		{"the model takes a vendor", "domain/feed", "golang.org/x/sync/errgroup", none},
		{"a context looks back", "domain/catalog", Module + "/domain/recommend", none},
		{"a context looks at the feed", "domain/recommend", Module + "/domain/feed", none},
		{"contexts off the map", "domain/engagement", Module + "/domain/experiment", none},
		{"the shared kernel looks at a context", "domain/fault", Module + "/domain/catalog", none},
		{"a context looks at the room's root", "domain/feed", Module + "/domain", none},
		{"a context looks at itself", "domain/feed", Module + "/domain/feed/inner", ""},
		{"a context fails", "domain/experiment", Module + "/domain/fault", ""},
		{"a use case takes an adapter", "application/serving", Module + "/adapters/redisstore", none},
		{"a use case takes a vendor", "application/serving", "github.com/redis/go-redis/v9", none},
		{"a port takes an adapter", "ports/http", Module + "/adapters/redisstore", none},
		{"a port takes infrastructure", "ports/cli", Module + "/infrastructure/config", none},
		{"a port stores", "ports/http", "gorm.io/gorm", none},
		{"only the command line parses command lines", "ports/http", "github.com/spf13/cobra", none},
		{"an adapter takes a port", "adapters/mysqlstore", Module + "/ports/http", none},
		{"an adapter takes infrastructure", "adapters/mysqlstore", Module + "/infrastructure/config", none},
		{"infrastructure knows the model", "infrastructure/config", Module + "/domain/fault", none},
		{"the command takes test code", "cmd/freshet", Module + "/test/servers", none},
		{"the command takes a vendor", "cmd/freshet", "gorm.io/gorm", none},
		{"an example looks inside", "examples/client", Module + "/domain/feed", none},
		{"a vendor by the beginning of its name", "adapters/redisstore", "github.com/redis/go-redis/v90", none},
		{"a folder by the beginning of its name", "application/serving", Module + "/domainlike", none},
		{"a command takes a contract suite", "cmd/freshet", Module + "/domain/feed/feedtest", "a contract suite is for tests only"},
		{"a context takes its contract suite", "domain/feed", Module + "/domain/feed/feedtest", "a contract suite is for tests only"},
		{"a contract suite takes another", "domain/feed/feedtest", Module + "/domain/audience/audiencetest", ""},
		{"a contract suite takes a test library", "domain/feed/feedtest", "pgregory.net/rapid", ""},
		{"a contract suite takes a vendor", "domain/feed/feedtest", "gorm.io/gorm", none},
		{"a contract suite leaves its room", "domain/feed/feedtest", Module + "/adapters/redisstore", none},
		{"a package takes a test library", "application/serving", "pgregory.net/rapid", none},
		{"test code takes anything", "test/fault", "example.com/any", ""},
		{"test code takes a contract suite", "test/fault", Module + "/domain/feed/feedtest", ""},
		{"the standard library", "application/serving", "net/http", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			room, ok := Freshet.room(c.from)
			require.True(t, ok)
			require.Equal(t, c.refusal, Freshet.refusal(room, c.from, c.imported))
		})
	}
}

func TestTestsMayImportAllOfOursAndNoStrangers(t *testing.T) {
	p := Package{Path: "ports/http", Name: "http", TestImports: []string{
		Module + "/adapters/redisstore", Module + "/domain/feed/feedtest", Module + "/test/servers",
		"github.com/stretchr/testify/require", "github.com/cloudwego/hertz/pkg/common/ut", "net/http"}}
	require.Empty(t, Freshet.judge(p))
	p.TestImports = []string{"example.com/any"}
	require.Equal(t, []string{"ports/http: its tests import example.com/any: no rule allows that"}, Freshet.judge(p))
}

func TestAnAllowanceNobodyUsesIsRefused(t *testing.T) {
	law := Law{Rooms: Freshet.Rooms, Rules: []Rule{{"adapters", "gorm.io", "SQL"}, {"ports", "domain", "values"}}}
	unused := []string{"law: adapters may import gorm.io, and nobody does"}

	require.Empty(t, law.Check(nil), "an empty room uses nothing")
	require.Empty(t, law.Check([]Package{{Path: "adapters"}}), "nor does its doc.go")
	require.Equal(t, unused, law.Check([]Package{{Path: "adapters/a"}}))
	require.Empty(t, law.Check([]Package{{Path: "adapters/a", Imports: []string{"gorm.io/gorm"}}}))
	require.Empty(t, law.Check([]Package{{Path: "adapters/a", TestImports: []string{"gorm.io/gorm"}}}))
	require.Equal(t, []string{"law: ports may import domain, and nobody does"},
		law.Check([]Package{{Path: "ports/p", TestImports: []string{Module + "/domain/feed"}}}), "tests need no such rule")
}

func TestVagueNamesAreRefused(t *testing.T) {
	for _, name := range vague {
		want := "\"" + name + "\" says nothing of what is inside"
		require.Equal(t, []string{"domain/" + name + ": " + want}, Freshet.judge(Package{Path: "domain/" + name, Name: name}))
		require.Equal(t, []string{"domain/feed: " + want}, Freshet.judge(Package{Path: "domain/feed", Name: name}))
		require.Empty(t, Freshet.judge(Package{Path: "idl/gen/" + name, Name: name}), "generated code names itself")
	}
}

func TestOnlyTheHouseIsOnTheTopLevel(t *testing.T) {
	require.Empty(t, Freshet.CheckFolders([]string{"domain", "application", "adapters", "ports", "infrastructure", "cmd",
		"idl", "test", "examples", "docs", "deploy", ".ci", ".git"}))
	require.Equal(t, []string{"pkg: is no folder of the house"}, Freshet.CheckFolders([]string{"domain", "pkg"}))
	require.Equal(t, []string{"pkg/a: is in no room of the house"}, Freshet.judge(Package{Path: "pkg/a", Name: "a"}))
}

func TestASignSaysTheLaw(t *testing.T) {
	law := Law{
		Rooms: []Room{{Name: "domain", Context: true}, {Name: "ports"}},
		Rules: []Rule{{"domain", "domain/fault", ""}, {"domain/feed", "domain/catalog", ""},
			{"domain/feed", "domain/audience", ""},
			{"ports", "domain", ""}, {"ports", "example.com/a", ""}, {"ports/cli", "example.com/b", ""}},
		Bans: []Ban{{"domain", "os", ""}},
	}
	require.Equal(t, "May import: all → fault, feed → catalog and audience; of others': nothing; never os.", law.Sign("domain"))
	require.Equal(t, "May import: ports, domain; of others': example.com/a, example.com/b (cli).", law.Sign("ports"))

	require.Empty(t, law.CheckSign("ports", "// Package ports.\n//\n// "+law.Sign("ports")+"\npackage ports\n"))
	require.Len(t, law.CheckSign("ports", "// "+law.Sign("ports")+" Or not.\npackage ports\n"), 1)
	require.Len(t, law.CheckSign("ports", ""), 1, "missing")
}
