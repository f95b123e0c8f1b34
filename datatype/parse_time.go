package datatype

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

const daySeconds = 24 * 60 * 60

// parseTime reads relative times (1h30m, or seconds), dates and hours.
func (e *Env) parseTime(t *Type, bits int, s string) ([]byte, error) {
	switch t.ID {
	case IDDate:
		return e.parseDate(bits, s)
	case IDHour:
		return e.parseHour(bits, s)
	}
	if n, ok := number(s); ok {
		return fixed(n.Mul(n, big.NewInt(1000)), bits)
	}
	ms, err := ParseDuration(s)
	if err != nil {
		return nil, err
	}
	return uintBytes(ms, bits)
}

// ParseDuration reads a relative time such as 1d2h3m4s500ms as milliseconds.
// The units keep this order and appear once each.
func ParseDuration(s string) (ms uint64, err error) {
	units := []struct {
		name string
		ms   uint64
	}{{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}}
	rest, next := s, 0
	for rest != "" {
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits > 8 {
			return 0, fmt.Errorf("invalid time %q", s)
		}
		var n uint64
		for _, c := range rest[:digits] {
			n = n*10 + uint64(c-'0')
		}
		rest = rest[digits:]
		letters := 0
		for letters < len(rest) && (rest[letters] < '0' || rest[letters] > '9') {
			letters++
		}
		i := next
		for i < len(units) && units[i].name != rest[:letters] {
			i++
		}
		if i == len(units) {
			return 0, fmt.Errorf("invalid time %q", s)
		}
		ms, next, rest = ms+n*units[i].ms, i+1, rest[letters:]
	}
	if next == 0 {
		return 0, fmt.Errorf("invalid time %q", s)
	}
	return ms, nil
}

// parseDate reads a date and what there is of a time of day, local to the Env, as
// nanoseconds since the epoch; a plain number is seconds.
func (e *Env) parseDate(bits int, s string) ([]byte, error) {
	if n, ok := number(s); ok && !strings.Contains(s, "-") {
		return fixed(n.Mul(n, big.NewInt(1e9)), bits)
	}
	d := clock{rest: s}
	year := d.number(4, 0, 9999)
	month := d.after("-").number(2, 1, 12)
	day := d.after("-").number(2, 1, 31)
	hour, minute, second := d.laxTimeOfDay()
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, e.location())
	if d.bad || at.Unix() == -1 {
		return nil, errors.New("Cannot parse date")
	}
	return uintBytes(uint64(at.Unix())*1e9, bits) // beyond 1970 to 2554 it wraps, as nft's
}

// parseHour reads hh:mm or hh:mm:ss, local to the Env, as seconds of the UTC
// day; a plain number is taken as it is.
func (e *Env) parseHour(bits int, s string) ([]byte, error) {
	if n, ok := number(s); ok {
		return fixed(n, bits)
	}
	d := clock{rest: s}
	hour, minute, second := d.timeOfDay()
	if d.bad || d.rest != "" {
		return nil, errors.New("wrong time format")
	}
	sec := int64(hour*3600 + minute*60 + second)
	return uintBytes(uint64(((sec-e.offset())%daySeconds+daySeconds)%daySeconds), bits)
}

// A clock reads dates and times of day as strptime(3) does: leading zeros may be
// missing, and a minute has up to 61 seconds (leap seconds).
type clock struct {
	rest string
	bad  bool
}

// laxTimeOfDay reads as much of a time of day as follows a date; like nft, it
// takes no notice of what comes behind that.
func (c *clock) laxTimeOfDay() (hour, minute, second int) {
	if c.bad {
		return 0, 0, 0
	}
	d := *c
	hour, minute = d.number(2, 0, 23), d.after(":").number(2, 0, 59)
	if d.bad {
		return 0, 0, 0
	}
	if second = d.after(":").number(2, 0, 61); d.bad {
		second = 0
	}
	return hour, minute, second
}

// timeOfDay reads HH:MM or HH:MM:SS.
func (c *clock) timeOfDay() (hour, minute, second int) {
	hour = c.number(2, 0, 23)
	minute = c.after(":").number(2, 0, 59)
	if !c.bad && c.rest != "" {
		second = c.after(":").number(2, 0, 61)
	}
	return hour, minute, second
}

// after skips a separator.
func (c *clock) after(sep string) *clock {
	rest, ok := strings.CutPrefix(c.rest, sep)
	c.rest, c.bad = rest, c.bad || !ok
	return c
}

// number reads a number of up to some digits, within bounds.
func (c *clock) number(digits, low, high int) int {
	c.rest = strings.TrimLeft(c.rest, " ")
	n, read := 0, 0
	for read < digits && read < len(c.rest) && c.rest[read] >= '0' && c.rest[read] <= '9' && n*10 <= high {
		n = n*10 + int(c.rest[read]-'0')
		read++
	}
	c.rest = c.rest[read:]
	c.bad = c.bad || read == 0 || n < low || n > high
	return n
}
