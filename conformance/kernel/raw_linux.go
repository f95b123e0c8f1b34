package kernel

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// sender sends packets as the host itself would, with headers of our making.
type sender struct{ fd4, fd6 int }

func openSender() (*sender, error) {
	fd4, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return nil, fmt.Errorf("raw socket: %w", err)
	}
	if err := unix.SetsockoptInt(fd4, unix.SOL_SOCKET, unix.SO_BROADCAST, 1); err != nil {
		return nil, fmt.Errorf("raw socket: %w", err)
	}
	fd6, err := unix.Socket(unix.AF_INET6, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return nil, fmt.Errorf("raw socket: %w", err)
	}
	return &sender{fd4, fd6}, nil
}

// send hands a packet to the output path. A refusal by the rules or for want
// of a route is an outcome, not a failure of the run.
func (s *sender) send(b []byte) {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		_ = unix.Sendto(s.fd4, b, 0, &unix.SockaddrInet4{Addr: [4]byte(b[16:])})
	case len(b) >= 40 && b[0]>>4 == 6:
		_ = unix.Sendto(s.fd6, b, 0, &unix.SockaddrInet6{Addr: [16]byte(b[24:])})
	}
}

// cause is an IPv4 packet that makes the host ask for an address by ARP as in a
// frame: from the one who asks to the one who is asked for.
func cause(arp []byte) []byte {
	const experimental = 253 // protocol, RFC 3692
	b := []byte{0x45, 0, 0, 20, 0, 1, 0, 0, 64, experimental, 0, 0}
	return append(append(b, arp[28:32]...), arp[38:42]...)
}
