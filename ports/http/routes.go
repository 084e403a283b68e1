package http

import (
	"slices"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// routes is the public plane: registered with Hertz and described in openapi.json from here.
func (p *public) routes() []route {
	return slices.Concat(p.pageRoutes(), p.itemRoutes(), p.viewerRoutes(), p.otherRoutes())
}

func pageParameters(viewer parameter) []parameter {
	return []parameter{
		viewer,
		{name: "limit", about: "How many items at most.", schema: withDefault(integer(1, feed.MaxPageSize, ""), feed.DefaultSize)},
		{name: "cursor", about: "From the page before. None: a new session. The same cursor answers the same page as long as its session lives.", schema: aText("")},
		{name: "exclude", about: "Ids the client already holds: repeated, or joined by commas; at most 1000.", schema: listOf(anID(""), ""), many: true},
		{name: "explain", about: "How much the page says about itself.", schema: withDefault(oneOf("", "none", "user", "debug"), "none")},
		{name: "tag", about: "Only items with this tag.", schema: aText("")},
		{name: "lang", about: "Only items in this language, and those without one.", schema: aText("")},
		{name: "region", about: "Only items of this region, and those without one.", schema: aText("")},
	}
}

func withDefault(s schema, v any) schema {
	s["default"] = v
	return s
}

func (p *public) pageRoutes() []route {
	ok := answer{status: 200, about: "The page.", schema: ref("Page"), example: pageExample}
	return []route{
		{method: "GET", path: "/v1/feeds/{feed}", name: "getFeed", group: "pages", summary: "The next page of a feed",
			note:    "Within a session no item is served twice. When something behind the service is down the answer is still 200, and its rung says from how far down the ladder it comes.",
			query:   pageParameters(parameter{name: "viewer", about: "Whoever watches.", schema: anID(""), required: true}),
			answers: []answer{ok, refused(400), refused(404), refused(410)}, do: p.feed},
		{method: "GET", path: "/v1/items/{id}/related", name: "getRelated", group: "pages", summary: "Items related to one",
			note:    "Without a viewer nobody's history counts, and each session is a stranger's of its own.",
			query:   pageParameters(parameter{name: "viewer", about: "Whoever watches; absent: a stranger.", schema: anID("")}),
			answers: []answer{ok, refused(400), refused(404), refused(410)}, do: p.related},
		{method: "GET", path: "/v1/sessions/{session}", name: "getSession", group: "pages", summary: "What a session served, when and why",
			answers: []answer{{status: 200, about: "The session with its pages.", schema: ref("Session")}, refused(400), refused(404)}, do: p.getSession},
		{method: "GET", path: "/v1/viewers/{viewer}/sessions", name: "listSessions", group: "pages", summary: "A viewer's sessions, newest first",
			query: []parameter{
				{name: "limit", about: "How many at most.", schema: withDefault(integer(1, 100, ""), listedSessions)},
				{name: "before", about: "Only sessions that started before; to page on, the last started_at.", schema: aTime("")},
			},
			answers: []answer{{status: 200, about: "The sessions, without their pages.", schema: ref("Sessions")}, refused(400)}, do: p.listSessions},
		{method: "POST", path: "/v1/sessions/{session}/pages/{page}/replay", name: "replayPage", group: "pages", summary: "Compute a served page again",
			note:    "Serves nothing. When the page does not come out the same, the answer names what changed.",
			answers: []answer{{status: 200, about: "Both lists.", schema: ref("Replay")}, refused(400), refused(404)}, do: p.replay},
	}
}

func (p *public) itemRoutes() []route {
	state := func(about string) []answer {
		return []answer{{status: 200, about: about, schema: ref("ItemState")}, refused(400), refused(404)}
	}
	return []route{
		{method: "PUT", path: "/v1/items/{id}", name: "putItem", group: "items", summary: "Publish or replace an item",
			note: "A hidden item stays hidden. Sending the same item again changes nothing.",
			body: &content{schema: ref("ItemBody"), example: itemExample},
			answers: []answer{{status: 201, about: "Created.", schema: ref("ItemStatus")}, {status: 200, about: "Updated.", schema: ref("ItemStatus")},
				refused(400)}, do: p.putItem},
		{method: "GET", path: "/v1/items/{id}", name: "getItem", group: "items", summary: "An item as it stands, hidden ones included",
			answers: []answer{{status: 200, about: "The item.", schema: ref("Item")}, refused(400), refused(404)}, do: p.getItem},
		{method: "PATCH", path: "/v1/items/{id}", name: "patchItem", group: "items", summary: "Change parts of an item",
			note:    "A merge patch: what is absent stays, null clears, lists and payload are replaced whole.",
			body:    &content{schema: ref("ItemPatch"), example: map[string]any{"title": "A better title", "expires_at": nil}},
			answers: []answer{{status: 200, about: "The item as it is now.", schema: ref("Item")}, refused(400), refused(404)}, do: p.patchItem},
		{method: "DELETE", path: "/v1/items/{id}", name: "removeItem", group: "items", summary: "Remove an item; putting it again brings it back",
			answers: state("Removed."), do: p.move(p.deps.Items.Remove, catalog.Removed)},
		{method: "POST", path: "/v1/items/{id}:hide", name: "hideItem", group: "items", summary: "Take an item out of every feed until it is restored",
			answers: state("Hidden."), do: p.move(p.deps.Items.Hide, catalog.Hidden)},
		{method: "POST", path: "/v1/items/{id}:restore", name: "restoreItem", group: "items", summary: "Bring a hidden item back",
			answers: state("Published."), do: p.move(p.deps.Items.Restore, catalog.Published)},
		{method: "POST", path: "/v1/items:batch", name: "putItems", group: "items", summary: "Publish or replace up to 10,000 items",
			note:    "A JSON array, or NDJSON. Each item is taken or rejected on its own.",
			body:    &content{schema: listOf(ref("BatchItem"), ""), example: []any{batchItemExample}, lines: true},
			answers: []answer{{status: 200, about: "What became of each.", schema: ref("ItemResults")}, refused(400)}, do: p.putItems},
	}
}

func (p *public) viewerRoutes() []route {
	decision := answer{status: 200, about: "The decision.", schema: ref("Tuning")}
	list := answer{status: 200, about: "The decisions in force.", schema: ref("Tunings")}
	routes := []route{
		{method: "PUT", path: "/v1/viewers/{viewer}/tuning/{kind}/{id}", name: "setTuning", group: "viewers", summary: "More or less of an item, author or tag",
			note:    "kind is item, author or tag. The latest decision wins and shows on the next page.",
			body:    &content{schema: ref("TuningBody"), example: map[string]any{"direction": "less"}},
			answers: []answer{decision, refused(400), refused(403), refused(409)}, do: p.tune},
		{method: "DELETE", path: "/v1/viewers/{viewer}/tuning/{kind}/{id}", name: "clearTuning", group: "viewers", summary: "Undo a decision and its effect",
			answers: []answer{{status: 204, about: "Undone."}, refused(400), refused(403), refused(404)}, do: p.untune},
		{method: "GET", path: "/v1/viewers/{viewer}/tuning/{kind}/{id}", name: "getTuning", group: "viewers", summary: "The decision on one thing",
			answers: []answer{decision, refused(400), refused(403), refused(404)}, do: p.tuned},
		{method: "GET", path: "/v1/viewers/{viewer}/tuning", name: "listTuning", group: "viewers", summary: "All decisions of a viewer",
			answers: []answer{list, refused(400), refused(403)}, do: p.tunings},
		{method: "GET", path: "/v1/viewers/{viewer}/tuning/{kind}", name: "listTuningOfKind", group: "viewers", summary: "A viewer's decisions on items, authors or tags",
			answers: []answer{list, refused(400), refused(403)}, do: p.tunings},
	}
	for _, r := range []struct {
		relation audience.Relation
		verb     string
	}{{audience.Follows, "follow"}, {audience.Mutes, "mute"}, {audience.Blocks, "block"}} {
		base := "/v1/viewers/{viewer}/" + r.relation.String()
		one := base + "/{author}"
		routes = append(routes,
			route{method: "PUT", path: one, name: r.verb, group: "viewers", summary: "Let a viewer " + r.verb + " an author",
				answers: []answer{{status: 200, about: "It is so.", schema: ref("Related")}, refused(400), refused(409)}, do: p.relate(r.relation)},
			route{method: "DELETE", path: one, name: "un" + r.verb, group: "viewers", summary: "End it",
				answers: []answer{{status: 204, about: "Ended."}, refused(400), refused(404)}, do: p.unrelate(r.relation)},
			route{method: "GET", path: one, name: "is_" + r.verb, group: "viewers", summary: "Whether, and since when",
				answers: []answer{{status: 200, about: "It is so.", schema: ref("Relation")}, refused(400), refused(404)}, do: p.relation(r.relation)},
			route{method: "GET", path: base, name: "list_" + r.verb, group: "viewers", summary: "All authors a viewer " + r.verb + "s",
				answers: []answer{{status: 200, about: "The relations.", schema: ref("Relations")}, refused(400)}, do: p.relations(r.relation)},
		)
	}
	return append(routes,
		route{method: "DELETE", path: "/v1/viewers/{viewer}", name: "eraseViewer", group: "viewers", summary: "Remove every trace of a viewer",
			answers: []answer{{status: 200, about: "What was removed from where.", schema: ref("Receipt")}, refused(400)}, do: p.erase},
		route{method: "GET", path: "/v1/viewers/{viewer}/export", name: "exportViewer", group: "viewers", summary: "All that is kept of a viewer, as NDJSON",
			note:    "Each line is an object whose kind is event, tuning, relation, session or page.",
			answers: []answer{{status: 200, about: "One record a line.", schema: aText(""), kind: "application/x-ndjson"}, refused(400)}, do: p.export},
	)
}

func (p *public) otherRoutes() []route {
	douyin := route{method: "GET", path: "/douyin/feed/", name: "douyinFeed", group: "short video", summary: "A page by the public short-video contract", lenient: true,
		note: "Business errors keep HTTP 200 with a status_code that is not 0. Other query parameters are ignored.",
		query: []parameter{
			{name: "latest_time", about: "The next_time of the page before, in seconds or milliseconds; none, empty or 0: now.", schema: aCount("")},
			{name: "token", about: "Whoever watches; none: a stranger.", schema: aText("")},
		},
		answers: []answer{{status: 200, about: "At most 30 videos.", schema: ref("Douyin")}}, do: p.douyin}
	bare := douyin
	bare.path, bare.name, bare.summary = "/douyin/feed", "douyinFeedBare", "The same without the slash"
	return []route{
		{method: "POST", path: "/v1/events", name: "recordEvents", group: "events", summary: "Report up to 10,000 things viewers did",
			note:    "A JSON array, or NDJSON. Each event is accepted, a duplicate or rejected on its own; the next page computed for its viewer reflects it.",
			body:    &content{schema: listOf(ref("Event"), ""), example: []any{eventExample}, lines: true},
			answers: []answer{{status: 200, about: "What became of each.", schema: ref("EventResults")}, refused(400), refused(429)}, do: p.recordEvents},
		douyin, bare,
		{method: "GET", path: "/openapi.json", name: "openapi", group: "about", summary: "This description",
			answers: []answer{{status: 200, about: "OpenAPI 3.", schema: schema{"type": "object"}}, refused(400)}, do: p.openapi},
		{method: "GET", path: "/docs", name: "docs", group: "about", summary: "This description for people",
			answers: []answer{{status: 200, about: "A page.", schema: aText(""), kind: "text/html"}, refused(400)}, do: p.docs},
		{method: "GET", path: "/", name: "root", group: "about", summary: "Leads to /docs", lenient: true,
			answers: []answer{{status: 302, about: "To /docs."}}, do: p.root},
	}
}

// refused is an answer with the error body.
func refused(status int) answer {
	return answer{status: status, about: refusals[status], schema: ref("Error")}
}

var refusals = map[int]string{
	400: "The client must change the request; field says where.",
	401: "The client must say who it is: the token or key is missing, wrong or no longer valid.",
	403: "The client may not do this; or it may not be done by shadow traffic, as which the request is marked.",
	404: "There is no such thing.",
	409: "The state forbids it now.",
	410: "The session has ended; start a new one.",
	413: "The body or batch is too large.",
	429: "Too much; later it may pass. See Retry-After.",
	500: "Our bug.",
	503: "Something behind the service did not answer; later it may pass. See Retry-After.",
}
