// Package docs holds what is written to what is there: a file, a name, a command, a metric, a route or a setting
// that the documentation mentions exists, and every package and decision says what it is.
package docs
