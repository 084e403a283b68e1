// Package capture shows, on real servers, that what is changed in SQL reaches every instance.
package capture
