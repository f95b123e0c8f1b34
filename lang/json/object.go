package json

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An object is a JSON object.
type object map[string]any

// single gives key and value of an object with one member.
func single(v any) (key string, value any, ok bool) {
	m, isObject := v.(map[string]any)
	if !isObject || len(m) != 1 {
		return "", nil, false
	}
	for key, value = range m {
	}
	return key, value, true
}

// list gives an array's members, or the value as the only one; null is none.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return slices.Collect(each(v))
}

// array gives the members of an array.
func array(v any) (members []any, ok bool) {
	switch v.(type) {
	case []any, long:
		return list(v), true
	}
	return nil, false
}

// text gives a string or a number as text, "" for anything else.
func (o object) text(key string) string {
	switch v := o[key].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// unsigned gives a number as text. nft writes those of 64 bits as if they had a
// sign.
func unsigned(text string) string {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n < 0 {
		return strconv.FormatUint(uint64(n), 10)
	}
	return text
}

func (o object) has(key string) bool {
	_, ok := o[key]
	return ok
}

func (o object) truth(key string) bool {
	b, _ := o[key].(bool)
	return b
}

// A writer collects text and the first mistake. Its methods give "" after one.
type writer struct {
	err    error
	family string // of the table that a rule is in; "" once a match has told the packet's
}

func (w *writer) failf(format string, args ...any) string {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
	return ""
}

// object gives a value that must be an object.
func (w *writer) object(v any, what string) object {
	m, ok := v.(map[string]any)
	if !ok {
		w.failf("%s: an object is needed, not %s", what, kindOf(v))
	}
	return m
}

// need gives a member that must be there, as text; what is the thing that has it.
func (w *writer) need(o object, key, what string) string {
	if what != "" {
		what += ": "
	}
	s := o.text(key)
	if s == "" {
		w.failf("%sthe string %q is missing", what, key)
	}
	return s
}

// kindOf names the kind of a JSON value.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the string %q", v)
	case json.Number:
		return "the number " + v.String()
	case bool:
		return fmt.Sprint(v)
	case []any, long:
		return "an array"
	}
	return "an object"
}

// quote writes a string in quotes. The nft language has no escapes.
func (w *writer) quote(s string) string {
	if strings.ContainsRune(s, '"') {
		return w.failf("a string with quotes in it can't be written: %s", s)
	}
	return `"` + s + `"`
}

// joined writes the parts that are not empty, with blanks between them.
func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// with writes a word and a value, "" without the value.
func with(word, value string) string {
	if value == "" {
		return ""
	}
	return word + " " + value
}
