package listing

import (
	"strconv"
	"strings"
)

// obj is a JSON object whose keys keep their order.
type obj []member

type member struct {
	key   string
	value any
}

// one is an object with a single key, the form of most things in nft's JSON.
func one(key string, value any) obj { return obj{{key, value}} }

func (o *obj) add(key string, value any) { *o = append(*o, member{key, value}) }

// array is a JSON array.
type array []any

// appendJSON writes a value as nft does: a blank after commas and colons.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case obj:
		b = append(b, '{')
		for i, m := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(appendString(b, m.key), ": "...)
			b = appendJSON(b, m.value)
		}
		return append(b, '}')
	case array:
		b = append(b, '[')
		for i, x := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendJSON(b, x)
		}
		return append(b, ']')
	case string:
		return appendString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case uint64:
		return strconv.AppendInt(b, int64(v), 10) // nft's JSON has signed numbers only
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	}
	return append(b, "null"...)
}

const hexDigits = "0123456789abcdef"

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range strings.ToValidUTF8(s, "?") {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}

// single is a list's only member, or the list: nft 1.1 writes single flags
// without brackets.
func single(list array) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// words is a list of strings.
func wordList(s []string) array {
	out := array{}
	for _, x := range s {
		out = append(out, x)
	}
	return out
}
