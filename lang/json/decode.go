package json

import (
	"encoding/json"
	"fmt"
	"iter"
	"unsafe"
)

// A decoder reads the values of a text as encoding/json does with UseNumber.
// It differs in what it does with long arrays, which are most of a large text:
// it leaves them as they are. Its strings are part of the text.
type decoder struct {
	src   []byte
	at    int
	wrong error // the first string that is neither a word nor a name where one is needed
}

// A long is an array that is read when it is needed, member by member.
type long []byte

// manyMembers is how many members an array has that is not read at once.
const manyMembers = 64

// maxNesting is the limit of encoding/json.
const maxNesting = 10000

// space passes over white space and gives the next byte, 0 at the end.
func (d *decoder) space() byte {
	for ; d.at < len(d.src); d.at++ {
		switch c := d.src[d.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take passes over white space and the byte c, if that is there.
func (d *decoder) take(c byte) bool {
	if d.space() != c {
		return false
	}
	d.at++
	return true
}

// value reads a value that a member of an object called key has or holds; ok
// is false where it is no JSON. Without keep it is only passed over.
func (d *decoder) value(key string, depth int, keep bool) (v any, ok bool) {
	if depth > maxNesting {
		return nil, false
	}
	switch c := d.space(); c {
	case '{':
		return d.object(depth, keep)
	case '[':
		return d.array(key, depth, keep)
	case '"':
		s, ok := d.text()
		if ok && !isWord(s) && !free[key] && d.wrong == nil {
			d.wrong = fmt.Errorf("%s: %q is neither a word nor a name", key, s)
		}
		if !keep {
			return nil, ok
		}
		return s, ok
	case 't':
		return true, d.literal("true")
	case 'f':
		return false, d.literal("false")
	case 'n':
		return nil, d.literal("null")
	}
	n, ok := d.number()
	if !keep {
		return nil, ok
	}
	return n, ok
}

func (d *decoder) object(depth int, keep bool) (v any, ok bool) {
	d.at++
	var m map[string]any
	if keep {
		m = map[string]any{}
	}
	for first := true; !d.take('}'); first = false {
		if !first && !d.take(',') || d.space() != '"' {
			return nil, false
		}
		key, ok := d.text()
		if !ok || !d.take(':') {
			return nil, false
		}
		x, ok := d.value(key, depth+1, keep)
		if !ok {
			return nil, false
		}
		if keep {
			m[key] = x
		}
	}
	return m, true
}

func (d *decoder) array(key string, depth int, keep bool) (v any, ok bool) {
	from := d.at
	d.at++
	list := []any{}
	n := 0
	for ; !d.take(']'); n++ {
		if n > 0 && !d.take(',') {
			return nil, false
		}
		x, ok := d.value(key, depth+1, keep && n < manyMembers)
		if !ok {
			return nil, false
		}
		if keep && n < manyMembers {
			list = append(list, x)
		}
	}
	if n > manyMembers {
		return long(d.src[from:d.at]), true
	}
	return list, true
}

// literal reads one of the three words of JSON.
func (d *decoder) literal(word string) bool {
	end := min(d.at+len(word), len(d.src))
	ok := string(d.src[d.at:end]) == word
	d.at = end
	return ok
}

// text reads a string; one with escapes or beyond ASCII is left to encoding/json.
func (d *decoder) text() (s string, ok bool) {
	from := d.at
	plain := true
	for d.at++; d.at < len(d.src); d.at++ {
		switch c := d.src[d.at]; {
		case c == '"':
			d.at++
			if plain {
				return shared(d.src[from+1 : d.at-1]), true
			}
			err := json.Unmarshal(d.src[from:d.at], &s)
			return s, err == nil
		case c == '\\':
			d.at++
			plain = false
		case c < ' ':
			return "", false
		case c >= 0x80:
			plain = false
		}
	}
	return "", false
}

// number reads a number as it is written.
func (d *decoder) number() (json.Number, bool) {
	from := d.at
	for d.at < len(d.src) && numeric[d.src[d.at]] {
		d.at++
	}
	text := d.src[from:d.at]
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	for i, c := range digits {
		if c < '0' || c > '9' || i == 0 && c == '0' && len(digits) > 1 {
			return json.Number(shared(text)), json.Valid(text)
		}
	}
	return json.Number(shared(text)), len(digits) > 0
}

var numeric = [256]bool{'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'+': true, '-': true, '.': true, 'e': true, 'E': true}

// shared gives bytes of a source, which does not change, as a string.
func shared(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// each gives an array's members in turn, or the value as the only one; null is
// none.
func each(v any) iter.Seq[any] {
	return func(yield func(any) bool) {
		switch v := v.(type) {
		case nil:
		case []any:
			for _, x := range v {
				if !yield(x) {
					return
				}
			}
		case long:
			d := decoder{src: v, at: 1}
			for !d.take(']') {
				d.take(',')
				if x, _ := d.value("", 0, true); !yield(x) {
					return
				}
			}
		default:
			yield(v)
		}
	}
}
