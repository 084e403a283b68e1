// Package pagecost measures what a page costs the process that serves it, and the store behind it, beside a reply of the same bytes
// that costs nothing to make.
package pagecost
