package config

import (
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	momentType   = reflect.TypeFor[time.Time]()
)

// decoder fills a struct from parsed YAML, strictly. Keys without a value are left as they are.
type decoder struct {
	words map[string][]string // the keys that maps of fixed words may have
	known []string            // what to suggest for a key that does not exist
}

func (d *decoder) fill(path string, node any, into reflect.Value, tag reflect.StructTag) *Error {
	if node == nil {
		return nil
	}
	switch {
	case into.Type() == durationType:
		return d.duration(path, node, into, tag)
	case into.Type() == momentType:
		return d.moment(path, node, into)
	case into.Kind() == reflect.Struct:
		return d.group(path, node, into)
	case into.Kind() == reflect.Map:
		return d.entries(path, node, into, tag)
	case into.Kind() == reflect.Slice:
		return d.list(path, node, into, tag)
	}
	return scalar(path, node, into, tag)
}

func (d *decoder) group(path string, node any, into reflect.Value) *Error {
	m, ok := node.(map[string]any)
	if !ok {
		return refuse(path, "must be a group of keys")
	}
	for _, k := range sorted(m) {
		i := fieldNamed(into.Type(), k)
		if i < 0 {
			return unknown(join(path, k), d.known)
		}
		if err := d.fill(join(path, k), m[k], into.Field(i), into.Type().Field(i).Tag); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) entries(path string, node any, into reflect.Value, tag reflect.StructTag) *Error {
	m, ok := node.(map[string]any)
	if !ok {
		return refuse(path, "must be a group of keys")
	}
	if into.IsNil() {
		into.Set(reflect.MakeMap(into.Type()))
	}
	for _, k := range sorted(m) {
		at := join(path, k)
		if words := d.words[tag.Get("words")]; words != nil && !has(words, k) {
			return unknown(at, under(path, words))
		}
		if tag.Get("names") != "" && !isName(k) {
			return refuse(at, notName)
		}
		if m[k] == nil {
			continue
		}
		v := reflect.New(into.Type().Elem()).Elem()
		if err := d.fill(at, m[k], v, tag); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(k), v)
	}
	return nil
}

func (d *decoder) list(path string, node any, into reflect.Value, tag reflect.StructTag) *Error {
	l, ok := node.([]any)
	if !ok {
		return refuse(path, "must be a list")
	}
	out := reflect.MakeSlice(into.Type(), len(l), len(l))
	for i, e := range l {
		at := path + "[" + strconv.Itoa(i) + "]"
		if e == nil {
			return refuse(at, "must have a value")
		}
		if err := d.fill(at, e, out.Index(i), tag); err != nil {
			return err
		}
	}
	into.Set(out)
	return nil
}

func (d *decoder) duration(path string, node any, into reflect.Value, tag reflect.StructTag) *Error {
	s, ok := node.(string)
	if !ok {
		return refuse(path, "must be a time such as 200ms, 30s or 6h")
	}
	t, err := time.ParseDuration(s)
	if err != nil {
		return refuse(path, fmt.Sprintf("%q is not a time such as 200ms, 30s or 6h", s))
	}
	least, _ := time.ParseDuration(tag.Get("min"))
	most, _ := time.ParseDuration(tag.Get("max"))
	if t < least || t > most {
		return refuse(path, fmt.Sprintf("must lie between %s and %s", tag.Get("min"), tag.Get("max")))
	}
	into.SetInt(int64(t))
	return nil
}

// The moments that may be written.
var (
	firstMoment = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)
)

// moment takes what YAML itself reads as a time, too. No text is no moment.
func (d *decoder) moment(path string, node any, into reflect.Value) *Error {
	t, ok := node.(time.Time)
	if s, text := node.(string); text && s == "" {
		into.SetZero()
		return nil
	} else if text {
		var err error
		if t, err = time.Parse(time.RFC3339, s); err != nil {
			return refuse(path, fmt.Sprintf("%q is not a moment such as 2026-12-24T18:00:00Z", s))
		}
	} else if !ok {
		return refuse(path, "must be a moment such as 2026-12-24T18:00:00Z")
	}
	if t.Before(firstMoment) || !t.Before(lastMoment) {
		return refuse(path, "must lie in the years 2000 to 2999")
	}
	into.Set(reflect.ValueOf(t.UTC()))
	return nil
}

func scalar(path string, node any, into reflect.Value, tag reflect.StructTag) *Error {
	switch into.Kind() {
	case reflect.String:
		s, ok := node.(string)
		if !ok {
			return refuse(path, "must be a text; put it in quotes if it is one")
		}
		if err := form(path, s, tag); err != nil {
			return err
		}
		into.SetString(s)
	case reflect.Bool:
		b, ok := node.(bool)
		if !ok {
			return refuse(path, "must be true or false")
		}
		into.SetBool(b)
	case reflect.Int:
		f, whole := number(node)
		if !whole {
			return refuse(path, "must be a whole number")
		}
		if err := inRange(path, f, tag); err != nil {
			return err
		}
		into.SetInt(int64(f))
	case reflect.Float64:
		f, _ := number(node)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return refuse(path, "must be a number")
		}
		if err := inRange(path, f, tag); err != nil {
			return err
		}
		into.SetFloat(f)
	}
	return nil
}

// number returns NaN for what is none; whole is true for integers.
func number(node any) (f float64, whole bool) {
	switch n := node.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	case float64:
		return n, false
	}
	return math.NaN(), false
}

func inRange(path string, f float64, tag reflect.StructTag) *Error {
	most, _ := strconv.ParseFloat(tag.Get("max"), 64)
	if above := tag.Get("above"); above != "" {
		least, _ := strconv.ParseFloat(above, 64)
		if f <= least || f > most {
			return refuse(path, fmt.Sprintf("must lie above %s and be at most %s", above, tag.Get("max")))
		}
		return nil
	}
	least, _ := strconv.ParseFloat(tag.Get("min"), 64)
	if f < least || f > most {
		return refuse(path, fmt.Sprintf("must lie between %s and %s", tag.Get("min"), tag.Get("max")))
	}
	return nil
}

func fieldNamed(t reflect.Type, key string) int {
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("key") == key {
			return i
		}
	}
	return -1
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func under(path string, words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = join(path, w)
	}
	return out
}

func has(words []string, w string) bool {
	i := sort.SearchStrings(words, w)
	return i < len(words) && words[i] == w
}

func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

const notName = "a name is 1 to 64 small letters, digits, - and _, beginning with a letter or digit"

func isName(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '-' || s[0] == '_' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
