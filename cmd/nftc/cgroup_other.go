//go:build !linux

package main

// hostCgroup knows no cgroups outside Linux.
func hostCgroup(string) (uint64, bool) { return 0, false }
