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

// parseDate reads a date, local to the Env, as nanoseconds since the epoch; a
// plain number is seconds.
func (e *Env) parseDate(bits int, s string) ([]byte, error) {
	if n, ok := number(s); ok && !strings.Contains(s, "-") {
		return fixed(n.Mul(n, big.NewInt(1e9)), bits)
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		at, err := time.ParseInLocation(layout, s, e.location())
		if err == nil && at.Unix() >= 0 && at.Year() < 2262 {
			return uintBytes(uint64(at.UnixNano()), bits)
		}
	}
	return nil, errors.New("Cannot parse date")
}

// parseHour reads hh:mm or hh:mm:ss, local to the Env, as seconds of the UTC
// day; a plain number is taken as it is.
func (e *Env) parseHour(bits int, s string) ([]byte, error) {
	if n, ok := number(s); ok {
		return fixed(n, bits)
	}
	if !strings.Contains(s, ":") {
		return nil, errors.New("Cannot parse hour")
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if at, err := time.Parse(layout, s); err == nil {
			sec := int64(at.Hour()*3600 + at.Minute()*60 + at.Second())
			return uintBytes(uint64(((sec-e.offset())%daySeconds+daySeconds)%daySeconds), bits)
		}
	}
	return nil, errors.New("wrong time format")
}
