//go:build linux

package live

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	return s.Len(), replaceFile(name, s)
}

// LoadConntrack puts the connections of a file into the table; a file that is
// not there holds none. Call it when the rules are loaded.
func (f *Firewall) LoadConntrack(name string) (sum ct.Restored, err error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return sum, nil
	}
	if err != nil {
		return sum, err
	}
	defer file.Close()
	s, err := ct.ReadSaved(file)
	if err != nil {
		return sum, fmt.Errorf("%s: %w", name, err)
	}
	f.Do(func(e *netfilter.Engine) { sum = e.RestoreConntrack(s, time.Now().UnixNano()) })
	return sum, nil
}

// replaceFile writes a file for its owner only, beside its place, and puts it
// there when it is complete.
func replaceFile(name string, s *ct.Saved) (err error) {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	out := bufio.NewWriter(file)
	err = errors.Join(s.Write(out), out.Flush(), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
