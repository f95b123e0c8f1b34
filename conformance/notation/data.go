package notation

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// maxData bounds what one line may ask for.
const maxData = 1 << 17

// data reads payload items up to the end, a closing brace or "pad".
func (s *scanner) data() []byte {
	var out []byte
	for s.err == nil {
		w := s.peek()
		if w == "" || w == "}" || w == "pad" {
			break
		}
		s.next()
		item, err := dataItem(w)
		if err == nil && len(out)+len(item) > maxData {
			err = fmt.Errorf("more than %d bytes of data", maxData)
		}
		if err != nil {
			s.fail("%v", err)
		}
		out = append(out, item...)
	}
	return out
}

// dataItem reads "text", 0xHEX, c*N or 0xHH*N.
func dataItem(w string) ([]byte, error) {
	if strings.HasPrefix(w, `"`) {
		t, err := strconv.Unquote(w)
		return []byte(t), err
	}
	unit, times, repeated := strings.Cut(w, "*")
	b := []byte(unit)
	if strings.HasPrefix(unit, "0x") {
		var err error
		if b, err = hex.DecodeString(unit[2:]); err != nil {
			return nil, fmt.Errorf("%q is not hex", unit)
		}
	} else if !repeated || len(unit) != 1 {
		return nil, fmt.Errorf("unknown word %q", w)
	}
	if !repeated {
		return b, nil
	}
	n, err := strconv.ParseUint(times, 10, 17)
	if err != nil || n*uint64(len(b)) > maxData {
		return nil, fmt.Errorf("bad repeat count in %q", w)
	}
	return []byte(strings.Repeat(string(b), int(n))), nil
}

// minRun is how many equal bytes are worth writing as a repeat.
const minRun = 12

// dataText writes b as items that data reads back.
func dataText(b []byte) string {
	var items []string
	start := 0
	for i := 0; i < len(b); {
		j := i
		for j < len(b) && b[j] == b[i] {
			j++
		}
		if j-i >= minRun {
			items = appendPlain(items, b[start:i])
			items = append(items, runText(b[i], j-i))
			start = j
		}
		i = j
	}
	return strings.Join(appendPlain(items, b[start:]), " ")
}

func runText(c byte, n int) string {
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
		return fmt.Sprintf("%c*%d", c, n)
	}
	return fmt.Sprintf("0x%02x*%d", c, n)
}

func appendPlain(items []string, b []byte) []string {
	if len(b) == 0 {
		return items
	}
	if !isText(b) {
		return append(items, fmt.Sprintf("0x%x", b))
	}
	return append(items, strconv.Quote(string(b)))
}

// isText reports whether bytes are better read as text: printable ones, or the
// lines of a protocol such as FTP, and IRC with its quoting byte 1.
func isText(b []byte) bool {
	lines := bytes.IndexByte(b, '\n') > 0
	for _, c := range b {
		if (c < 0x20 || c > 0x7e) && !(lines && (c == '\r' || c == '\n' || c == 1)) {
			return false
		}
	}
	return true
}
