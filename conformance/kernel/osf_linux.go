package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"nfvm/osf"
)

// nfnetlink_osf (linux/netfilter/nfnetlink_osf.h).
const (
	subsystemOSF  = 5
	osfMsgAdd     = 0
	osfMsgRemove  = 1
	osfAttrFinger = 1
	osfNameLen    = 32
	osfOptions    = 40
)

// systems are the fingerprints that a case gave the kernel, which has one list
// for all namespaces. Those that it had before stay.
type systems struct {
	fd    int
	added [][]byte
}

func addSystems(d *osf.Database) (*systems, error) {
	if d == nil {
		return nil, nil
	}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, fmt.Errorf("netlink: %w", err)
	}
	s := &systems{fd: fd}
	for f := range d.All() {
		attr := attribute(osfAttrFinger, userFinger(&f))
		switch err := request(fd, subsystemOSF<<8|osfMsgAdd, unix.NLM_F_CREATE, 0, attr); {
		case errors.Is(err, unix.EEXIST):
		case err != nil:
			return s, fmt.Errorf("fingerprint of %s: %w", f.Genre, err)
		default:
			s.added = append(s.added, attr)
		}
	}
	return s, nil
}

// remove takes the fingerprints back.
func (s *systems) remove() {
	if s == nil {
		return
	}
	for _, attr := range s.added {
		_ = request(s.fd, subsystemOSF<<8|osfMsgRemove, 0, 0, attr)
	}
	_ = unix.Close(s.fd)
}

// userFinger is a fingerprint as struct nf_osf_user_finger.
func userFinger(f *osf.Fingerprint) []byte {
	ne := binary.NativeEndian
	b := ne.AppendUint32(nil, uint32(f.Window.Kind))
	b = ne.AppendUint32(b, f.Window.Value)
	df := byte(0)
	if f.DF {
		df = 1
	}
	b = append(b, f.TTL, df)
	b = ne.AppendUint16(b, f.Size)
	b = ne.AppendUint16(b, 0)
	b = ne.AppendUint16(b, uint16(len(f.Options)))
	for _, name := range []string{f.Genre, f.Version, f.Subtype} {
		var field [osfNameLen]byte
		copy(field[:osfNameLen-1], name)
		b = append(b, field[:]...)
	}
	for i := range osfOptions {
		var o osf.Option
		if i < len(f.Options) {
			o = f.Options[i]
		}
		b = ne.AppendUint16(b, uint16(o.Kind))
		b = ne.AppendUint16(b, uint16(o.Len))
		b = append(b, make([]byte, 8)...) // its value, which nobody compares
	}
	return b
}
