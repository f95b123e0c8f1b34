package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// logged is one packet that a log rule of the recorder's table reported.
type logged struct {
	group int
	at    time.Time // arrival, to the microsecond; zero for packets of the host itself
	link  string    // input interface, "" in output
	mac   []byte    // Ethernet header, empty in output
	data  []byte    // from the IP header
}

// Of linux/netfilter/nfnetlink_log.h and nfnetlink.h.
const (
	nfnlSubsysULOG   = 4
	nfulnlMsgPacket  = 0
	nfulnlMsgConfig  = 1
	nfulaCfgCmd      = 1
	nfulaCfgMode     = 2
	nfulaCfgQThresh  = 5
	nfulnlCfgBind    = 1
	nfulnlCopyPacket = 2

	nfulaTimestamp = 3
	nfulaIndev     = 4
	nfulaPayload   = 9
	nfulaHWHeader  = 16
)

// openLog binds a netlink socket to log groups, whole packets, one a message.
func openLog(groups ...uint16) (int, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err != nil {
		return -1, err
	}
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20), setPollTimeout(fd)); err != nil {
		return -1, err
	}
	for _, g := range groups {
		for _, attr := range [][]byte{
			netlinkAttr(nfulaCfgCmd, []byte{nfulnlCfgBind}),
			netlinkAttr(nfulaCfgMode, []byte{0, 0, 0xff, 0xff, nfulnlCopyPacket, 0}),
			netlinkAttr(nfulaCfgQThresh, []byte{0, 0, 0, 1}),
		} {
			if err := configureLog(fd, g, attr); err != nil {
				return -1, fmt.Errorf("log group %d: %w", g, err)
			}
		}
	}
	return fd, nil
}

func netlinkAttr(typ uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, value...)
	return append(b, make([]byte, -len(b)&3)...)
}

// configureLog sends one configuration message and reads its acknowledgement.
func configureLog(fd int, group uint16, attr []byte) error {
	le := binary.NativeEndian
	b := le.AppendUint32(nil, uint32(20+len(attr)))
	b = le.AppendUint16(b, nfnlSubsysULOG<<8|nfulnlMsgConfig)
	b = le.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	b = append(b, make([]byte, 8)...)                             // sequence, port
	b = append(b, unix.AF_UNSPEC, 0, byte(group>>8), byte(group)) // nfgenmsg
	b = append(b, attr...)
	if err := unix.Sendto(fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	ack := make([]byte, 4096)
	n, _, err := unix.Recvfrom(fd, ack, 0)
	if err != nil || n < 20 {
		return errors.Join(err, errors.New("no acknowledgement"))
	}
	if code := int32(le.Uint32(ack[16:])); code != 0 {
		return unix.Errno(-code)
	}
	return nil
}

// readLog reads until quit is closed and the socket is empty.
func readLog(fd int, names map[int]string, quit <-chan struct{}) ([]logged, error) {
	defer unix.Close(fd)
	var packets []logged
	buf := make([]byte, 1<<18)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err != nil {
			if !isTimeout(err) {
				return packets, fmt.Errorf("log socket: %w", err) // ENOBUFS: packets were lost
			}
			if closed(quit) {
				return packets, nil
			}
			continue
		}
		for b := buf[:n]; len(b) >= 16; {
			size := int(binary.NativeEndian.Uint32(b))
			if size < 20 || size > len(b) {
				return packets, errors.New("log socket: damaged message")
			}
			if binary.NativeEndian.Uint16(b[4:]) == nfnlSubsysULOG<<8|nfulnlMsgPacket {
				packets = append(packets, parseLog(b[16:size], names))
			}
			b = b[min(len(b), (size+3)&^3):]
		}
	}
}

// parseLog reads nfgenmsg and its attributes.
func parseLog(b []byte, names map[int]string) logged {
	p := logged{group: int(binary.BigEndian.Uint16(b[2:]))}
	for b = b[4:]; len(b) >= 4; {
		size := int(binary.NativeEndian.Uint16(b))
		if size < 4 || size > len(b) {
			break
		}
		v := b[4:size]
		switch binary.NativeEndian.Uint16(b[2:]) {
		case nfulaTimestamp:
			p.at = time.Unix(int64(binary.BigEndian.Uint64(v)), int64(binary.BigEndian.Uint64(v[8:]))*1000)
		case nfulaIndev:
			p.link = names[int(binary.BigEndian.Uint32(v))]
		case nfulaHWHeader:
			p.mac = append([]byte(nil), v...)
		case nfulaPayload:
			p.data = append([]byte(nil), v...)
		}
		b = b[min(len(b), (size+3)&^3):]
	}
	return p
}
