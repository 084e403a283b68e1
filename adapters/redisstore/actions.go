package redisstore

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// An action is a field of the viewer's acts: its name says which action it is, so that a repeat finds
// it again, and its value is the decimal numbers "at act watched duration", times in milliseconds,
// which scripts/note.lua merges.
func encodeAction(a *audience.Action) (name, value string) {
	kind := "play" // of one item in one session: the same action, whatever the moment
	if !isPlay(a.Act) {
		kind = fmt.Sprintf("%d@%d", a.Act, a.At.UnixMilli())
	}
	return string(a.Item) + "\x00" + a.Session + "\x00" + kind,
		fmt.Sprintf("%d %d %d %d", max(0, a.At.UnixMilli()), a.Act, max(0, a.Watched.Milliseconds()), max(0, a.Duration.Milliseconds()))
}

// isPlay tells the acts that follow each other in one play; a later one has the larger number.
func isPlay(a audience.Act) bool {
	return a == audience.PlayStart || a == audience.PlayProgress || a == audience.PlayComplete
}

func decodeAction(name, value string) (a audience.Action, ok bool) {
	names := strings.Split(name, "\x00")
	if len(names) != 3 {
		return audience.Action{}, false
	}
	var numbers [4]int64
	for i := range numbers {
		part, rest, _ := strings.Cut(value, " ")
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return audience.Action{}, false
		}
		numbers[i], value = n, rest
	}
	return audience.Action{
		Item: catalog.ItemID(names[0]), Session: names[1],
		At: time.UnixMilli(numbers[0]).UTC(), Act: audience.Act(numbers[1]),
		Watched: time.Duration(numbers[2]) * time.Millisecond, Duration: time.Duration(numbers[3]) * time.Millisecond,
	}, true
}

// decodeActions returns the newest, newest first; what cannot be read is left out.
func decodeActions(fields map[string]string) []audience.Action {
	if len(fields) == 0 {
		return nil
	}
	actions := make([]audience.Action, 0, len(fields))
	for name, value := range fields {
		if a, ok := decodeAction(name, value); ok {
			actions = append(actions, a)
		}
	}
	slices.SortFunc(actions, newestFirst)
	return actions[:min(len(actions), audience.MaxActions)]
}

// newestFirst is a total order, so that equal knowledge reads equal.
func newestFirst(a, b audience.Action) int {
	return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Act, b.Act), cmp.Compare(a.Session, b.Session))
}

// encodeActions returns the newest as pairs of name and value, merged as notes would be.
func encodeActions(actions []audience.Action) []any {
	merged := make(map[string]audience.Action, len(actions))
	for _, a := range actions {
		name, _ := encodeAction(&a)
		if held, ok := merged[name]; ok {
			a.Act, a.Watched, a.Duration = max(a.Act, held.Act), max(a.Watched, held.Watched), max(a.Duration, held.Duration)
			if held.At.After(a.At) {
				a.At = held.At
			}
		}
		merged[name] = a
	}
	newest := make([]audience.Action, 0, len(merged))
	for _, a := range merged {
		newest = append(newest, a)
	}
	slices.SortFunc(newest, newestFirst)
	newest = newest[:min(len(newest), audience.MaxActions)]

	pairs := make([]any, 0, 2*len(newest))
	for i := range newest {
		name, value := encodeAction(&newest[i])
		pairs = append(pairs, name, value)
	}
	return pairs
}
