package main

import (
	"fmt"
	"slices"
	"strings"

	"nfvm/diag"
)

// parseOptions reads flags and operands in any order; after "--" all are
// operands.
func parseOptions(args []string) (*options, error) {
	o := &options{level: 1}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			o.files = append(o.files, args[i+1:]...)
			break
		}
		if a == "-" || !strings.HasPrefix(a, "-") {
			o.files = append(o.files, a)
			continue
		}
		used, err := o.flag(a, args[i+1:])
		if err != nil {
			return nil, err
		}
		i += used
	}
	return o, nil
}

// flag takes in one flag and tells how many of the following arguments it used.
func (o *options) flag(a string, rest []string) (int, error) {
	name, value, has := a, "", false
	if strings.HasPrefix(a, "--") {
		name, value, has = strings.Cut(a, "=")
	} else if len(a) > 2 {
		name, value, has = a[:2], a[2:], true
	}
	s, err := findFlag(name)
	switch {
	case err != nil:
		return 0, err
	case !s.value && has && !strings.HasPrefix(a, "--"):
		// Joined flags: -cj.
		if err := s.set(o, ""); err != nil {
			return 0, err
		}
		return o.flag("-"+value, rest)
	case !s.value && has:
		return 0, fmt.Errorf("%s takes no value", name)
	case name == "-o" && mergeFlag(value, rest):
		o.merge = true
		if has {
			return o.flag("-"+value, rest)
		}
		return 0, nil
	case s.value && !has:
		if len(rest) == 0 {
			return 0, fmt.Errorf("%s needs a value", name)
		}
		return 1, s.set(o, rest[0])
	}
	return 0, s.set(o, value)
}

// findFlag finds a flag by its name, of which a long one may be cut short where
// that is not ambiguous.
func findFlag(name string) (found *flagSpec, err error) {
	long := strings.HasPrefix(name, "--")
	var known, begin []string
	for i := range flagSpecs {
		s := &flagSpecs[i]
		if slices.Contains(s.names, name) {
			return s, nil
		}
		for _, n := range s.names {
			if known = append(known, n); long && strings.HasPrefix(n, name) {
				begin, found = append(begin, n), s
			}
		}
	}
	switch len(begin) {
	case 0:
		if n := diag.Closest(name, known); long && n != "" {
			return nil, fmt.Errorf("unknown flag %s; did you mean %s? (see nftc --help)", name, n)
		}
		return nil, fmt.Errorf("unknown flag %s (see nftc --help)", name)
	case 1:
		return found, nil
	}
	return nil, fmt.Errorf("%s is ambiguous: %s", name, strings.Join(begin, ", "))
}

// mergeFlag tells -o of nft, which merges rules, from that of a compiler, which has
// a file's name behind it: nft's stands last or before another flag.
func mergeFlag(value string, rest []string) bool {
	if value != "" {
		return strings.Trim(value, "cjaesnSuypTNtf") == ""
	}
	return len(rest) == 0 || len(rest[0]) > 1 && rest[0][0] == '-'
}
