package http

import "github.com/freshet/freshet/domain/audience"

// schema is an OpenAPI 3.0 schema object.
type schema map[string]any

func typed(kind, about string) schema {
	s := schema{"type": kind}
	if about != "" {
		s["description"] = about
	}
	return s
}

func aText(about string) schema   { return typed("string", about) }
func aNumber(about string) schema { return typed("number", about) }
func aTruth(about string) schema  { return typed("boolean", about) }

func aCount(about string) schema {
	s := typed("integer", about)
	s["format"] = "int64"
	return s
}

func anID(about string) schema {
	s := aText(about)
	s["minLength"], s["maxLength"] = 1, 128
	return s
}

func aTime(about string) schema {
	s := aText(about)
	s["format"] = "date-time"
	return s
}

func oneOf(about string, words ...string) schema {
	s := aText(about)
	s["enum"] = words
	return s
}

func listOf(item schema, about string) schema {
	s := typed("array", about)
	s["items"] = item
	return s
}

func counted(about string) schema {
	s := typed("object", about)
	s["additionalProperties"] = aCount("")
	return s
}

func anything(about string) schema { return schema{"description": about, "nullable": true} }

// member is one property; fields made by must are required.
type member struct {
	name     string
	schema   schema
	required bool
}

func must(name string, s schema) member { return member{name, s, true} }
func may(name string, s schema) member  { return member{name, s, false} }

// object is closed: what it does not name is refused in requests and absent from answers.
func object(members ...member) schema {
	properties := schema{}
	required := []string{}
	for _, m := range members {
		properties[m.name] = m.schema
		if m.required {
			required = append(required, m.name)
		}
	}
	s := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// ref names a schema of components.
func ref(name string) schema { return schema{"$ref": "#/components/schemas/" + name} }

func integer(least, most int, about string) schema {
	s := aCount(about)
	s["minimum"], s["maximum"] = least, most
	return s
}

var actNames = func() []string {
	var names []string
	for _, a := range audience.Acts() {
		names = append(names, a.String())
	}
	return names
}()
