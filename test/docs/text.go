package docs

import (
	"regexp"
	"strings"
)

// Document is one Markdown file; its path begins at the root of the repository.
type Document struct{ Path, Text string }

// Said is one thing a document says, and on which line.
type Said struct {
	Line int
	Text string
}

// Block is a fenced block of code.
type Block struct {
	Line     int // of its first line of code
	Language string
	Lines    []string
}

var (
	span = regexp.MustCompile("`([^`]+)`")
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// Blocks are the document's fenced blocks.
func (d Document) Blocks() (blocks []Block) {
	var open *Block
	for i, line := range strings.Split(d.Text, "\n") {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && open == nil:
			open = &Block{Line: i + 2, Language: language}
		case fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.Lines = append(open.Lines, line)
		}
	}
	return blocks
}

// prose is the document without its blocks, line for line.
func (d Document) prose() []string {
	lines := strings.Split(d.Text, "\n")
	for inside, i := false, 0; i < len(lines); i++ {
		fence := strings.HasPrefix(strings.TrimSpace(lines[i]), "```")
		if fence || inside {
			lines[i] = ""
		}
		if fence {
			inside = !inside
		}
	}
	return lines
}

// Spans are the code spans of the prose.
func (d Document) Spans() []Said { return d.all(span) }

// Links are where the prose's links lead.
func (d Document) Links() []Said { return d.all(link) }

func (d Document) all(pattern *regexp.Regexp) (said []Said) {
	for i, line := range d.prose() {
		for _, m := range pattern.FindAllStringSubmatch(line, -1) {
			said = append(said, Said{i + 1, m[1]})
		}
	}
	return said
}

// Everywhere finds a pattern in prose and blocks alike.
func (d Document) Everywhere(pattern *regexp.Regexp) (said []Said) {
	for i, line := range strings.Split(d.Text, "\n") {
		for _, m := range pattern.FindAllString(line, -1) {
			said = append(said, Said{i + 1, m})
		}
	}
	return said
}

// Commands are the lines of blocks and the code spans that run one of the programs, from its name on: without
// what is set before it, and without what follows it in a pipe or as a comment.
func (d Document) Commands(programs ...string) (commands []Said) {
	take := func(line int, text string) {
		for _, part := range strings.FieldsFunc(withoutQuotes(text), func(r rune) bool { return r == '|' || r == ';' || r == '&' }) {
			words := strings.Fields(part)
			for len(words) > 0 && strings.Contains(words[0], "=") {
				words = words[1:]
			}
			for _, p := range programs {
				if len(words) > 0 && words[0] == p {
					commands = append(commands, Said{line, uncommented(words)})
				}
			}
		}
	}
	for _, s := range d.Spans() {
		take(s.Line, s.Text)
	}
	for _, b := range d.Blocks() {
		whole := "" // a line that ends with \ goes on
		for i, line := range b.Lines {
			if head, more := strings.CutSuffix(strings.TrimSpace(line), `\`); more {
				whole += head
				continue
			}
			take(b.Line+i, whole+line)
			whole = ""
		}
	}
	return commands
}

func uncommented(words []string) string {
	for i, w := range words {
		if w == "#" || w == ">" || w == "<" {
			words = words[:i]
			break
		}
	}
	return strings.Join(words, " ")
}

var quoted = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// withoutQuotes puts a letter in the place of what a shell takes as one word.
func withoutQuotes(s string) string { return quoted.ReplaceAllString(s, "q") }
