package conformance

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// cookies are the sequence numbers and timestamps that a SYN proxy has made up so
// far. Those of a case itself are small. Sequence numbers are named S1, S2, … and
// by their distance from these. A timestamp of the proxy's is the time with six
// bits that mean something, so that only these are shown; in steps, $T1, $T2, …
// are the whole ones, in the order in which packets showed them.
type cookies struct {
	sequence []uint32
	stamps   []uint32
}

// Numbers that no case uses of itself, and how far numbers of one stream are from
// its first one.
const (
	madeUp = 1 << 20
	stream = 1 << 16
)

var (
	sequenceNumber = regexp.MustCompile(`\b(seq|ack) (\d+)`)
	stamps         = regexp.MustCompile(`\bts=(\d+):(\d+)`)
	cookieVariable = regexp.MustCompile(`\$([ST])(\d+)([+-]\d+)?`)
)

// name puts names in place of the numbers in the text of a packet.
func (c *cookies) name(text string) string {
	text = sequenceNumber.ReplaceAllStringFunc(text, func(s string) string {
		key, digits, _ := strings.Cut(s, " ")
		v, _ := strconv.ParseUint(digits, 10, 32)
		if v < madeUp {
			return s
		}
		return key + " " + c.sequenceName(uint32(v))
	})
	return stamps.ReplaceAllStringFunc(text, func(s string) string {
		value, reply, _ := strings.Cut(strings.TrimPrefix(s, "ts="), ":")
		return "ts=" + c.stampName(value, true) + ":" + c.stampName(reply, false)
	})
}

func (c *cookies) sequenceName(v uint32) string {
	for i, first := range c.sequence {
		if d := int32(v - first); d > -stream && d < stream {
			return fmt.Sprintf("S%d%s", i+1, offset(d))
		}
	}
	c.sequence = append(c.sequence, v)
	return fmt.Sprintf("S%d", len(c.sequence))
}

func offset(d int32) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%+d", d)
}

func (c *cookies) stampName(digits string, own bool) string {
	v, _ := strconv.ParseUint(digits, 10, 32)
	if v < madeUp {
		return digits
	}
	if own {
		c.stamps = append(c.stamps, uint32(v))
	}
	return fmt.Sprintf("T+%d", v&0x3f)
}

// expand puts the numbers in place of $S1+1 or $T1.
func (c *cookies) expand(text string) string {
	return cookieVariable.ReplaceAllStringFunc(text, func(v string) string {
		m := cookieVariable.FindStringSubmatch(v)
		list := c.sequence
		if m[1] == "T" {
			list = c.stamps
		}
		i, _ := strconv.Atoi(m[2])
		if i < 1 || i > len(list) {
			return v
		}
		d, _ := strconv.ParseInt(m[3], 10, 32)
		return strconv.FormatUint(uint64(list[i-1]+uint32(d)), 10)
	})
}
