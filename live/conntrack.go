//go:build linux

package live

import (
	"errors"
	"io/fs"
	"time"

	"nfvm/ct"
	"nfvm/netfilter"
)

// saveStep is how many places of the table are looked at while packets wait.
const saveStep = 4096

// SaveConntrack writes the connections to a file, which is replaced when all is
// on disk, and gives their number.
func (f *Firewall) SaveConntrack(name string) (n int, err error) {
	s := &ct.Saved{}
	for from, more := uint32(0), true; more; more = from != 0 {
		f.Do(func(e *netfilter.Engine) { from = e.SaveConntrack(s, from, saveStep) })
	}
	return s.Len(), s.WriteFile(name)
}

// LoadConntrack puts the connections of a file into the table; a file that is
// not there holds none. Call it when the rules are loaded.
func (f *Firewall) LoadConntrack(name string) (sum ct.Restored, err error) {
	s, err := ct.LoadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return sum, nil
	}
	if err != nil {
		return sum, err
	}
	f.Do(func(e *netfilter.Engine) { sum = e.RestoreConntrack(s, time.Now().UnixNano()) })
	return sum, nil
}
