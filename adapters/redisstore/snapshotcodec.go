package redisstore

import (
	"encoding/binary"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

const snapshotForm = 1

func appendSnapshot(b []byte, s *catalog.Snapshot) []byte {
	d := &s.Details
	b = append(b, snapshotForm, byte(s.State))
	b = appendText(b, s.ID)
	b = binary.AppendUvarint(b, uint64(s.Number))
	b = binary.AppendUvarint(b, s.Version)
	b = appendTime(b, s.ChangedAt)
	b = appendText(b, d.Author)
	b = appendText(b, d.Title)
	b = appendTexts(b, d.Tags)
	b = appendText(b, d.Lang)
	b = appendText(b, d.Region)
	b = appendTexts(b, d.Labels)
	b = binary.AppendUvarint(b, uint64(d.Duration.Milliseconds()))
	b = appendTime(b, d.PublishedAt)
	b = appendTime(b, d.ExpiresAt)
	return appendText(b, d.Payload)
}

func decodeSnapshot(text string) (s catalog.Snapshot, ok bool) {
	r := scanner{s: text}
	if r.byte() != snapshotForm {
		return catalog.Snapshot{}, false
	}
	s = catalog.Snapshot{
		State: catalog.State(r.byte()), ID: catalog.ItemID(r.text()), Number: catalog.Number(r.uvarint()),
		Version: r.uvarint(), ChangedAt: r.time(),
		Details: catalog.Details{
			Author: catalog.AuthorID(r.text()), Title: r.text(), Tags: r.texts(), Lang: r.text(), Region: r.text(),
			Labels: r.texts(), Duration: time.Duration(r.int()) * time.Millisecond,
			PublishedAt: r.time(), ExpiresAt: r.time(),
		},
	}
	if payload := r.text(); payload != "" {
		s.Details.Payload = []byte(payload)
	}
	return s, r.done() && s.State <= catalog.Removed
}
