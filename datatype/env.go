package datatype

import "time"

// An Env gives meaning to names that belong to a machine. The zero Env knows
// none: interface, user and group names are then errors on input, and printed
// as numbers on output.
type Env struct {
	Iface func(name string) (index uint32, ok bool)
	User  func(name string) (uid uint32, ok bool)
	Group func(name string) (gid uint32, ok bool)
	// Label finds the bit of a connection label.
	Label func(name string) (bit uint32, ok bool)
	// Cgroup finds the number of a cgroup (version 2) by its path.
	Cgroup func(path string) (id uint64, ok bool)
	// Location is the time zone of hours and dates; nil is UTC.
	Location *time.Location
	// Now is the moment whose offset from UTC hours use; zero is the epoch.
	Now time.Time
}

func (e *Env) location() *time.Location {
	if e == nil || e.Location == nil {
		return time.UTC
	}
	return e.Location
}

// offset is the seconds east of UTC that hours are given in.
func (e *Env) offset() int64 {
	loc := e.location()
	now := time.Unix(0, 0)
	if e != nil && !e.Now.IsZero() {
		now = e.Now
	}
	_, off := now.In(loc).Zone()
	return int64(off)
}

func lookup(f func(string) (uint32, bool), name string) (uint32, bool) {
	if f == nil {
		return 0, false
	}
	return f(name)
}
