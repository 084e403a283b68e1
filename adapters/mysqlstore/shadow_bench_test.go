package mysqlstore

import (
	"strings"
	"testing"
)

// BenchmarkNamingTablesOfShadowTraffic is what a statement of shadow traffic costs beyond the same one of others: of the archive, and of
// a group of 500 events.
func BenchmarkNamingTablesOfShadowTraffic(b *testing.B) {
	for name, statement := range map[string]string{
		"query": selectEvent + "WHERE e.viewer = ? AND e.pos < ? ORDER BY e.pos DESC LIMIT ?",
		"group": "INSERT INTO events (" + strings.Join(eventColumns, ", ") + ") VALUES " + strings.Repeat("("+strings.Repeat("?,", len(eventColumns)-1)+"?),", 500),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := shadowed(statement); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
