package ct

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// LoadFile reads a file of saved connections.
func LoadFile(name string) (*Saved, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s, err := ReadSaved(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// WriteFile writes connections to a file for its owner only, beside its place, and
// puts it there when it is complete and on disk.
func (s *Saved) WriteFile(name string) (err error) {
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
