// Package fault shows, on real processes and real servers, what holds while they are killed.
package fault
