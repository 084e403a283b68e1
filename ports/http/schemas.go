package http

import (
	"slices"

	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

const twoDays = 48 * 60 * 60 * 1000

func requestID() member {
	return must("request_id", aText("What to quote when asking about this call."))
}

// itemMembers are what a client says of an item.
func itemMembers() []member {
	return []member{
		may("author", anID("Who made it.")),
		may("title", aText("At most 1024 bytes.")),
		may("tags", listOf(anID(""), "At most 32; repeats are dropped.")),
		may("lang", aText("Language, such as \"en\"; empty or absent: any.")),
		may("region", aText("Region, such as \"FR\"; empty or absent: any.")),
		may("labels", listOf(anID(""), "Moderation and business labels, at most 32. Filters use them, ranking does not.")),
		may("duration_ms", integer(0, twoDays, "How long it plays.")),
		may("published_at", aTime("Absent: as before, or now for a new item.")),
		may("expires_at", aTime("From when on it is not served; absent: never.")),
		may("payload", anything("Any JSON value of at most 16 KiB, kept without the white space between its parts.")),
	}
}

func eventMembers() []member {
	return []member{
		must("event_id", anID("Made by the client, the same on every retry; the same id changes nothing the second time.")),
		must("type", oneOf("", actNames...)),
		must("viewer", anID("Who did it.")),
		may("item", anID("What it was done to. Needed, but for types done to an author when author is given.")),
		may("author", anID("The author it was done to; absent: the item's.")),
		must("at", aTime("When, by the client's clock: from 1990 to 5 minutes ahead of the server's.")),
		may("session", anID("The feed session it came from.")),
		may("context", aText("The item's context as it was served.")),
		may("watch_ms", integer(0, twoDays, "For plays: how long was watched so far in this session; it only grows.")),
		may("duration_ms", integer(0, twoDays, "For plays: how long the whole is.")),
		may("auto_presented", aTruth("It began to play by itself.")),
	}
}

func visitMembers() []member {
	return []member{
		must("session", anID("")), must("viewer", anID("")), must("feed", aText("The feed asked for.")),
		must("definition", aText("The feed that serves it, after experiments.")),
		may("tag", aText("")), may("lang", aText("")), may("region", aText("")),
		may("related_to", anID("The item that related items were asked for.")),
		must("started_at", aTime("")), must("expires_at", aTime("When its cursors stop being answered.")),
		may("experiments", listOf(object(must("layer", aText("")), must("variant", aText(""))), "")),
		must("page_count", aCount("")),
	}
}

func reasonMembers() []member {
	return []member{
		must("source", aText("\"pinned\", the source that the place is kept for (\"explore\": for exploring), or else the one that spoke loudest, such as \"sequence\", \"following\" or \"trending\".")),
		may("because", aText("What that rests on: \"item:…\", \"author:…\", \"tag:…\", \"lang:…\" or \"region:…\".")),
		may("text", aText("With explain: a few words for people.")),
	}
}

func batchAnswer(id string, entry string, statuses ...string) schema {
	members := []member{must("results", listOf(object(
		must(id, aText("As sent; empty when it could not be read.")), must("status", oneOf("", statuses...)),
		may("error", aText("Rejected: the error's stable name.")), may("field", aText("Rejected: the field at fault.")),
		may("message", aText("Rejected: for people.")),
	), "One for each "+entry+", in the order sent."))}
	for _, s := range statuses {
		members = append(members, must(s, aCount("How many.")))
	}
	return object(append(members, requestID())...)
}

// schemas are the components of openapi.json.
func schemas() map[string]schema {
	item, with := itemMembers(), func(more []member, first ...member) schema { return object(append(first, more...)...) }
	rungs := oneOf("How degraded the answer is.", string(feed.Full), string(feed.NoArchive), string(feed.CursorOnly), string(feed.StaleViewer), string(feed.Popular))
	inputs := object(must("config", aText("")), must("catalogue", aCount("")), must("model", aCount("")), must("trained", aCount("")), must("weights", aText("")), must("viewer", aText("")))
	chance := aNumber("Of an item that is there for exploring: how likely it was, of all that could be explored at its place.")
	sources := listOf(aText(""), "All sources that proposed it, the loudest first.")
	served := object(
		must("page", aCount("")), must("served_at", aTime("")), must("rung", rungs),
		may("relaxed", listOf(aText(""), "")), may("skipped", listOf(aText(""), "")),
		must("items", listOf(object(
			must("id", anID("")), may("author", anID("")), must("position", aCount("")), must("context", aText("")),
			must("score", aNumber("")), must("sources", sources), must("rank_before", aCount("")), may("chance", chance), must("reason", ref("Reason")),
		), "")),
		must("inputs", inputs),
	)
	return map[string]schema{
		"Error": object(
			must("error", aText("Stable name, such as \"cursor_expired\".")), must("message", aText("For people.")),
			may("field", aText("The part of the request at fault.")), requestID(),
			must("retryable", aTruth("The same request may pass later.")),
		),
		"ItemBody":  with(item, may("id", anID("Absent, or the id in the path."))),
		"ItemPatch": patchSchema(itemMembers()),
		"BatchItem": with(item, must("id", anID(""))),
		"Item": with(slices.Concat(item, []member{
			must("state", oneOf("", "published", "hidden")), must("version", aCount("Grows with every change.")),
			must("changed_at", aTime("")), may("counts", ref("Counts")), requestID(),
		}), must("id", anID(""))),
		"ItemStatus":  object(must("id", anID("")), must("status", oneOf("", "created", "updated")), requestID()),
		"ItemState":   object(must("id", anID("")), must("state", oneOf("", "published", "hidden", "removed")), requestID()),
		"ItemResults": batchAnswer("id", "item", "created", "updated", "rejected"),
		"Counts": object(must("likes", aCount("Viewers who like it now.")), must("favorites", aCount("Viewers who keep it now.")),
			must("comments", aCount("")), must("shares", aCount("")), must("plays", aCount("Once for each viewer and session."))),
		"Reason": object(reasonMembers()...),
		"PageItem": object(
			must("id", anID("")), must("author", aText("Empty: it names none.")), may("title", aText("")), must("tags", listOf(aText(""), "")),
			must("published_at", aTime("")), may("payload", anything("As published; absent: none.")),
			must("position", aCount("In the session, from 1.")),
			must("context", aText("Opaque; send it back with every event about this item from this page.")),
			must("counts", ref("Counts")), must("reason", ref("Reason")),
			may("score", aNumber("Debug: what it was worth.")), may("sources", sources),
			may("rank_before", aCount("Debug: by score, before arrangement.")), may("chance", chance),
			may("terms", listOf(object(must("feature", aText("")), must("value", aNumber("")), must("weight", aNumber(""))), "Debug, when the page was computed now: what the score is made of.")),
			may("actions", listOf(object(
				must("action", oneOf("", recommend.ActionNames()...)), must("p", aNumber("How likely the viewer is to open it, of all that were considered for the page, and do that.")), must("weight", aNumber("What it is worth.")),
			), "Debug, when the page was computed now: the predicted actions that count.")),
		),
		"Page": object(
			must("session", anID("")), must("page", aCount("Its number in the session, from 1.")),
			must("items", listOf(ref("PageItem"), "")), may("cursor", aText("Ask with it for the next page; absent: the end.")),
			must("rung", rungs), may("relaxed", listOf(aText(""), "Rules that gave way because supply ran short.")),
			may("skipped", listOf(aText(""), "Stages left out for lack of time.")),
			may("withdrawn", listOf(anID(""), "Items of this page that were hidden or removed since it was served.")),
			may("dropped", counted("Debug: how many each filter dropped.")), may("inputs", inputs), requestID(),
		),
		"ServedPage": served,
		"Session":    with(slices.Concat(visitMembers(), []member{may("cursor", aText("Resume with it; absent: the session has ended.")), must("pages", listOf(ref("ServedPage"), "")), requestID()})),
		"Sessions": object(must("sessions", listOf(with(slices.Concat(visitMembers(), []member{
			must("item_count", aCount("")), may("last_at", aTime("When its last page was served."))})), "Newest first.")), requestID()),
		"Replay": object(
			must("session", anID("")), must("page", aCount("")), must("identical", aTruth("Served and replayed hold the same items in the same order.")),
			must("served", listOf(anID(""), "")), must("replayed", listOf(anID(""), "")),
			must("changed", listOf(oneOf("", "configuration", "catalogue", "model", "trained", "weights", "viewer"), "What the page was computed from that is not the same any more.")), requestID(),
		),
		"Event":        object(eventMembers()...),
		"EventResults": batchAnswer("event_id", "event", "accepted", "duplicate", "rejected"),
		"TuningBody":   object(must("direction", oneOf("", "more", "less"))),
		"Tuning": object(must("kind", oneOf("", "item", "author", "tag")), must("id", anID("")),
			must("direction", oneOf("", "more", "less")), must("at", aTime("")), requestID()),
		"Tunings": object(must("tuning", listOf(object(must("kind", oneOf("", "item", "author", "tag")), must("id", anID("")),
			must("direction", oneOf("", "more", "less")), must("at", aTime(""))), "Latest first.")), requestID()),
		"Related":  object(must("relation", relationSchema()), must("author", anID("")), requestID()),
		"Relation": object(must("relation", relationSchema()), must("author", anID("")), must("since", aTime("")), requestID()),
		"Relations": object(must("relations", listOf(object(must("relation", relationSchema()), must("author", anID("")),
			must("since", aTime(""))), "Latest first.")), requestID()),
		"Receipt": object(must("viewer", anID("")), must("erased_at", aTime("")), must("removed", listOf(object(
			must("store", aText("")), must("what", aText("")), must("count", aCount(""))), "One for each place that was searched.")), requestID()),
		"Douyin": douyinSchema(),
	}
}

func relationSchema() schema { return oneOf("", "follows", "mutes", "blocks") }

// patchSchema allows null for every member of an item: it clears.
func patchSchema(members []member) schema {
	nullable := []member{may("id", anID("Absent, or the id in the path."))}
	for _, m := range members {
		m.schema["nullable"] = true
		nullable = append(nullable, m)
	}
	return object(nullable...)
}

func douyinSchema() schema {
	author := object(must("id", aCount("")), must("name", aText("")), must("follow_count", aCount("")), must("follower_count", aCount("")),
		must("is_follow", aTruth("")), must("avatar", aText("")), must("background_image", aText("")), must("signature", aText("")),
		must("total_favorited", aCount("")), must("work_count", aCount("")), must("favorite_count", aCount("")))
	video := object(must("id", aCount("Below 2^53.")), must("author", author), must("play_url", aText("From the payload.")),
		must("cover_url", aText("From the payload.")), must("favorite_count", aCount("")), must("comment_count", aCount("")),
		must("is_favorite", aTruth("")), must("title", aText("")))
	return object(must("status_code", aCount("0: success.")), must("status_msg", aText("")),
		must("next_time", aCount("The latest_time to ask with next.")), must("video_list", listOf(video, "At most 30.")))
}
