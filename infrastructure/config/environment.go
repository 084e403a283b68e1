package config

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	prefix     = "FRESHET_"
	fileNamed  = "FRESHET_CONFIG"
	testsOwn   = "FRESHET_TEST_"
	socketLike = "tcp://"
)

// linked are variables that Kubernetes sets in every pod for a service named freshet or freshet-….
var linked = regexp.MustCompile(`^FRESHET_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

func ours(name, value string) bool {
	switch {
	case !strings.HasPrefix(name, prefix), name == fileNamed, strings.HasPrefix(name, testsOwn), linked.MatchString(name):
		return false
	}
	return !strings.HasSuffix(name, "_PORT") || !strings.HasPrefix(value, socketLike)
}

// fromEnvironment returns what the variables set, by the names of the leaves. An empty variable of a
// known name is as if it were not there.
func (s *schema) fromEnvironment(env []string, ls []leaf) (map[string]any, *Error) {
	byName := map[string][]leaf{}
	for _, l := range ls {
		byName[l.variable()] = append(byName[l.variable()], l)
	}
	tree := map[string]any{}
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		if !ours(name, value) {
			continue
		}
		found := byName[name]
		switch {
		case len(found) == 0:
			return nil, unknown(name, variablesOf(ls))
		case len(found) > 1:
			return nil, refuse(name, fmt.Sprintf("may mean %s or %s; use --set", found[0].key(), found[1].key()))
		}
		if value == "" {
			continue
		}
		if err := s.put(tree, found[0].path, found[0].typ, value); err != nil {
			err.Source = name
			return nil, err
		}
	}
	return tree, nil
}
