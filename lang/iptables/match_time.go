package iptables

import (
	"strings"
	"time"

	"nfvm/xt"
)

var timeMatches = []extension{
	{name: "time", opts: []option{
		{name: "datestart", args: 1}, {name: "datestop", args: 1}, {name: "timestart", args: 1}, {name: "timestop", args: 1},
		{name: "monthdays", args: 1, negate: true}, {name: "weekdays", args: 1, negate: true},
		{name: "contiguous"}, {name: "kerneltz"}, {name: "utc"},
		{name: "localtz", refuse: "times are in UTC"},
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
		case "kerneltz":
			info.Flags |= xt.TimeLocal
		}
	}
	if info.Flags&xt.TimeContiguous != 0 && info.DaytimeStart < info.DaytimeStop {
		r.lacks(x, x.at.span, "--contiguous is for spans over midnight: --timestart must be later than --timestop")
		return
	}
	r.matchXT("time", 0, &info)
}

// dateForms are the ways to write a date.
var dateForms = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15", "2006-01-02", "2006-01", "2006", "2006-1-2", "2006-1-2T15:04:05"}

func (l *lowering) date(w word) uint32 {
	for _, form := range dateForms {
		if t, err := time.Parse(form, w.text); err == nil && t.Unix() >= 0 && t.Unix() <= lastStamp {
			return uint32(t.Unix())
		}
	}
	l.errorf(w.span, "a date is written YYYY-MM-DDThh:mm:ss, from 1970 to 2038")
	return 0
}

func (l *lowering) daytime(w word) uint32 {
	for _, form := range []string{"15:04:05", "15:04", "15:4:5", "15:4"} {
		if t, err := time.Parse(form, w.text); err == nil {
			return uint32(t.Hour()*3600 + t.Minute()*60 + t.Second())
		}
	}
	l.errorf(w.span, "a time of day is written hh:mm:ss")
	return 0
}

var weekdays = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// dayList reads days by number, or by a name of which two letters are enough,
// as bits.
func (l *lowering) dayList(g *given, last, all uint64, names []string) uint32 {
	var days uint64
	for _, w := range g.args[0].split(",") {
		if n, err := parseNumber(w.text); err == nil && n >= 1 && n <= last {
			days |= 1 << n
			continue
		}
		found := false
		for i, name := range names {
			if len(w.text) >= 2 && strings.EqualFold(w.text[:2], name[:2]) {
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
