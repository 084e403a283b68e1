// Package heap decides how much garbage a process lets lie before it collects it, and keeps it below what its container may take.
package heap
