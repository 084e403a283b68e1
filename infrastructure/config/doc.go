// Package config reads what an operator sets: from the defaults, a YAML file, the environment and the command
// line, each overriding the one before. A key nobody knows and a value of the wrong type or out of range are
// refused by name, before anything starts.
//
// What may be set, and what it means, is written once: in defaults.yaml.
package config
