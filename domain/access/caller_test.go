package access_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
)

const (
	yes = iota
	unproven
	denied
	foreign
)

var answers = []error{yes: nil, unproven: access.ErrUnproven, denied: access.ErrDenied, foreign: access.ErrForeign}

func TestWhoMayDoWhat(t *testing.T) {
	only := func(names ...string) access.Scopes {
		s, err := access.ParseScopes(names)
		require.NoError(t, err)
		return s
	}
	const own, other, adrift = audience.ViewerID("v"), audience.ViewerID("w"), audience.ViewerID("anon-7")
	for name, c := range map[string]struct {
		caller                                         access.Caller
		watchOwn, watchOther, watchAdrift, watchNobody int
		actOwn, actOther, actAdrift                    int
		exportOwn, exportOther, eraseOwn, eraseOther   int
		browse, publish, operate                       int
	}{
		"anyone where nobody proves anything": {caller: access.Trusted()},
		"a stranger": {access.Stranger(""),
			unproven, unproven, unproven, yes, unproven, unproven, unproven, unproven, unproven, unproven, unproven, unproven, unproven, unproven},
		"a stranger with a device": {access.Stranger("anon-"),
			unproven, unproven, yes, yes, unproven, unproven, yes, unproven, unproven, unproven, unproven, unproven, unproven, unproven},
		"a viewer": {access.Bearer(own, 0),
			yes, foreign, foreign, yes, yes, foreign, foreign, yes, foreign, yes, foreign, denied, denied, denied},
		"a viewer who may read all feeds": {access.Bearer(own, only("feeds:read")),
			yes, yes, yes, yes, yes, foreign, foreign, yes, foreign, yes, foreign, yes, denied, denied},
		"a service that reads feeds": {access.Service("s", only("feeds:read")),
			yes, yes, yes, yes, denied, denied, denied, denied, denied, denied, denied, yes, denied, denied},
		"a service that writes events": {access.Service("s", only("events:write")),
			denied, denied, denied, yes, yes, yes, yes, denied, denied, denied, denied, denied, denied, denied},
		"a service that writes items": {access.Service("s", only("items:write")),
			denied, denied, denied, yes, denied, denied, denied, denied, denied, denied, denied, yes, yes, denied},
		"an administrator": {caller: access.Service("s", only("admin"))},
		"the zero caller":  {access.Caller{}, unproven, unproven, unproven, yes, unproven, unproven, unproven, unproven, unproven, unproven, unproven, unproven, unproven, unproven},
	} {
		t.Run(name, func(t *testing.T) {
			for _, a := range []struct {
				deed   access.Deed
				viewer audience.ViewerID
				want   int
			}{
				{access.Watch, own, c.watchOwn}, {access.Watch, other, c.watchOther}, {access.Watch, adrift, c.watchAdrift}, {access.Watch, "", c.watchNobody},
				{access.Act, own, c.actOwn}, {access.Act, other, c.actOther}, {access.Act, adrift, c.actAdrift},
				{access.Export, own, c.exportOwn}, {access.Export, other, c.exportOther},
				{access.Erase, own, c.eraseOwn}, {access.Erase, other, c.eraseOther},
				{access.Browse, "", c.browse}, {access.Publish, "", c.publish}, {access.Operate, "", c.operate},
			} {
				require.ErrorIs(t, c.caller.May(a.deed, a.viewer), answers[a.want], "%s for %q", a.deed, a.viewer)
				if a.want == yes && a.viewer != "" {
					require.NoError(t, c.caller.MaySome(a.deed), a.deed.String())
				}
			}
			if name == "a stranger" || name == "the zero caller" {
				require.ErrorIs(t, c.caller.MaySome(access.Watch), access.ErrUnproven)
				require.ErrorIs(t, c.caller.MaySome(access.Act), access.ErrUnproven)
			}
		})
	}
}

func TestScopesAreReadAsTheyAreWritten(t *testing.T) {
	names := []string{"items:write", "events:write", "feeds:read", "admin"}
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 4, rapid.ID[string]).Draw(t, "names")
		set, err := access.ParseScopes(some)
		require.NoError(t, err)
		require.ElementsMatch(t, some, set.Names())
		require.Equal(t, set, access.KnownScopes(append(some, "openid", "")))
	})
	_, err := access.ParseScopes([]string{"feeds:write"})
	require.ErrorIs(t, err, access.ErrScope)
}
