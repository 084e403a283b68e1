package mysqlstore

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/freshet/freshet/domain/feed"
)

// Every page that is served goes through here: its JSON is appended to memory that is used again. What is written is what storedVisit
// and storedPage read.

func appendVisit(b []byte, v *feed.Visit) []byte {
	b = appendText(append(b, `{"id":`...), v.ID)
	b = appendText(append(b, `,"viewer":`...), v.Viewer)
	b = appendText(append(b, `,"feed":`...), v.Feed)
	b = appendText(append(b, `,"definition":`...), v.Definition)
	b = appendGiven(b, `,"tag":`, v.Narrowing.Tag)
	b = appendGiven(b, `,"lang":`, v.Narrowing.Lang)
	b = appendGiven(b, `,"region":`, v.Narrowing.Region)
	b = appendGiven(b, `,"anchor":`, v.Narrowing.Anchor)
	b = strconv.AppendUint(append(b, `,"seed":`...), v.Seed, 10)
	b = appendMoment(append(b, `,"started_at":`...), v.StartedAt)
	b = appendMoment(append(b, `,"expires_at":`...), v.ExpiresAt)
	for i, a := range v.Assignments {
		b = append(b, opening(i, `,"assignments":[`)...)
		b = appendText(append(b, `{"layer":`...), a.Layer)
		b = appendText(append(b, `,"variant":`...), a.Variant)
		b = append(b, '}')
	}
	return append(closed(b, len(v.Assignments)), '}')
}

func appendPage(b []byte, p *feed.Page) ([]byte, error) {
	b = strconv.AppendInt(append(b, `{"number":`...), int64(p.Number), 10)
	b = strconv.AppendInt(append(b, `,"first":`...), int64(p.First), 10)
	b = append(b, `,"items":[`...)
	var err error
	for i := range p.Items {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendPlacement(b, &p.Items[i]); err != nil {
			return nil, err
		}
	}
	b = appendMoment(append(b, `],"served_at":`...), p.ServedAt)
	b = appendText(append(b, `,"rung":`...), p.Rung)
	b = appendList(b, `,"relaxed":[`, p.Relaxed)
	b = appendList(b, `,"skipped":[`, p.Skipped)
	b = appendList(b, `,"exclude":[`, p.Exclude)
	b = appendGiven(b, `,"config":`, p.Inputs.Config)
	b = appendCount(b, `,"catalogue":`, p.Inputs.Catalogue)
	b = appendCount(b, `,"model":`, p.Inputs.Model)
	b = appendCount(b, `,"trained":`, p.Inputs.Trained)
	b = appendCount(b, `,"weights":`, p.Inputs.Weights)
	b = appendCount(b, `,"viewer":`, p.Inputs.Viewer)
	b = strconv.AppendInt(append(b, `,"want":`...), int64(p.Want), 10)
	if p.Last {
		b = append(b, `,"last":true`...)
	}
	return append(b, '}'), nil
}

func appendPlacement(b []byte, it *feed.Placement) (_ []byte, err error) {
	b = appendText(append(b, `{"i":`...), it.Item)
	b = strconv.AppendUint(append(b, `,"n":`...), uint64(it.Number), 10)
	b = appendGiven(b, `,"a":`, it.Author)
	if b, err = appendFloat(append(b, `,"s":`...), it.Score); err != nil {
		return nil, err
	}
	b = appendGiven(b, `,"r":`, it.Reason.Source)
	b = appendGiven(b, `,"b":`, it.Reason.Because)
	b = appendList(b, `,"o":[`, it.Sources)
	if it.RankBefore != 0 {
		b = strconv.AppendInt(append(b, `,"k":`...), int64(it.RankBefore), 10)
	}
	if it.Chance != 0 {
		if b, err = appendFloat(append(b, `,"c":`...), it.Chance); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func opening(i int, head string) string {
	if i == 0 {
		return head
	}
	return ","
}

func closed(b []byte, n int) []byte {
	if n == 0 {
		return b
	}
	return append(b, ']')
}

func appendList[S ~string](b []byte, head string, list []S) []byte {
	for i, s := range list {
		b = appendText(append(b, opening(i, head)...), s)
	}
	return closed(b, len(list))
}

func appendGiven[S ~string](b []byte, head string, s S) []byte {
	if s == "" {
		return b
	}
	return appendText(append(b, head...), s)
}

func appendCount(b []byte, head string, n uint64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendUint(append(b, head...), n, 10)
}

// appendText quotes a text; whatever is not plain is left to the package that knows all of it.
func appendText[S ~string](b []byte, s S) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(string(s)) // which no text fails
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendFloat fails where there is no number to write.
func appendFloat(b []byte, f float32) ([]byte, error) {
	if x := float64(f); math.IsNaN(x) || math.IsInf(x, 0) {
		return nil, &json.UnsupportedValueError{Str: strconv.FormatFloat(x, 'g', -1, 32)}
	}
	return strconv.AppendFloat(b, float64(f), 'g', -1, 32), nil
}

func appendMoment(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, t.UnixMilli(), 10)
}
