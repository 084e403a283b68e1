package redisstore

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// A tie is the field "t<relation><author>" of the viewer's will with its time in milliseconds; a
// decision is "d<kind><id>" with its direction and time, "+1700000000000".
func tieField(t *audience.Tie) (name, value string) {
	return "t" + strconv.Itoa(int(t.Relation)) + string(t.Author), strconv.FormatInt(t.At.UnixMilli(), 10)
}

func decisionField(d *audience.Decision) (name, value string) {
	sign := "+"
	if d.Direction == audience.Less {
		sign = "-"
	}
	return "d" + strconv.Itoa(int(d.Target.Kind)) + d.Target.ID, sign + strconv.FormatInt(d.At.UnixMilli(), 10)
}

// changeField gives an empty value for what is gone; ok is false for a change of nothing.
func changeField(c *audience.Change) (name, value string, ok bool) {
	switch {
	case c.Tie != nil:
		name, value = tieField(c.Tie)
	case c.Decision != nil:
		name, value = decisionField(c.Decision)
	default:
		return "", "", false
	}
	if c.Gone {
		value = ""
	}
	return name, value, true
}

// encodeViewer returns pairs of name and value.
func encodeViewer(v *audience.Viewer) (pairs []any) {
	if v == nil {
		return nil
	}
	for r := audience.Follows; r <= audience.Blocks; r++ {
		for _, t := range v.Ties(r) {
			name, value := tieField(&t)
			pairs = append(pairs, name, value)
		}
	}
	for _, d := range v.Decisions() {
		name, value := decisionField(&d)
		pairs = append(pairs, name, value)
	}
	return pairs
}

// decodeViewer takes pairs of name and value, and leaves out what it cannot read.
func decodeViewer(id audience.ViewerID, pairs []string) *audience.Viewer {
	var ties []audience.Tie
	var decisions []audience.Decision
	for pair := range slices.Chunk(pairs, 2) {
		name, value := pair[0], pair[len(pair)-1]
		if len(name) < 3 || name[1] < '1' || name[1] > '3' {
			continue
		}
		kind, of := name[1]-'0', name[2:]
		switch name[0] {
		case 't':
			if at, ok := moment(value); ok {
				ties = append(ties, audience.Tie{Relation: audience.Relation(kind), Author: catalog.AuthorID(of), At: at})
			}
		case 'd':
			direction := audience.More
			if strings.HasPrefix(value, "-") {
				direction = audience.Less
			}
			if at, ok := moment(strings.TrimLeft(value, "+-")); ok {
				target := audience.Target{Kind: audience.TargetKind(kind), ID: of}
				decisions = append(decisions, audience.Decision{Target: target, Direction: direction, At: at})
			}
		}
	}
	return audience.NewViewer(id, ties, decisions)
}

func moment(ms string) (time.Time, bool) {
	n, err := strconv.ParseInt(ms, 10, 64)
	return time.UnixMilli(n).UTC(), err == nil
}
