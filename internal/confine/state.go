//go:build linux

package confine

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// A Set has a bit for each capability.
type Set uint64

// The rights that nfvm knows by name.
const (
	NetAdmin   Set = 1 << unix.CAP_NET_ADMIN
	NetRaw     Set = 1 << unix.CAP_NET_RAW
	BPF        Set = 1 << unix.CAP_BPF
	ReadSearch Set = 1 << unix.CAP_DAC_READ_SEARCH
)

var names = map[int]string{
	unix.CAP_NET_ADMIN: "CAP_NET_ADMIN", unix.CAP_NET_RAW: "CAP_NET_RAW", unix.CAP_BPF: "CAP_BPF",
	unix.CAP_DAC_READ_SEARCH: "CAP_DAC_READ_SEARCH",
}

// String names the capabilities, with blanks between them.
func (s Set) String() string {
	var list []string
	for c := range 64 {
		if s&(1<<c) == 0 {
			continue
		}
		name := names[c]
		if name == "" {
			name = fmt.Sprintf("capability %d", c)
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// A state is the rights of the calling thread.
type state struct {
	permitted, inheritable, bounding, ambient Set

	last       int // the highest capability that the kernel knows
	noNewPrivs bool
}

func current() (s state, err error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return s, os.NewSyscallError("capget", err)
	}
	s.permitted = Set(data[1].Permitted)<<32 | Set(data[0].Permitted)
	s.inheritable = Set(data[1].Inheritable)<<32 | Set(data[0].Inheritable)
	for c := range 64 {
		set, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(c), 0, 0, 0)
		if err != nil { // there is no such capability
			break
		}
		s.last = c
		s.bounding |= Set(set) << c
		set, err = unix.PrctlRetInt(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_IS_SET, uintptr(c), 0, 0)
		if err != nil {
			return s, os.NewSyscallError("prctl PR_CAP_AMBIENT_IS_SET", err)
		}
		s.ambient |= Set(set) << c
	}
	set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	s.noNewPrivs = set == 1
	return s, os.NewSyscallError("prctl PR_GET_NO_NEW_PRIVS", err)
}

// within reports whether there is nothing to give up. The bounding set can't be
// made smaller without CAP_SETPCAP; with no_new_privs it then gives nothing.
func (s *state) within(keep Set) bool {
	have := s.permitted | s.inheritable | s.ambient
	if s.permitted&(1<<unix.CAP_SETPCAP) != 0 {
		have |= s.bounding
	}
	return have&^keep == 0 && s.noNewPrivs
}

// setCaps sets the thread's effective, permitted and inheritable rights.
func setCaps(effective, permitted, inheritable Set) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	for i := range data {
		data[i] = unix.CapUserData{
			Effective: uint32(effective >> (32 * i)), Permitted: uint32(permitted >> (32 * i)),
			Inheritable: uint32(inheritable >> (32 * i)),
		}
	}
	return os.NewSyscallError("capset", unix.Capset(&header, &data[0]))
}
