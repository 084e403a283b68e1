package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
)

// put parses one text for a key of the type and puts it into the tree.
func (s *schema) put(tree map[string]any, path []string, t reflect.Type, text string) *Error {
	value, err := parse(t, text)
	if err != nil {
		return refuse(strings.Join(path, "."), err.Error())
	}
	if value == nil && len(path) == 2 && path[0] == "feeds" {
		value = removed{}
	}
	for _, k := range path[:len(path)-1] {
		next, ok := tree[k].(map[string]any)
		if !ok {
			next = map[string]any{}
			tree[k] = next
		}
		tree = next
	}
	last := path[len(path)-1]
	if old, ok := tree[last].(map[string]any); ok {
		if more, ok := value.(map[string]any); ok {
			for k, v := range more {
				old[k] = v
			}
			return nil
		}
	}
	tree[last] = value
	return nil
}

// parse reads a text as YAML would have it for a key of the type.
func parse(t reflect.Type, text string) (any, error) {
	text = strings.TrimSpace(text)
	switch {
	case t.Kind() == reflect.String || t == durationType && text != "":
		return text, nil
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		list := []any{}
		for _, w := range strings.Split(text, ",") {
			if w = strings.TrimSpace(w); w != "" {
				list = append(list, w)
			}
		}
		return list, nil
	case text == "":
		return nil, nil
	case t.Kind() == reflect.Bool:
		if b, err := strconv.ParseBool(text); err == nil {
			return b, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	case t.Kind() == reflect.Int:
		if n, err := strconv.Atoi(text); err == nil {
			return n, nil
		}
		return nil, fmt.Errorf("%q is not a whole number", text)
	case t.Kind() == reflect.Float64:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f, nil
		}
		return nil, fmt.Errorf("%q is not a number", text)
	}
	m, err := yaml.Parser().Unmarshal([]byte("value: " + text))
	if err != nil {
		return nil, fmt.Errorf("is not YAML on one line: %s", oneLine(err.Error()))
	}
	return m["value"], nil
}
