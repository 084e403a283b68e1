package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
)

const masked = "********"

// Masked returns the whole configuration in force as YAML, with secrets starred out. Feeds that were removed
// are null.
func (c *Config) Masked() ([]byte, error) {
	tree := plain(reflect.ValueOf(*c), "").(map[string]any)
	s, err := newSchema()
	if err != nil {
		return nil, err
	}
	feeds := tree["feeds"].(map[string]any)
	for _, name := range s.merged.MapKeys("feeds") {
		if _, ok := feeds[name]; !ok {
			feeds[name] = nil
		}
	}
	return yaml.Parser().Marshal(tree)
}

// Version names what pages are computed from: it is the same wherever the feeds, experiments, weights, rests
// and tuning are the same.
func (c *Config) Version() string {
	tree := plain(reflect.ValueOf(*c), "").(map[string]any)
	text, err := json.Marshal([]any{
		tree["tuning"], tree["events"], tree["rest"], tree["feeds"], tree["experiments"], c.Serving.SessionLife,
	})
	if err != nil {
		panic(err) // numbers, texts, lists and maps can always be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// plain turns a value into what YAML is written from.
func plain(v reflect.Value, tag reflect.StructTag) any {
	if v.Type() == durationType {
		return time.Duration(v.Int()).String()
	}
	if v.Type() == momentType {
		if v.IsZero() {
			return ""
		}
		return v.Interface().(time.Time).Format(time.RFC3339Nano)
	}
	switch v.Kind() {
	case reflect.Struct:
		m := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			m[f.Tag.Get("key")] = plain(v.Field(i), f.Tag)
		}
		return m
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[k.String()] = plain(v.MapIndex(k), "")
		}
		return m
	case reflect.Slice:
		l := make([]any, v.Len())
		for i := range l {
			l[i] = plain(v.Index(i), tag)
		}
		return l
	case reflect.String:
		return mask(v.String(), tag.Get("secret"))
	}
	return v.Interface()
}

func mask(s, secret string) string {
	switch {
	case s == "" || secret == "":
		return s
	case secret == "dsn":
		return maskDSN(s)
	}
	return masked
}

// maskDSN stars out the password of user:password@net(address)/database?options; the last @ before the last /
// ends the password, as the driver has it.
func maskDSN(dsn string) string {
	slash := strings.LastIndexByte(dsn, '/')
	if slash < 0 {
		return masked
	}
	at := strings.LastIndexByte(dsn[:slash], '@')
	if at < 0 {
		return dsn
	}
	user, _, has := strings.Cut(dsn[:at], ":")
	if !has {
		return dsn
	}
	return user + ":" + masked + dsn[at:]
}
