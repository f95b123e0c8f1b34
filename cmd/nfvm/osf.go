package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"nfvm/osf"
)

// usualFingerprints is where nft looks for fingerprints of operating systems.
const usualFingerprints = "/etc/nftables/osf/pf.os"

// loadFingerprints reads the file that --osf-fingerprints names, else nft's if
// there is one.
func loadFingerprints(name string) (*osf.Database, error) {
	file := name
	if name == "" {
		file = usualFingerprints
	}
	data, err := os.ReadFile(file)
	if name == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d, err := osf.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}
