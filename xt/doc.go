// Package xt holds the parameters of iptables' extensions as the kernel lays
// them out (linux/netfilter/xt_*.h), for the few matches and targets that no
// expression of nf_tables stands for: a rule carries them as nft_compat does.
//
// Numbers are little endian but for addresses and ports, which are in network
// order; blank fields are padding.
package xt

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Encode gives the bytes of an extension's parameters, which must be of one of
// the types of this package.
func Encode(info any) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, info)
	if err != nil {
		panic(err) // the types of this package have a fixed size
	}
	return b
}

// Decode reads an extension's parameters; their size must be exact.
func Decode(b []byte, info any) error {
	if want := binary.Size(info); want != len(b) {
		return fmt.Errorf("parameters of %d bytes, %d are expected", len(b), want)
	}
	_, err := binary.Decode(b, binary.LittleEndian, info)
	return err
}

// Text gives the text of a field that is filled with zeros.
func Text(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}
