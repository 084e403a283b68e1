package docs

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/ports/cli"
)

// commands of the program have the subcommands and flags that are written; targets of make exist.
func (h *House) commands(d Document, say func(int, string, ...any)) {
	for _, c := range d.Commands("freshet", "bin/freshet", "/freshet") {
		if err := understood(strings.Fields(c.Text)[1:]); err != nil {
			say(c.Line, "%s: %s", c.Text, err)
		}
	}
	for _, c := range d.Commands("make") {
		for _, word := range strings.Fields(c.Text)[1:] {
			if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") && !h.Targets[word] {
				say(c.Line, "make has no target %s", word)
			}
		}
	}
	for _, s := range d.Spans() {
		if name, ok := strings.CutPrefix(s.Text, "--"); ok {
			name, _, _ = strings.Cut(strings.Fields(name + " ")[0], "=")
			if !anyFlag(cli.Root(cli.Commands{}), name) {
				say(s.Line, "no command has a flag --%s", name)
			}
		}
	}
}

func understood(words []string) error {
	root := cli.Root(cli.Commands{})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if cmd == root && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return fmt.Errorf("there is no command %q", rest[0])
	}
	cmd.InitDefaultHelpFlag()
	return cmd.ParseFlags(rest)
}

func anyFlag(cmd *cobra.Command, name string) bool {
	cmd.InitDefaultHelpFlag()
	if cmd.Flags().Lookup(name) != nil || cmd.PersistentFlags().Lookup(name) != nil {
		return true
	}
	return slices.ContainsFunc(cmd.Commands(), func(c *cobra.Command) bool { return anyFlag(c, name) })
}

var (
	ourMetric = regexp.MustCompile(`\bfreshet_[a-z_]+\b`)
	partOf    = regexp.MustCompile(`_(bucket|sum|count)$`)
)

func (h *House) metrics(d Document, say func(int, string, ...any)) {
	for _, m := range d.Everywhere(ourMetric) {
		if !h.Metrics[m.Text] && !h.Metrics[partOf.ReplaceAllString(m.Text, "")] {
			say(m.Line, "there is no metric %s", m.Text)
		}
	}
}

var aRoute = regexp.MustCompile(`^(?:(GET|HEAD|PUT|POST|PATCH|DELETE) )?(?:https?://127\.0\.0\.1:\d+)?(/[^\s]*)$`)

// routes in code spans, and the addresses of curl lines, are answered by one of the planes.
func (h *House) routes(d Document, say func(int, string, ...any)) {
	check := func(line int, text string) {
		m := aRoute.FindStringSubmatch(text)
		if m == nil {
			return
		}
		at, _, _ := strings.Cut(m[2], "?")
		if !slices.ContainsFunc(h.Routes, func(r string) bool {
			method, path, _ := strings.Cut(r, " ")
			return (m[1] == "" || m[1] == method) && sameRoute(path, at)
		}) {
			say(line, "there is no route %s", strings.TrimSpace(m[1]+" "+at))
		}
	}
	for _, s := range d.Spans() {
		check(s.Line, s.Text)
	}
	for _, b := range d.Blocks() {
		for i, line := range b.Lines {
			for _, m := range address.FindAllString(line, -1) {
				check(b.Line+i, strings.TrimRight(m, `'"`))
			}
		}
	}
}

var address = regexp.MustCompile(`https?://127\.0\.0\.1:\d+/[^\s'"]*`)

// sameRoute compares a template of ours with a path or a template in a document.
func sameRoute(template, at string) bool {
	if strings.HasPrefix(template, "/debug/") { // a folder of them
		return strings.HasPrefix(at, template)
	}
	want, got := strings.Split(template, "/"), strings.Split(at, "/")
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		_, verb, templated := strings.Cut(w, "}")
		switch {
		case w == got[i]:
		case !templated || !strings.HasPrefix(w, "{") || !strings.HasSuffix(got[i], verb) || got[i] == verb:
			return false
		case strings.HasPrefix(got[i], "{"): // a template names the parameter as we do
			return false
		}
	}
	return true
}

var variable = regexp.MustCompile(`\bFRESHET_[A-Z0-9_]+\b`)

// variables set a key, name the file, or belong to tests and deployments that read them; values of metainfo are spelled like them.
func (h *House) variables(d Document, say func(int, string, ...any)) {
	for _, v := range d.Everywhere(variable) {
		_, err := config.Load(config.Options{Environment: []string{v.Text + "="}})
		known := err == nil || h.Deployed[v.Text] || h.Said[v.Text]
		if strings.HasPrefix(v.Text, "FRESHET_TEST_") { // which the configuration leaves alone
			known = h.Tested[v.Text] || v.Text == "FRESHET_TEST_"
		}
		if !known {
			say(v.Line, "there is no variable %s", v.Text)
		}
	}
}

var aKey = regexp.MustCompile(`^(http|admin|rpc|redis|mysql|log|serving|tuning|events|rest|feeds|experiments|training)\.[a-z_-]+(\.[a-z_-]+)*$`)

// keys in code spans, and those of --set, can be set.
func (h *House) keys(d Document, say func(int, string, ...any)) {
	check := func(line int, key string) {
		_, err := config.Load(config.Options{Set: []string{key + "="}})
		if refused := new(config.Error); errors.As(err, &refused) && strings.HasPrefix(refused.Reason, "there is no such key") {
			say(line, "there is no setting %s", key)
		}
	}
	for _, s := range d.Spans() {
		key, _, _ := strings.Cut(s.Text, "=")
		if key, _, _ = strings.Cut(key, ":"); aKey.MatchString(key) && !extension.MatchString(key) {
			check(s.Line, key)
		}
	}
	for _, c := range d.Commands("freshet", "bin/freshet") {
		words := strings.Fields(c.Text)
		for i, w := range words[:len(words)-1] {
			if w == "--set" {
				key, _, _ := strings.Cut(words[i+1], "=")
				check(c.Line, key)
			}
		}
	}
}

// configurations in YAML blocks are accepted as they stand.
func (h *House) configurations(d Document, say func(int, string, ...any)) {
	for _, b := range d.Blocks() {
		if b.Language != "yaml" {
			continue
		}
		file, err := os.CreateTemp("", "freshet-docs-*.yaml")
		if err != nil {
			say(b.Line, "%s", err)
			return
		}
		_, err = file.WriteString(strings.Join(b.Lines, "\n"))
		if err = errors.Join(err, file.Close()); err == nil {
			_, err = config.Load(config.Options{File: file.Name()})
		}
		if err != nil {
			say(b.Line, "%s", err)
		}
		_ = os.Remove(file.Name())
	}
}
