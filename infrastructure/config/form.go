package config

import (
	"fmt"
	"net"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// leastSecret is how long a secret is at least.
const leastSecret = 32

// form refuses a text that is not what its key wants.
func form(path, s string, tag reflect.StructTag) *Error {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return refuse(path, "may not hold control characters")
	}
	if words := strings.Fields(tag.Get("one")); len(words) > 0 && !contains(words, s) {
		return refuse(path, fmt.Sprintf("%q is none of: %s", s, strings.Join(words, ", ")))
	}
	switch tag.Get("form") {
	case "address":
		host, port, err := net.SplitHostPort(s)
		if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || n > 65535 || strings.ContainsAny(host, " /") {
			return refuse(path, fmt.Sprintf("%q is not host:port", s))
		}
	case "url":
		u, err := url.Parse(s)
		if s != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return refuse(path, "must be an address such as https://host/path, or be empty")
		}
	case "prefix":
		if strings.ContainsAny(s, "{}") {
			return refuse(path, "may not hold braces")
		}
	case "secret":
		if s != "" && len(s) < leastSecret {
			return refuse(path, fmt.Sprintf("must have %d characters or more, or be empty", leastSecret))
		}
	case "name":
		if !isName(s) {
			return refuse(path, notName)
		}
	}
	return nil
}

func contains(words []string, w string) bool {
	for _, x := range words {
		if x == w {
			return true
		}
	}
	return false
}
