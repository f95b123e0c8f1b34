package kernel

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// The NFLOG group of the quiet table.
const logGroup = 4242

// nfnetlink_log (linux/netfilter/nfnetlink_log.h).
const (
	nfulMsgPacket    = 0
	nfulMsgConfig    = 1
	nfulaCfgCmd      = 1
	nfulaCfgMode     = 2
	nfulaCfgThresh   = 5
	nfulaIndev       = 4
	nfulaPayload     = 9
	nfulCmdBind      = 1
	nfulCopyPacket   = 2
	subsystemULog    = 4
	attrHeader       = 4
	nfgenHeader      = 4
	netlinkHeaderLen = 16
)

// nflog reads the packets that rules hand to the log group.
type nflog struct {
	fd  int
	buf []byte
}

// delivered is a packet as the input hook let it through.
type delivered struct {
	ifindex int
	packet  []byte
}

func openNflog() (*nflog, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, fmt.Errorf("netlink: %w", err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, fmt.Errorf("netlink: %w", err)
	}
	mode := append(binary.BigEndian.AppendUint32(nil, 0xffff), nfulCopyPacket, 0)
	for _, attr := range [][]byte{
		attribute(nfulaCfgCmd, []byte{nfulCmdBind}),
		attribute(nfulaCfgMode, mode),
		attribute(nfulaCfgThresh, []byte{0, 0, 0, 1}),
	} {
		if err := request(fd, subsystemULog<<8|nfulMsgConfig, 0, logGroup, attr); err != nil {
			return nil, fmt.Errorf("nflog: %w", err)
		}
	}
	return &nflog{fd, make([]byte, 1<<18)}, nil
}

func attribute(typ uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(attrHeader+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, typ), value...)
	return append(b, make([]byte, -len(b)&3)...)
}

// request sends a message of nfnetlink with one attribute and waits for its
// acknowledgement; resource is what the message's header names.
func request(fd int, typ, flags, resource uint16, attr []byte) error {
	b := binary.NativeEndian.AppendUint32(nil, uint32(netlinkHeaderLen+nfgenHeader+len(attr)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	b = append(b, make([]byte, 8)...) // sequence, port
	b = append(b, unix.AF_UNSPEC, 0)
	b = append(binary.BigEndian.AppendUint16(b, resource), attr...)
	if _, err := unix.Write(fd, b); err != nil {
		return err
	}
	buf := make([]byte, 4096)
	n, err := unix.Read(fd, buf)
	if err != nil || n < netlinkHeaderLen+4 {
		return fmt.Errorf("no acknowledgement: %w", err)
	}
	if code := int32(binary.NativeEndian.Uint32(buf[netlinkHeaderLen:])); code != 0 {
		return unix.Errno(-code)
	}
	return nil
}

// receive returns the packets logged since the last call.
func (l *nflog) receive() []delivered {
	var out []delivered
	for {
		n, err := unix.Read(l.fd, l.buf)
		if err != nil || n <= 0 {
			return out
		}
		for b := l.buf[:n]; len(b) >= netlinkHeaderLen; {
			size := int(binary.NativeEndian.Uint32(b))
			if size < netlinkHeaderLen || size > len(b) {
				break
			}
			if binary.NativeEndian.Uint16(b[4:]) == subsystemULog<<8|nfulMsgPacket {
				out = append(out, parseLogged(b[netlinkHeaderLen+nfgenHeader:size]))
			}
			b = b[min(len(b), (size+3)&^3):]
		}
	}
}

func parseLogged(b []byte) (d delivered) {
	for len(b) >= attrHeader {
		size := int(binary.NativeEndian.Uint16(b))
		if size < attrHeader || size > len(b) {
			return d
		}
		value := b[attrHeader:size]
		switch binary.NativeEndian.Uint16(b[2:]) & 0x3fff {
		case nfulaIndev:
			d.ifindex = int(binary.BigEndian.Uint32(value))
		case nfulaPayload:
			d.packet = append([]byte{}, value...)
		}
		b = b[min(len(b), (size+3)&^3):]
	}
	return d
}

// complete finishes the checksum of a TCP packet that went over the loopback
// device: the kernel leaves the sum of the pseudo header in its place, for
// hardware that is not there.
func complete(b []byte) []byte {
	if len(b) < 40 || b[0] != 0x45 || b[9] != unix.IPPROTO_TCP {
		return b
	}
	seg := b[20:]
	sum := func(parts ...[]byte) uint16 {
		var s uint32
		for _, p := range parts {
			for i, c := range p {
				s += uint32(c) << (8 * (1 - i%2))
			}
		}
		for s>>16 != 0 {
			s = s&0xffff + s>>16
		}
		return uint16(s)
	}
	pseudo := binary.BigEndian.AppendUint16([]byte{0, unix.IPPROTO_TCP}, uint16(len(seg)))
	if partial := sum(b[12:20], pseudo); binary.BigEndian.Uint16(seg[16:]) != partial {
		return b
	}
	binary.BigEndian.PutUint16(seg[16:], ^sum(seg)) // the field holds the pseudo header's sum
	return b
}
