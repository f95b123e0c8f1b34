package datatype

import (
	"testing"
	"time"
)

// TestLocalZone checks the seconds east of UTC in a January and a July, against
// what localtime(3) makes of the same TZ.
func TestLocalZone(t *testing.T) {
	for _, c := range []struct {
		tz           string
		winter, july int
	}{
		{"UTC", 0, 0}, {"UTC-2", 7200, 7200}, {"no such zone", 0, 0}, {"EST5", -18000, -18000}, {"<+0530>-5:30", 19800, 19800},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200},
	} {
		zone := LocalZone(c.tz)
		for month, want := range map[time.Month]int{time.January: c.winter, time.July: c.july} {
			if _, got := time.Date(2024, month, 10, 0, 0, 0, 0, zone).Zone(); got != want {
				t.Errorf("%s: %v is %d seconds east, want %d", c.tz, month, got, want)
			}
		}
	}
	if LocalZone("") != time.Local || LocalZone(":UTC") != time.Local {
		t.Error("no zone, or a file's, must be the process's own")
	}
}

// TestTimes holds what nft makes of times with fewer digits, leap seconds, or
// (1.1) more text behind a date, two hours east of UTC.
func TestTimes(t *testing.T) {
	env := &Env{Location: LocalZone("UTC-2")}
	for _, c := range []struct {
		typ  *Type
		text string
		want uint64 // 0: refused
	}{
		{Hour, "23:59:00", 0x13524}, {Hour, "23:59:60", 0x13560}, {Hour, "23:59:61", 0x13561}, {Hour, "3:5", 0xf3c},
		{Hour, "24:59:00", 0}, {Hour, "23:60:00", 0}, {Hour, "12:30:15x", 0},
		{Date, "2019-1-1", 0x157589d62a75c000}, {Date, "2019-1-1 5:6", 0x15759a88efbcf000}, {Date, "2019-13-01", 0},
		{Date, "2019-01-01 00:00:62", 0x157589d62a75c000}, {Date, "2019-01-01 00", 0x157589d62a75c000},
		{Date, "2019-01-01 00:00-12:00", 0x157589d62a75c000}, {Date, "2019-01-01T12:00", 0x157589d62a75c000},
	} {
		b, err := env.Value(c.typ, c.typ.Size, c.text)
		got := uint64(0)
		for _, x := range b {
			got = got<<8 | uint64(x)
		}
		if got != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("%s: got %#x, %v; want %#x", c.text, got, err, c.want)
		}
	}
}
