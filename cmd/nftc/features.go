package main

import (
	"slices"
	"strings"

	"nfvm/features"
)

// featuresCommand prints the rows of the support table whose IDs start with one
// of the words given, or all.
func featuresCommand(prefixes []string, std streams) error {
	rows, err := features.Table()
	if err != nil {
		return err
	}
	if len(prefixes) > 0 {
		rows = slices.DeleteFunc(rows, func(r features.Row) bool {
			return !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(r.ID, p) })
		})
	}
	return features.Write(std.out, rows)
}
