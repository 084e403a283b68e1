// Package recommend is the context of choosing: what a viewer should see next. A Pipeline is a list of
// small named stages: sources propose candidates, filters drop them with a reason, scorers value
// them, the arranger orders them under rules of diversity.
//
// Everything here is a pure function of its Query: time, randomness and what is known of the viewer
// come in as arguments, so that every page can be computed again. Stages work on batches of dense
// ordinals; index.go has the two ports through which they see the catalogue and what was learned.
//
// Start at pipeline.go; a stage is one file and one line in stages.go.
package recommend
