// Package recounting compares the counts of items and authors with what they count, and mends them.
package recounting
