// Freshet over RPC: the use cases, names and errors of the public HTTP plane, one method each.
//
// Errors. A call that fails says so twice: as the exception Failure that every method declares, which
// every Thrift client gets over every transport, and as a BizStatusError, which a Kitex client gets
// instead of it where it can: over gRPC, and over TTHeader when the client is made with
// client.WithMetaHandler(transmeta.ClientTTHeaderHandler). The code says what kind of failure it is, and
// so who can act on it:
//
//   400 invalid      the caller must change the request
//   403 denied       the caller may not do this
//   404 not found    there is no such thing
//   409 conflict     the state does not allow it now, such as one follow too many
//   410 gone         the cursor or session has ended; begin a new one
//   413 too large    the batch is over its limit
//   429 limited      too many calls; retry later
//   500 internal     our bug
//   503 unavailable  something needed cannot be reached; retry later
//
// The message is for people. The rest is for programs; a BizStatusError carries it in its extra map:
//
//   error       the stable string key, the same as over HTTP, such as "cursor_expired"
//   field       the request field at fault, as named here; missing when there is none
//   request_id  what to quote when asking about this call
//   retryable   "true" or "false": whether the same call, unchanged, may succeed later
//
// Request ids. A caller that has one sends it as the metainfo value REQUEST_ID, transient or
// persistent (over gRPC the header rpc-transit-request-id or rpc-persist-request-id): 1 to 128 bytes of
// printable ASCII without spaces. Otherwise one is made. Every answer carries it.
//
// Shadow traffic. A call with the metainfo value FRESHET_SHADOW, transient or persistent, of 1 is a rehearsal, such as a load
// test: its viewers are strangers to the real ones of the same id, and nothing they do counts. All calls of a session have it, or
// none. Writes of items and erasures refuse it (403), as all do where it is switched off. Only TTHeader and gRPC carry it; by any
// other transport a call is real.
//
// Any other error is the transport's (timeout, broken connection): a write that ended so may or may
// not have happened. Every write here may be repeated: repeating it changes nothing more, and what
// is undone or removed already answers 404.
//
// Acknowledged. A write that answered without an error survives the loss of the process and of Redis.
// In a batch this holds for each entry that was not rejected.
//
// Absent. An optional string that is empty, number that is 0 or list that is empty is absent; such a
// field has that value as its default and is then not sent. Only where a comment says "unset" or in
// ItemPatch does presence mean something of itself. A field called needed is refused when it is
// empty, 0 or missing, with 400 and its name.
//
// Times are i64 milliseconds since 1970-01-01T00:00:00Z (UTC), negative before it; 0 is "no time", so
// that one instant cannot be said. Lengths of time are i64 milliseconds.
//
// Ids of items, viewers, authors, sessions and events, names of feeds, tags and labels are 1 to 128
// bytes of printable UTF-8 without '/'. A request that is too long as a whole ends its connection.
//
// JSON travels as binary: the UTF-8 bytes of exactly one JSON value, not quoted again.

namespace go freshet

// Failure is why a call failed; see Errors above.
exception Failure {
    // The kind of failure, such as 404.
    1: i32 code
    // The stable string key, such as "cursor_expired".
    2: string key
    // For people.
    3: string message
    // The request field at fault. Empty: none in particular.
    4: optional string field = ""
    // What to quote when asking about this call.
    5: string request_id
    // Whether the same call, unchanged, may succeed later.
    6: bool retryable
}

// ---------------------------------------------------------------------------------------------
// Pages

// Explain is how much a page says about itself. More costs more.
enum Explain {
    // The source of each item only.
    NONE = 0
    // A short machine-readable reason for each item, fit to be shown to the viewer.
    USER = 1
    // Also features, score terms, ranks before and after re-ranking, and what each filter dropped.
    DEBUG = 2
}

// GetFeedRequest asks for the next page of a feed for a viewer.
struct GetFeedRequest {
    // Name of the feed, such as "for-you". Needed.
    1: string feed
    // Id of whoever watches: a known viewer's or an anonymous device's. Needed.
    2: string viewer
    // How many items at most, 1 to 100. Unset: 20.
    3: optional i32 limit
    // The cursor of the page before. Empty: a new session. The same cursor answers the same page for as
    // long as its session lives; a malformed or foreign one is 400, an expired one 410.
    4: optional string cursor = ""
    // Ids of items the client already holds; none of them is served. At most 1,000.
    5: optional list<string> exclude
    // How much to explain.
    6: optional Explain explain = Explain.NONE
    // Only items with this tag. Empty: any.
    7: optional string tag = ""
    // Only items in this language, as the items' own lang spells it. Empty: any.
    8: optional string lang = ""
    // Only items of this region, as the items' own region spells it. Empty: any.
    9: optional string region = ""
}

// GetRelatedRequest asks for the next page of items related to one item.
struct GetRelatedRequest {
    // Id of the item to start from. Needed; 404 when no feed may show it.
    1: string item
    // Id of whoever watches, as for GetFeedRequest. Needed.
    2: string viewer
    // How many items at most, 1 to 100. Unset: 20.
    3: optional i32 limit
    // The cursor of the page before, as for GetFeedRequest. Empty: a new session.
    4: optional string cursor = ""
    // Ids of items the client already holds; none of them is served. At most 1,000.
    5: optional list<string> exclude
    // How much to explain.
    6: optional Explain explain = Explain.NONE
    // Only items with this tag. Empty: any.
    7: optional string tag = ""
    // Only items in this language. Empty: any.
    8: optional string lang = ""
    // Only items of this region. Empty: any.
    9: optional string region = ""
}

// Reason is why an item is where it is.
struct Reason {
    // Name of the source that proposed the item, such as "similar" or "trending".
    1: string source
    // What about it, such as the id of the item liked or the tag. Empty: nothing more to say.
    2: optional string because = ""
}

// Counts is how often an item was acted upon, all viewers together. Each is 0 or more and may lag
// behind the events by seconds.
struct Counts {
    // Viewers who like it now.
    1: i64 likes
    // Viewers who keep it as a favorite now.
    2: i64 favorites
    // Comments.
    3: i64 comments
    // Shares.
    4: i64 shares
    // Plays, once for each viewer and session.
    5: i64 plays
}

// PageItem is one item as served.
struct PageItem {
    // Id of the item.
    1: string id
    // Id of who made it. Empty: not known.
    2: optional string author = ""
    // Its title. Empty: it has none.
    3: optional string title = ""
    // Its tags, in the publisher's order, without repeats; at most 32.
    4: optional list<string> tags
    // When it was published, epoch milliseconds.
    5: optional i64 published_at = 0
    // The publisher's own data: one JSON value, at most 16 KiB. Unset: none.
    6: optional binary payload
    // Where it stands, as events and exposures number it.
    7: i32 position
    // Opaque, at most 512 bytes of ASCII; send it back with every event about this item from this page.
    8: string context
    // How often it was acted upon.
    9: optional Counts counts
    // Why it is here.
    10: optional Reason reason
    // With Explain.DEBUG: a JSON object of sources, score terms and rank. For people; its shape may change.
    11: optional binary debug
}

// Page is the ordered items served for one cursor. No item stands twice in one session's pages.
struct Page {
    // Id of the session this page belongs to.
    1: string session
    // Number of this page in its session, as ReplayPage takes it.
    2: i32 page
    // The items, best first; at most the limit asked for.
    3: list<PageItem> items
    // Ask with this for the next page. Empty: this was the last.
    4: optional string cursor = ""
    // How degraded the answer is: "full", or the name of a lower rung.
    5: string rung
    // Names of the stages that failed or ran out of time and were left out. Empty on the rung "full".
    6: optional list<string> skipped
    // Names of the rules that gave way because supply ran short, such as an author cap or the stay of the seen.
    7: optional list<string> relaxed
    // What to quote when asking about this call.
    8: string request_id
    // With Explain.DEBUG: a JSON object of what each filter dropped, seed and versions. For people; its shape may change.
    9: optional binary debug
    // Ids of the items of this page that were withdrawn since it was served, and are left out.
    10: optional list<string> withdrawn
}

// ---------------------------------------------------------------------------------------------
// Sessions

// GetSessionRequest asks what one session served.
struct GetSessionRequest {
    // Id of the session. Needed; 404 when there is none.
    1: string session
}

// ServedItem is one item of a page served earlier.
struct ServedItem {
    // Id of the item.
    1: string id
    // Where it stood.
    2: i32 position
    // What it was worth when it was served; higher is better, always finite, comparable within its page only.
    3: double score
    // Why it was served.
    4: optional Reason reason
}

// ServedPage is a page served earlier.
struct ServedPage {
    // Number of the page in its session.
    1: i32 page
    // When it was served first, epoch milliseconds.
    2: i64 served_at
    // How degraded it was: "full", or the name of a lower rung.
    3: string rung
    // Its items, in the order served; at most 100.
    4: list<ServedItem> items
}

// Session is one visit of one viewer to one feed.
struct Session {
    // Id of the session.
    1: string session
    // Id of its viewer.
    2: string viewer
    // Name of its feed.
    3: string feed
    // When its first page was served, epoch milliseconds.
    4: i64 started_at
    // When its cursors stop being answered, epoch milliseconds.
    5: i64 expires_at
    // How many pages it has served.
    6: i32 page_count
    // Resume with this: it asks for the page after the last. Empty: nothing follows, or the session has
    // ended. Only GetSession fills it.
    7: optional string cursor = ""
    // Its pages, first to last. Only GetSession fills them.
    8: optional list<ServedPage> pages
}

// GetSessionResponse is the session asked for.
struct GetSessionResponse {
    // The session, with its pages.
    1: Session session
    // What to quote when asking about this call.
    2: string request_id
}

// ListSessionsRequest asks for a viewer's sessions.
struct ListSessionsRequest {
    // Id of the viewer. Needed; one never heard of has no sessions.
    1: string viewer
    // How many sessions at most, 1 to 100. Unset: 20.
    2: optional i32 limit
    // Only those that began before, epoch milliseconds: the started_at of the last one listed goes on from there.
    3: optional i64 before = 0
}

// ListSessionsResponse is a viewer's sessions.
struct ListSessionsResponse {
    // The sessions that are still kept, newest first, without their pages.
    1: list<Session> sessions
    // What to quote when asking about this call.
    2: string request_id
}

// ReplayPageRequest asks for a served page to be computed again.
struct ReplayPageRequest {
    // Id of the session. Needed; 404 when there is none.
    1: string session
    // Number of the page in its session. Needed; 404 when it was not served.
    2: i32 page
}

// ReplayPageResponse is a page as served beside the same page computed again from its stored inputs.
struct ReplayPageResponse {
    // Id of the session.
    1: string session
    // Number of the page in its session.
    2: i32 page
    // Whether served and replayed hold the same ids in the same order.
    3: bool identical
    // Ids of the items as served, in order; at most 100.
    4: list<string> served
    // Ids of the items as computed now, in order; at most 100.
    5: list<string> replayed
    // What the page was computed from that is not the same any more: "configuration", "catalogue", "model",
    // "trained", "weights", "viewer".
    6: optional list<string> changed
    // What to quote when asking about this call.
    7: string request_id
}

// ---------------------------------------------------------------------------------------------
// Events

// Event is one thing a viewer did.
struct Event {
    // Made by the client, the same on every retry. Needed; an id already accepted changes nothing.
    1: string event_id
    // One of: seen, open, play_start, play_progress, play_complete, skip, like, unlike, favorite, unfavorite,
    // comment, share, follow_author, unfollow_author, profile_click, more_like_this, not_interested,
    // mute_author, unmute_author, block_author, report. Needed.
    2: string type
    // Id of whoever did it. Needed.
    3: string viewer
    // Id of the item it was done to. Needed, but for the types done to authors when author is given: follow_author,
    // unfollow_author, profile_click, mute_author, unmute_author, block_author, report.
    4: optional string item = ""
    // Id of the author it was done to. Empty: the item's author, or none is concerned.
    5: optional string author = ""
    // When it happened by the client's clock, epoch milliseconds; from 1990 to 5 minutes ahead of the server. Needed.
    6: i64 at
    // Id of the session the item was served in. Empty: it did not come from a feed.
    7: optional string session = ""
    // The item's context, as served, at most 512 bytes of printable ASCII. Empty: it did not come from a feed.
    8: optional string context = ""
    // For play_progress and play_complete: how long was watched so far in this session, milliseconds, 0 to 48 hours. What counts is the longest reported.
    9: optional i64 watch_ms = 0
    // For play_progress and play_complete: how long the whole is, milliseconds, 0 to 48 hours. 0: not known.
    10: optional i64 duration_ms = 0
    // Whether it began to play by itself.
    11: optional bool auto_presented = false
}

// RecordEventsRequest reports what viewers did.
struct RecordEventsRequest {
    // At most 10,000 events, of any viewers, in any order. More: 413, and none is accepted.
    1: list<Event> events
}

// EventOutcome is what became of one event.
struct EventOutcome {
    // The event's id, as sent.
    1: string event_id
    // "accepted", "duplicate" (accepted before; nothing changed) or "rejected".
    2: string status
    // Rejected: the string key of the error. Otherwise empty.
    3: optional string error = ""
    // Rejected: the field of Event at fault. Empty: none in particular.
    4: optional string field = ""
}

// RecordEventsResponse is what became of a batch. Rejected events do not keep the others out.
struct RecordEventsResponse {
    // One for each event, in the order sent.
    1: list<EventOutcome> results
    // How many were accepted.
    2: i32 accepted
    // How many were duplicates.
    3: i32 duplicate
    // How many were rejected.
    4: i32 rejected
    // What to quote when asking about this call.
    5: string request_id
}

// ---------------------------------------------------------------------------------------------
// Catalogue

// Item is one piece of content, as its publisher describes it. Only id is needed.
struct Item {
    // Id of the item. Needed.
    1: string id
    // Id of who made it. Empty: not known.
    2: optional string author = ""
    // Title, at most 1,024 bytes of UTF-8; line breaks and tabs are its only control characters.
    3: optional string title = ""
    // Tags, at most 32. Repeats are dropped.
    4: optional list<string> tags
    // Language, such as "en", at most 35 bytes. Empty: any.
    5: optional string lang = ""
    // Region, such as "FR", at most 35 bytes. Empty: any.
    6: optional string region = ""
    // Moderation and business labels, at most 32. Repeats are dropped; filters use them, ranking does not.
    7: optional list<string> labels
    // How long it plays, milliseconds, 0 to 48 hours. 0: not known, or it does not play.
    8: optional i64 duration_ms = 0
    // When it was published, epoch milliseconds, in the years 1900 to 2199. 0 in a write: as before, or now for a new item.
    9: optional i64 published_at = 0
    // From when on it is not served, epoch milliseconds, after published_at and before 2200. 0: never.
    10: optional i64 expires_at = 0
    // The publisher's own data, never looked into: one JSON value, at most 16 KiB. Unset: none.
    11: optional binary payload
}

// ItemOutcome is what became of one item put.
struct ItemOutcome {
    // The item's id, as sent.
    1: string id
    // "created", "updated" (also when nothing differed) or "rejected".
    2: string status
    // Rejected: the string key of the error. Otherwise empty.
    3: optional string error = ""
    // Rejected: the field of Item at fault. Empty: none in particular.
    4: optional string field = ""
}

// PutItemRequest creates an item or replaces all its publisher said of it. A hidden item stays hidden.
struct PutItemRequest {
    // The item. Needed.
    1: Item item
}

// PutItemResponse is what became of the item.
struct PutItemResponse {
    // "created" or "updated"; an item that is refused is a failure of the call.
    1: ItemOutcome result
    // What to quote when asking about this call.
    2: string request_id
}

// PutItemsRequest puts many items, each as PutItem would.
struct PutItemsRequest {
    // At most 10,000 items; more: 413, and none is put. Of an id that stands twice only the first is put.
    1: list<Item> items
}

// PutItemsResponse is what became of a batch. Rejected items do not keep the others out.
struct PutItemsResponse {
    // One for each item, in the order sent.
    1: list<ItemOutcome> results
    // How many were created.
    2: i32 created
    // How many were updated.
    3: i32 updated
    // How many were rejected.
    4: i32 rejected
    // What to quote when asking about this call.
    5: string request_id
}

// GetItemRequest asks for an item.
struct GetItemRequest {
    // Id of the item. Needed; 404 when there is none.
    1: string id
}

// GetItemResponse is an item as it stands.
struct GetItemResponse {
    // What its publisher said of it.
    1: Item item
    // "published" or "hidden". An expired item stays what it was.
    2: string state
    // Grows with every change of the item; 1 or more.
    3: i64 version
    // What to quote when asking about this call.
    4: string request_id
}

// ItemPatch is what to change of an item. A field that is not set stays as it is; one that is set
// replaces the old value whole, and its empty value clears it.
struct ItemPatch {
    // Id of who made it. "": not known.
    1: optional string author
    // Title, at most 1,024 bytes of UTF-8; line breaks and tabs are its only control characters.
    2: optional string title
    // All its tags, at most 32. An empty list: none.
    3: optional list<string> tags
    // Language, at most 35 bytes. "": any.
    4: optional string lang
    // Region, at most 35 bytes. "": any.
    5: optional string region
    // All its labels, at most 32. An empty list: none.
    6: optional list<string> labels
    // How long it plays, milliseconds, 0 to 48 hours. 0: not known.
    7: optional i64 duration_ms
    // When it was published, epoch milliseconds, in the years 1900 to 2199. It cannot be cleared: 0 leaves it.
    8: optional i64 published_at
    // From when on it is not served, epoch milliseconds, after published_at and before 2200. 0: never.
    9: optional i64 expires_at
    // The publisher's own data: one whole JSON value, not merged with the old, at most 16 KiB. Zero bytes: none.
    10: optional binary payload
}

// PatchItemRequest changes some of what is said of an item.
struct PatchItemRequest {
    // Id of the item. Needed; 404 when there is none.
    1: string id
    // What to change. Needed; 400 when nothing is set.
    2: ItemPatch patch
}

// PatchItemResponse is the item as it stands after the patch.
struct PatchItemResponse {
    // What is said of it now.
    1: Item item
    // "published" or "hidden".
    2: string state
    // Grows with every change of the item; 1 or more.
    3: i64 version
    // What to quote when asking about this call.
    4: string request_id
}

// HideItemRequest takes an item out of every feed until it is restored.
struct HideItemRequest {
    // Id of the item. Needed; 404 when there is none.
    1: string id
}

// RestoreItemRequest brings a hidden item back. One that is not hidden stays as it is.
struct RestoreItemRequest {
    // Id of the item. Needed; 404 when there is none.
    1: string id
}

// RemoveItemRequest takes an item out until it is put again.
struct RemoveItemRequest {
    // Id of the item. Needed; 404 when there is none.
    1: string id
}

// Done says that a write with nothing to tell is durable.
struct Done {
    // What to quote when asking about this call.
    1: string request_id
}

// ---------------------------------------------------------------------------------------------
// Tuning

// TuningKind is what a viewer may want more or less of.
enum TuningKind {
    // One item and what is like it.
    ITEM = 1
    // All of an author's items.
    AUTHOR = 2
    // All items with a tag.
    TAG = 3
}

// TuningDirection is whether a viewer wants more or less.
enum TuningDirection {
    // Rank it and its like higher.
    MORE = 1
    // Rank its like lower; an item itself is not served again.
    LESS = 2
}

// Tuning is a viewer's explicit decision.
struct Tuning {
    // What kind of thing is decided upon.
    1: TuningKind kind
    // Id of the item, author or tag.
    2: string id
    // More or less of it.
    3: TuningDirection direction
    // When it was decided, epoch milliseconds.
    4: i64 at
}

// SetTuningRequest decides; the latest decision on a thing wins.
struct SetTuningRequest {
    // Id of the viewer. Needed.
    1: string viewer
    // What kind of thing is decided upon. Needed.
    2: TuningKind kind
    // Id of the item, author or tag. Needed.
    3: string id
    // More or less of it. Needed.
    4: TuningDirection direction
}

// ClearTuningRequest undoes a decision and its effect.
struct ClearTuningRequest {
    // Id of the viewer. Needed.
    1: string viewer
    // What kind of thing was decided upon. Needed.
    2: TuningKind kind
    // Id of the item, author or tag. Needed.
    3: string id
}

// GetTuningRequest asks for a viewer's decisions.
struct GetTuningRequest {
    // Id of the viewer. Needed; one never heard of has decided nothing.
    1: string viewer
    // Only decisions on this kind of thing. Unset: on any.
    2: optional TuningKind kind
    // Only the decision on this item, author or tag; needs kind. Empty: on any.
    3: optional string id = ""
}

// GetTuningResponse is a viewer's decisions.
struct GetTuningResponse {
    // The decisions in force, latest first. At most 2,000.
    1: list<Tuning> tuning
    // What to quote when asking about this call.
    2: string request_id
}

// ---------------------------------------------------------------------------------------------
// Relations

// RelationKind is how a viewer stands to an author.
enum RelationKind {
    // Show the author's new items. Ends a mute and a block.
    FOLLOW = 1
    // Show none of the author's items in any feed.
    MUTE = 2
    // A mute that also ends following.
    BLOCK = 3
}

// Relation is how a viewer stands to one author.
struct Relation {
    // How.
    1: RelationKind kind
    // Id of the author.
    2: string author
    // Since when, epoch milliseconds.
    3: i64 since
}

// SetRelationRequest follows, mutes or blocks. What is already so stays so, with its time.
struct SetRelationRequest {
    // Id of the viewer. Needed.
    1: string viewer
    // How. Needed.
    2: RelationKind kind
    // Id of the author. Needed.
    3: string author
}

// ClearRelationRequest stops following, muting or blocking.
struct ClearRelationRequest {
    // Id of the viewer. Needed.
    1: string viewer
    // How. Needed.
    2: RelationKind kind
    // Id of the author. Needed.
    3: string author
}

// ListRelationsRequest asks how a viewer stands to authors.
struct ListRelationsRequest {
    // Id of the viewer. Needed; one never heard of has no relations.
    1: string viewer
    // Which relation. Needed.
    2: RelationKind kind
    // Only those to this author. Empty: to any.
    3: optional string author = ""
}

// ListRelationsResponse is how a viewer stands to authors.
struct ListRelationsResponse {
    // The relations, latest first; at most 5,000.
    1: list<Relation> relations
    // What to quote when asking about this call.
    2: string request_id
}

// ---------------------------------------------------------------------------------------------
// Erasure and export

// EraseViewerRequest removes every trace of a viewer. It cannot be undone.
struct EraseViewerRequest {
    // Id of the viewer. Needed; erasing one never heard of gives a receipt of nothing.
    1: string viewer
}

// Erased is what was removed from one place.
struct Erased {
    // The store, by name.
    1: string store
    // What was there, such as "events", "decisions" or "sessions".
    2: string what
    // How many; 0 when the store was searched and held none.
    3: i64 count
}

// EraseViewerResponse is the receipt of an erasure.
struct EraseViewerResponse {
    // Id of the viewer.
    1: string viewer
    // When the last trace was gone, epoch milliseconds.
    2: i64 erased_at
    // What was removed: one entry for each store and kind of record searched.
    3: list<Erased> removed
    // What to quote when asking about this call.
    4: string request_id
}

// ExportViewerRequest asks for the next part of all that is kept of a viewer.
struct ExportViewerRequest {
    // Id of the viewer. Needed; of one never heard of there is nothing.
    1: string viewer
    // The cursor of the part before; it does not expire. A malformed or foreign one is 400. Empty: from the start.
    2: optional string cursor = ""
    // How many lines at most, 1 to 1,000. Unset: 1,000.
    3: optional i32 limit
}

// ExportViewerResponse is one part of an export. What is written meanwhile may be in it or not.
struct ExportViewerResponse {
    // The lines of the HTTP export, without line ends: each a JSON object whose "kind" is "event", "tuning", "relation", "session" or "page".
    1: list<binary> lines
    // Ask with this for the next part. Empty: this was the last.
    2: optional string cursor = ""
    // What to quote when asking about this call.
    3: string request_id
}

// ---------------------------------------------------------------------------------------------

// Freshet answers what a viewer should see next, and is told what exists and what viewers do.
// Any method may fail with 400, 403, 429, 500 and 503; the others are named at each.
service Freshet {
    // GetFeed serves the next page of a feed. When something behind it is down it answers from a lower
    // rung, named in the page, and does not fail. 404: no such feed. 410: the cursor has expired.
    Page GetFeed(1: GetFeedRequest request) throws (1: Failure failure)

    // GetRelated serves the next page of items related to one. 404: no such item. 410: as GetFeed.
    Page GetRelated(1: GetRelatedRequest request) throws (1: Failure failure)

    // GetSession tells what a session served, when, where and why. 404: no such session, or no longer kept.
    GetSessionResponse GetSession(1: GetSessionRequest request) throws (1: Failure failure)

    // ListSessions lists a viewer's sessions, newest first.
    ListSessionsResponse ListSessions(1: ListSessionsRequest request) throws (1: Failure failure)

    // ReplayPage computes a served page again and says whether it is the same, or what changed. It
    // serves nothing. 404: no such session or page.
    ReplayPageResponse ReplayPage(1: ReplayPageRequest request) throws (1: Failure failure)

    // RecordEvents takes what viewers did. The next page computed for each of them reflects it.
    // 413: too many events.
    RecordEventsResponse RecordEvents(1: RecordEventsRequest request) throws (1: Failure failure)

    // PutItem creates an item or replaces it. One that was removed is created again.
    PutItemResponse PutItem(1: PutItemRequest request) throws (1: Failure failure)

    // PutItems puts many items, each on its own. 413: too many items.
    PutItemsResponse PutItems(1: PutItemsRequest request) throws (1: Failure failure)

    // GetItem gives an item as it stands. 404: no such item.
    GetItemResponse GetItem(1: GetItemRequest request) throws (1: Failure failure)

    // PatchItem changes some fields of an item. 404: no such item.
    PatchItemResponse PatchItem(1: PatchItemRequest request) throws (1: Failure failure)

    // HideItem takes an item out of every feed until restored. 404: no such item.
    Done HideItem(1: HideItemRequest request) throws (1: Failure failure)

    // RestoreItem brings a hidden item back. 404: no such item.
    Done RestoreItem(1: RestoreItemRequest request) throws (1: Failure failure)

    // RemoveItem takes an item out until it is put again. 404: no such item.
    Done RemoveItem(1: RemoveItemRequest request) throws (1: Failure failure)

    // SetTuning records that a viewer wants more or less of something; the next page computed reflects it.
    // 409: the viewer holds 2,000 decisions already.
    Done SetTuning(1: SetTuningRequest request) throws (1: Failure failure)

    // ClearTuning undoes a decision; the next page computed is free of it. 404: there is no such decision.
    Done ClearTuning(1: ClearTuningRequest request) throws (1: Failure failure)

    // GetTuning lists a viewer's decisions in force, latest first. 404: an id was given and nothing is decided on it.
    GetTuningResponse GetTuning(1: GetTuningRequest request) throws (1: Failure failure)

    // SetRelation makes a viewer follow, mute or block an author; the next page computed reflects it.
    // 409: the viewer follows, or mutes and blocks, 5,000 already.
    Done SetRelation(1: SetRelationRequest request) throws (1: Failure failure)

    // ClearRelation ends a follow, mute or block. 404: there is none.
    Done ClearRelation(1: ClearRelationRequest request) throws (1: Failure failure)

    // ListRelations lists a viewer's follows, mutes or blocks, latest first. 404: an author was given and it is not so.
    ListRelationsResponse ListRelations(1: ListRelationsRequest request) throws (1: Failure failure)

    // EraseViewer removes every trace of a viewer from every store and gives a receipt. Asked again
    // after a failure it goes on where it stopped.
    EraseViewerResponse EraseViewer(1: EraseViewerRequest request) throws (1: Failure failure)

    // ExportViewer gives all that is kept of a viewer, part by part.
    ExportViewerResponse ExportViewer(1: ExportViewerRequest request) throws (1: Failure failure)
}
