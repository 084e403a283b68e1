// Package application is the use cases: one folder a family, named by what it does, one file a use case.
//
// A use case is a recipe: load, ask the model to decide, store. It owns the order of the steps, their deadlines and what
// happens when one of them fails, and it reads the same whichever port calls it and whichever adapter stores.
//
// Never here: rules, which are the model's; protocols; vendors.
//
// Look first at serving, the page's path from request to answer.
//
// May import: application, domain; of others': golang.org/x/sync (notifying).
package application
