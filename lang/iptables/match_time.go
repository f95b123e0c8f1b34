package iptables

import (
	"strconv"
	"strings"
	"time"

	"nfvm/xt"
)

var timeMatches = []extension{
	{name: "time", opts: []option{
		{name: "datestart", args: 1}, {name: "datestop", args: 1}, {name: "timestart", args: 1}, {name: "timestop", args: 1},
		{name: "monthdays", args: 1, negate: true}, {name: "weekdays", args: 1, negate: true},
		{name: "contiguous"}, {name: "kerneltz", excludes: []string{"utc"}}, {name: "utc"}, {name: "localtz", excludes: []string{"utc"}},
	}, lower: lowerTime},
}

// Bounds of what xt_time takes.
const (
	lastStamp    = 1<<31 - 1
	lastOfDay    = 86399
	allMonthdays = 0xfffffffe
	allWeekdays  = 0xfe
)

// lowerTime fills in a comparison of the time of arrival, which is in UTC: the
// kernel's own time zone (--kerneltz) is UTC too where nobody sets it.
func lowerTime(r *lowering, x *use) {
	info := xt.Time{DateStop: lastStamp, DaytimeStop: lastOfDay, Monthdays: allMonthdays, Weekdays: allWeekdays}
	for _, g := range x.given {
		switch g.opt.name {
		case "datestart":
			info.DateStart = r.date(g.args[0])
		case "datestop":
			info.DateStop = r.date(g.args[0])
		case "timestart":
			info.DaytimeStart = r.daytime(g.args[0])
		case "timestop":
			info.DaytimeStop = r.daytime(g.args[0])
		case "monthdays":
			info.Monthdays = r.dayList(g, 31, allMonthdays, nil)
		case "weekdays":
			info.Weekdays = uint8(r.dayList(g, 7, allWeekdays, weekdays))
		case "contiguous":
			info.Flags |= xt.TimeContiguous
		case "kerneltz", "localtz":
			info.Flags |= xt.TimeLocal
		}
	}
	if info.Flags&xt.TimeContiguous != 0 && info.DaytimeStart < info.DaytimeStop {
		r.lacks(x, x.at.span, "--contiguous is for spans over midnight: --timestart must be later than --timestop")
		return
	}
	r.matchXT("time", 0, &info)
}

// date reads YYYY[-MM[-DD[Thh[:mm[:ss]]]]]. A month or day 0 is the one before the
// first, a day that the month lacks one of the next.
func (l *lowering) date(w word) uint32 {
	n := [6]int{1970, 1, 1}
	rest := w.text
	for i, f := range []struct {
		end       string // what divides the field from the next
		low, high int
	}{{"-", 1970, 2038}, {"-", 0, 12}, {"T", 0, 31}, {":", 0, 23}, {":", 0, 59}, {"", 0, 59}} {
		digits := leadingDigits(rest)
		if digits == "" { // which strtoul takes for 0
			digits = "0"
		}
		var err error
		n[i], err = strconv.Atoi(digits)
		rest = strings.TrimPrefix(strings.TrimLeft(rest, " \t"), "+")
		rest = strings.TrimLeft(rest, "0123456789")
		ends := rest == ""
		if err != nil || n[i] < f.low || n[i] > f.high || !ends && (f.end == "" || !strings.HasPrefix(rest, f.end)) {
			break
		}
		if ends {
			return uint32(time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC).Unix())
		}
		rest = rest[1:]
	}
	l.errorf(w.span, "a date is written YYYY-MM-DDThh:mm:ss, from 1970 to 2038")
	return 0
}

// daytime reads hh:mm[:ss].
func (l *lowering) daytime(w word) uint32 {
	parts := strings.Split(w.text, ":")
	var n [3]uint64
	ok := len(parts) == 2 || len(parts) == 3
	for i, p := range parts {
		if !ok {
			break
		}
		if p == "" { // which strtoul takes for 0
			continue
		}
		var err error
		n[i], err = strconv.ParseUint(p, 10, 32)
		ok = err == nil && n[i] <= [3]uint64{23, 59, 59}[i]
	}
	if !ok {
		l.errorf(w.span, "a time of day is written hh:mm:ss")
	}
	return uint32(n[0]*3600 + n[1]*60 + n[2])
}

var weekdays = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// dayList reads days by number, or by a name of which two letters are enough,
// as bits.
func (l *lowering) dayList(g *given, last, all uint64, names []string) uint32 {
	var days uint64
	for _, w := range g.args[0].split(",") {
		if w.text == "" {
			continue
		}
		// The month has a day 0, on which nothing matches.
		if n, err := strconv.ParseUint(w.text, 10, 8); err == nil && (n <= last || names != nil) && (n > 0 || names == nil) {
			days |= 1 << n // of the week, eight bits are kept
			continue
		}
		found := false
		for i, name := range names {
			if len(w.text) >= 2 && w.text[:2] == name[:2] {
				days |= 1 << (i + 1)
				found = true
			}
		}
		if !found {
			l.errorf(w.span, "%q is no day", w.text)
		}
	}
	if g.negated() {
		days ^= all
	}
	return uint32(days)
}
