package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/v2"
)

// maxFile is how long a file may be.
const maxFile = 1 << 20

// Options say where to look.
type Options struct {
	File        string   // empty: the file that FRESHET_CONFIG names, if it does
	Environment []string // NAME=value, as os.Environ gives it
	Set         []string // key=value, the later winning
}

// Load reads everything. It fails with *Error on the first key that is refused.
func Load(o Options) (*Config, error) {
	s, err := newSchema()
	if err != nil {
		return nil, err
	}
	file := o.File
	for _, pair := range o.Environment {
		if value, ok := strings.CutPrefix(pair, fileNamed+"="); ok && o.File == "" {
			file = value
		}
	}
	if file != "" {
		if err := s.addFile(file); err != nil {
			return nil, err
		}
	}
	env, refused := s.fromEnvironment(o.Environment, s.leaves())
	if refused != nil {
		return nil, refused
	}
	if err := s.add("the environment", env); err != nil {
		return nil, err
	}
	for _, pair := range o.Set {
		if err := s.addPair(pair); err != nil {
			return nil, err
		}
	}
	return s.finish(o.Environment)
}

// schema collects the layers.
type schema struct {
	decoder
	merged *koanf.Koanf
	blank  map[string]any // what a feed of a new name starts with
}

var configType = reflect.TypeFor[Config]()

// removed stands in a layer for a feed that is taken away.
type removed struct{}

func newSchema() (*schema, error) {
	s := &schema{merged: koanf.New(".")}
	if err := s.merged.Load(layer(defaults), yaml.Parser()); err != nil {
		return nil, &Error{Source: "defaults.yaml", Reason: err.Error()}
	}
	tree := s.merged.Raw()
	s.words = vocabulary(tree)
	s.known = keysOf(s.leaves())
	arrange, _ := s.merged.Get("feeds.for-you.arrange").(map[string]any)
	explore, _ := s.merged.Get("feeds.for-you.explore").(map[string]any)
	s.blank = map[string]any{
		"order": "value", "supply": "catalogue", "arrange": arrange, "explore": explore, "regret_half": s.merged.Get("feeds.for-you.regret_half"),
	}
	return s, s.check("defaults.yaml", tree)
}

func (s *schema) leaves() []leaf { return leaves(configType, "", nil, s.merged.Raw(), s.words) }

func (s *schema) addFile(path string) error {
	text, err := read(path)
	if err != nil {
		var at *os.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return &Error{Source: path, Reason: "cannot be read: " + err.Error()}
	}
	tree, err := yaml.Parser().Unmarshal(text)
	if err != nil {
		return &Error{Source: path, Reason: err.Error()}
	}
	return s.add(path, tree)
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("it is longer than %d bytes", maxFile)
	}
	return text, err
}

func (s *schema) addPair(pair string) error {
	source := "--set " + pair
	key, value, ok := strings.Cut(pair, "=")
	if !ok {
		return &Error{Source: source, Reason: "must be key=value"}
	}
	source = "--set"
	path := strings.Split(key, ".")
	t, ok := typeAt(configType, path)
	if !ok {
		err := unknown(key, s.known)
		err.Source = source
		return err
	}
	tree := map[string]any{}
	if err := s.put(tree, path, t, value); err != nil {
		err.Source = source
		return err
	}
	return s.add(source, tree)
}

// add checks a layer by itself, so that the source of what is refused can be named, and merges it.
func (s *schema) add(source string, tree map[string]any) error {
	gone := takeRemoved(tree)
	prune(tree)
	if err := s.check(source, tree); err != nil {
		return err
	}
	s.begin(tree)
	if err := s.merged.Load(layerTree(tree), nil); err != nil {
		return &Error{Source: source, Reason: err.Error()}
	}
	for _, name := range gone {
		s.merged.Delete("feeds." + name)
	}
	return nil
}

func (s *schema) check(source string, tree map[string]any) error {
	if err := s.fill("", tree, reflect.New(configType).Elem(), ""); err != nil {
		err.Source = source
		return err
	}
	return nil
}

// begin gives feeds of a new name what they start with.
func (s *schema) begin(tree map[string]any) {
	feeds, _ := tree["feeds"].(map[string]any)
	fresh := map[string]any{}
	for name := range feeds {
		if !s.merged.Exists("feeds." + name) {
			fresh[name] = s.blank
		}
	}
	if len(fresh) > 0 {
		start := koanf.New(".")
		_ = start.Load(layerTree(map[string]any{"feeds": fresh}), nil)
		_ = s.merged.Load(layerTree(start.Raw()), nil)
	}
}

func (s *schema) finish(env []string) (*Config, error) {
	c := &Config{}
	tree := s.merged.Raw()
	if err := s.fill("", tree, reflect.ValueOf(c).Elem(), ""); err != nil {
		return nil, err
	}
	for name, f := range c.Feeds {
		f.Rest = c.Rest
		own := s.merged.Get("feeds." + name + ".rest")
		if err := s.fill("feeds."+name+".rest", own, reflect.ValueOf(&f.Rest).Elem(), ""); err != nil {
			return nil, err
		}
		for i := range f.Pins {
			f.Pins[i].Pages = cmp.Or(f.Pins[i].Pages, "first")
		}
		c.Feeds[name] = f
	}
	if c.DataDir == "" {
		c.DataDir = DataDir(env)
	}
	return c, c.check()
}

// DataDir is the data folder where none is set: where programs of one user keep what they must not lose.
func DataDir(env []string) string {
	var xdg, home string
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "XDG_DATA_HOME":
			xdg = value
		case "HOME":
			home = value
		}
	}
	switch {
	case filepath.IsAbs(xdg):
		return filepath.Join(xdg, "freshet")
	case filepath.IsAbs(home):
		return filepath.Join(home, ".local", "share", "freshet")
	}
	return "freshet-data"
}
