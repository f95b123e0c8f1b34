package datatype

import (
	"encoding/binary"
	"time"
)

// LocalZone is the time zone that the environment variable TZ of a process
// names, whose value is given: a rule as POSIX writes it
// (CET-1CEST,M3.5.0,M10.5.0/3), or what time.Local knows, the name of a file.
// What is neither is UTC.
func LocalZone(tz string) *time.Location {
	if tz == "" || tz[0] == ':' || tz[0] == '/' {
		return time.Local
	}
	if _, err := time.LoadLocation(tz); err == nil {
		return time.Local
	}
	zone, err := posixZone(tz)
	if err != nil {
		return time.UTC
	}
	return zone
}

// SetZone makes dates and hours those of a time zone; hours have the zone's
// distance from UTC at a moment, which is now for nft.
func (o *Options) SetZone(zone *time.Location, now time.Time) {
	_, seconds := now.In(zone).Zone()
	o.Location, o.LocationOffset = zone, int64(seconds)
}

// posixZone makes a zone of a rule. The time package knows such rules only at
// the end of a zone file (RFC 8536), so this is a file of nothing else.
func posixZone(rule string) (*time.Location, error) {
	// After the magic and the version: the numbers of UT and standard time flags,
	// leap seconds, transitions, local time types, and bytes of names.
	header := append([]byte("TZif2"), make([]byte, 15)...)
	empty := append(header[:20:20], counts(0, 0, 0, 0, 1, 4)...)
	utc := []byte{0, 0, 0, 0, 0, 0, 'U', 'T', 'C', 0} // one type and its name
	data := append(empty, utc...)
	data = append(data, header...)
	data = append(data, counts(0, 0, 0, 1, 1, 4)...)
	data = binary.BigEndian.AppendUint64(data, 1<<63) // the one transition, before all times
	data = append(data, 0)                            // to the one type
	data = append(data, utc...)
	data = append(data, "\n"+rule+"\n"...)
	return time.LoadLocationFromTZData(rule, data)
}

func counts(n ...uint32) []byte {
	var out []byte
	for _, v := range n {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return out
}
