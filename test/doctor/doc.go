// Package doctor shows, on real servers, that what is out of order in them is told.
package doctor
