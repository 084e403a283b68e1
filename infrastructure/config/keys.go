package config

import (
	"reflect"
	"sort"
	"strings"
)

// leaf is a key that can be set by one text.
type leaf struct {
	path []string
	typ  reflect.Type
}

func (l leaf) key() string { return strings.Join(l.path, ".") }

// variable is the leaf's name in the environment.
func (l leaf) variable() string {
	return prefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, strings.Join(l.path, "_"))
}

// leaves lists the keys of the type; names of a map that may have any are those in tree.
func leaves(t reflect.Type, tag reflect.StructTag, path []string, tree any, words map[string][]string) []leaf {
	m, _ := tree.(map[string]any)
	var out []leaf
	switch {
	case t == momentType:
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			k := f.Tag.Get("key")
			out = append(out, leaves(f.Type, f.Tag, below(path, k), m[k], words)...)
		}
		return out
	case t.Kind() == reflect.Map:
		names := words[tag.Get("words")]
		if names == nil {
			names = sorted(m)
		}
		for _, k := range names {
			out = append(out, leaves(t.Elem(), "", below(path, k), m[k], words)...)
		}
	}
	return append(out, leaf{path, t})
}

func below(path []string, key string) []string { return append(path[:len(path):len(path)], key) }

// typeAt finds the type of the key at path; ok is false when there is none.
func typeAt(t reflect.Type, path []string) (_ reflect.Type, ok bool) {
	for _, k := range path {
		switch {
		case t.Kind() == reflect.Struct:
			i := fieldNamed(t, k)
			if i < 0 {
				return nil, false
			}
			t = t.Field(i).Type
		case t.Kind() == reflect.Map:
			t = t.Elem()
		default:
			return nil, false
		}
	}
	return t, true
}

// vocabulary reads from the defaults which words there are: the acts, what may carry a weight, and what is predicted.
func vocabulary(tree map[string]any) map[string][]string {
	events, _ := tree["events"].(map[string]any)
	words := map[string][]string{"events": sorted(events)}
	feeds, _ := tree["feeds"].(map[string]any)
	for _, group := range []string{"weights", "actions"} {
		all := map[string]any{}
		for _, f := range feeds {
			feed, _ := f.(map[string]any)
			named, _ := feed[group].(map[string]any)
			for w := range named {
				all[w] = nil
			}
		}
		words[group] = sorted(all)
	}
	return words
}

func keysOf(ls []leaf) []string {
	seen := map[string]any{}
	for _, l := range ls {
		seen[l.key()] = nil
	}
	return sorted(seen)
}

func variablesOf(ls []leaf) []string {
	out := make([]string, len(ls))
	for i, l := range ls {
		out[i] = l.variable()
	}
	sort.Strings(out)
	return out
}
