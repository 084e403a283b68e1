package fault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/freshet/freshet/test/instances"
)

// tally is what is counted of one item.
type tally struct{ Likes, Favorites, Comments, Shares, Plays int64 }

// recount counts the log, in its order.
func recount(log []event) map[string]tally {
	type who struct{ viewer, item, of string }
	stands, counted, all := map[who]bool{}, map[who]bool{}, map[string]tally{}
	for _, e := range log {
		t := all[e.Item]
		switch e.Type {
		case "like", "unlike":
			stands[who{e.Viewer, e.Item, "like"}] = e.Type == "like"
		case "favorite", "unfavorite":
			stands[who{e.Viewer, e.Item, "favorite"}] = e.Type == "favorite"
		case "comment":
			t.Comments++
		case "share":
			t.Shares++
		case "play_start", "play_progress", "play_complete":
			if k := (who{e.Viewer, e.Item, "in " + e.Session}); !counted[k] {
				counted[k] = true
				t.Plays++
			}
		}
		all[e.Item] = t
	}
	for k, on := range stands {
		t := all[k.item]
		switch {
		case on && k.of == "like":
			t.Likes++
		case on:
			t.Favorites++
		}
		all[k.item] = t
	}
	return all
}

// everyCountEqualsTheLog checks counts three ways: by the command for it, in the tables, and as each instance shows them.
func (f *fleet) everyCountEqualsTheLog(log []event) {
	f.eventually(60*time.Second, "all is counted", func() string {
		var behind, follows int64
		err := f.db.QueryRow("SELECT e.head - t.head FROM log_heads e JOIN log_heads t ON t.name = 'tally' WHERE e.name = 'events'").Scan(&behind)
		if err == nil {
			err = f.db.QueryRow("SELECT COUNT(*) FROM follow_changes").Scan(&follows)
		}
		if err != nil || behind != 0 || follows != 0 {
			return fmt.Sprintf("%d events and %d follows behind, %v", behind, follows, err)
		}
		return ""
	})
	if out, err := instances.Run(f.t, append(f.env, "FRESHET_DATA_DIR="+f.t.TempDir()), "counters", "verify"); err != nil {
		f.complain("counters verify: %v\n%s", err, out)
	}
	want := recount(log)
	rows, err := f.db.Query("SELECT item, likes, favorites, comments, shares, plays FROM item_counts")
	if err != nil {
		f.complain("counts: %v", err)
		return
	}
	defer func() { _ = rows.Close() }()
	stored := map[string]tally{}
	for rows.Next() {
		var id string
		var t tally
		if err := rows.Scan(&id, &t.Likes, &t.Favorites, &t.Comments, &t.Shares, &t.Plays); err != nil {
			f.complain("counts: %v", err)
		}
		stored[id] = t
	}
	for id, t := range want {
		if stored[id] != t {
			f.complain("%s is counted as %+v, and the log says %+v", id, stored[id], t)
		}
	}
	for id, t := range stored {
		if want[id] != t {
			f.complain("%s is counted as %+v, and the log says %+v", id, t, want[id])
		}
	}
	f.everyCountShows(want)
	f.everyFollowerCounts()
}

func (f *fleet) everyCountShows(want map[string]tally) {
	for _, n := range f.nodes {
		f.eventually(30*time.Second, "counts show at "+n.name, func() string {
			for i := range 60 {
				id := fmt.Sprintf("s%d", i)
				a := f.ask(f.t.Context(), n, http.MethodGet, "/v1/items/"+id, nil)
				var shown struct{ Counts tally }
				if err := json.Unmarshal(a.body, &shown); err != nil || shown.Counts != want[id] {
					return fmt.Sprintf("%s shows %+v, and the log says %+v (%v)", id, shown.Counts, want[id], err)
				}
			}
			return ""
		})
	}
}

// everyFollowerCounts compares relations with what is counted of them.
func (f *fleet) everyFollowerCounts() {
	const apart = `SELECT COUNT(*) FROM (SELECT author, COUNT(*) AS n FROM ties WHERE relation = 1 GROUP BY author) t
		LEFT JOIN author_counts c ON c.author = t.author WHERE COALESCE(c.followers, 0) <> t.n`
	const ghosts = "SELECT COUNT(*) FROM author_counts c WHERE c.followers <> 0 AND NOT EXISTS (SELECT 1 FROM ties t WHERE t.relation = 1 AND t.author = c.author)"
	for _, query := range []string{apart, ghosts} {
		var n int64
		if err := f.db.QueryRow(query).Scan(&n); err != nil || n != 0 {
			f.complain("%d authors have another number of followers than ties say, %v", n, err)
		}
	}
}

// lines are what an instance answers, line by line.
func (f *fleet) lines(n *node, path string) (lines [][]byte) {
	a := f.ask(f.t.Context(), n, http.MethodGet, path, nil)
	f.must(a, path)
	return slices.DeleteFunc(split(a.body), func(l []byte) bool { return len(l) == 0 })
}
