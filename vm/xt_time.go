package vm

import (
	"time"

	"nfvm/xt"
)

// xtTime compares the time of arrival, in UTC: dates, the time of day, days of
// the week and of the month.
type xtTime struct{ xt.Time }

func loadTime(_ *loader, info []byte) (xtMatch, error) {
	t := &xtTime{}
	return t, xt.Decode(info, &t.Time)
}

const secondsPerDay = 86400

func (t *xtTime) match(m *Machine) bool {
	stamp := m.now / 1e9
	if stamp < int64(t.DateStart) || stamp > int64(t.DateStop) {
		return false
	}
	of := uint32(stamp % secondsPerDay)
	if t.DaytimeStart < t.DaytimeStop {
		if of < t.DaytimeStart || of > t.DaytimeStop {
			return false
		}
	} else {
		if of < t.DaytimeStart && of > t.DaytimeStop {
			return false
		}
		// After midnight it is still the day before for a contiguous span.
		if t.Flags&xt.TimeContiguous != 0 && of <= t.DaytimeStop {
			stamp -= secondsPerDay
		}
	}
	day := time.Unix(stamp, 0).UTC()
	weekday := uint(day.Weekday())
	if weekday == 0 {
		weekday = 7
	}
	return t.Weekdays&(1<<weekday) != 0 && t.Monthdays&(1<<uint(day.Day())) != 0
}
