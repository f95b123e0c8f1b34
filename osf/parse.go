package osf

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// fields are what a line has, between colons:
// window:ttl:df:size:options:genre:version:subtype:details.
const fields = 9

// Parse reads fingerprints, one a line; lines that are empty or begin with # say
// nothing. Errors name the line.
func Parse(r io.Reader) (*Database, error) {
	d := &Database{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		l := strings.TrimSpace(lines.Text())
		if l == "" || l[0] == '#' {
			continue
		}
		f, err := parseLine(l)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		d.Add(f)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return d, nil
}

func parseLine(l string) (f Fingerprint, err error) {
	part := strings.SplitN(l, ":", fields)
	if len(part) != fields {
		return f, fmt.Errorf("%d fields, want %d: window:ttl:df:size:options:genre:version:subtype:details", len(part), fields)
	}
	for i := range part {
		part[i] = strings.TrimSpace(part[i])
	}
	if f.Window, err = parseWindow(part[0]); err != nil {
		return f, err
	}
	ttl, err := number(part[1], 8, "TTL")
	if err != nil {
		return f, err
	}
	df, err := number(part[2], 1, "DF")
	if err != nil {
		return f, err
	}
	size, err := number(part[3], 16, "packet size")
	if err != nil {
		return f, err
	}
	if f.Options, err = parseOptions(part[4]); err != nil {
		return f, err
	}
	f.TTL, f.DF, f.Size = uint8(ttl), df == 1, uint16(size)
	// A mark before the name says something to p0f only.
	f.System = System{Genre: strings.TrimLeft(part[5], "@*"), Version: part[6], Subtype: part[7]}
	if f.Genre == "" {
		return f, fmt.Errorf("the system has no name")
	}
	return f, nil
}

func number(s string, bits int, what string) (uint32, error) {
	v, err := strconv.ParseUint(s, 10, bits)
	if err != nil {
		return 0, fmt.Errorf("%s %q is not a number of %d bits", what, s, bits)
	}
	return uint32(v), nil
}

// parseWindow reads a window size: a number, * for any, Sn for n segments, Tn
// for n packets, %n for what n divides.
func parseWindow(s string) (w Window, err error) {
	if s == "*" {
		return w, nil
	}
	digits := s
	if s != "" {
		switch s[0] {
		case 'S':
			w.Kind, digits = WindowMSS, s[1:]
		case 'T':
			w.Kind, digits = WindowMTU, s[1:]
		case '%':
			w.Kind, digits = WindowModulo, s[1:]
		}
	}
	if digits == "*" && w.Kind != WindowModulo { // no window is a multiple by nothing
		return w, nil
	}
	if w.Kind != WindowPlain && w.Kind != WindowModulo {
		digits = strings.TrimPrefix(digits, "%")
	}
	w.Value, err = number(digits, 32, "window")
	return w, err
}

// parseOptions reads letters between commas or blanks, with values that are not
// compared; a dot for none.
func parseOptions(s string) (list []Option, err error) {
	size := 0
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if w == "." {
			continue
		}
		o, ok := options[w[0]]
		if !ok {
			return nil, fmt.Errorf("unknown TCP option %q: want E, M, N, S, T or W", w)
		}
		if size += int(o.Len); size > maxOptions {
			return nil, fmt.Errorf("more than %d bytes of TCP options", maxOptions)
		}
		list = append(list, o)
	}
	return list, nil
}
