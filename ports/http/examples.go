package http

var (
	itemExample = map[string]any{
		"author": "author-7", "title": "A walk in the rain", "tags": []string{"walks", "rain"}, "lang": "en",
		"duration_ms": 42000, "published_at": "2026-01-31T08:00:00.000Z",
		"payload": map[string]any{"play_url": "https://cdn.example/v1.mp4", "cover_url": "https://cdn.example/v1.jpg"},
	}
	batchItemExample = map[string]any{"id": "video-1", "author": "author-7", "title": "A walk in the rain", "tags": []string{"walks"}}
	eventExample     = map[string]any{
		"event_id": "e-1", "type": "like", "viewer": "viewer-1", "item": "video-1", "at": "2026-01-31T08:00:00.000Z",
	}
	pageExample = map[string]any{
		"session": "k3v9q0c1m7x2b5n8d4f6h1j3ra", "page": 1, "rung": "full", "request_id": "9f1c2ab34d5e6f7081920a1b",
		"cursor": "AQ…", "items": []any{map[string]any{
			"id": "video-1", "author": "author-7", "title": "A walk in the rain", "tags": []string{"walks", "rain"},
			"published_at": "2026-01-31T08:00:00.000Z", "position": 1, "context": "k3v9q0c1m7x2b5n8d4f6h1j3ra.1.1",
			"counts": map[string]any{"likes": 3, "favorites": 0, "comments": 1, "shares": 0, "plays": 17},
			"reason": map[string]any{"source": "trending", "because": "tag:walks"},
		}},
	}
)
