package datatype

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FormatDuration prints milliseconds as nft does: 1d2h3m4s500ms, without the
// parts that are zero.
func FormatDuration(ms uint64) string {
	if ms == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range []struct {
		name string
		ms   uint64
	}{{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}} {
		if n := ms / u.ms; n > 0 {
			b.WriteString(strconv.FormatUint(n, 10))
			b.WriteString(u.name)
		}
		ms %= u.ms
	}
	return b.String()
}

func formatTime(t *Type, v []byte, o *Options) string {
	n := Uint(v)
	switch t.ID {
	case IDTime:
		if o.NumericTime {
			return fmt.Sprintf("%ds", n/1000)
		}
		return FormatDuration(n)
	case IDDay:
		if name, ok := symbol(t.Symbols, n); ok && !o.Numeric {
			return `"` + name + `"`
		}
	case IDDate:
		at := time.Unix(int64(n/1e9), 0).In(location(o))
		return at.Format(`"2006-01-02 15:04:05"`)
	case IDHour:
		return formatHour(int64(n%(1<<32)), o.LocationOffset)
	}
	return strconv.FormatUint(n, 10)
}

func formatHour(sec, offset int64) string {
	sec = ((sec+offset)%daySeconds + daySeconds) % daySeconds
	if sec%60 != 0 {
		return fmt.Sprintf(`"%02d:%02d:%02d"`, sec/3600, sec/60%60, sec%60)
	}
	return fmt.Sprintf(`"%02d:%02d"`, sec/3600, sec/60%60)
}

func location(o *Options) *time.Location {
	if o.Location == nil {
		return time.UTC
	}
	return o.Location
}
