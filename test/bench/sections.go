package main

// sections of the table, in order.
var sections = []section{
	{"pages", (*bench).pages},
	{"ingest", (*bench).ingest},
	{"amounts", (*bench).amounts},
	{"numbers", (*bench).numbers},
	{"catalogues", (*bench).catalogues},
	{"connections", (*bench).idling},
}

// curves of --scale, in order.
var curves = []section{
	{"follows", (*bench).byFollows},
	{"history", (*bench).byHistory},
	{"candidates", (*bench).byCandidates},
	{"instances", (*bench).byInstances},
	{"connections", (*bench).byConnections},
	{"catalogue", (*bench).byCatalogue},
}
