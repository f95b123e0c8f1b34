package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A frame is one Ethernet frame as a packet socket saw it.
type frame struct {
	at   time.Time
	link string // interface name
	out  bool   // leaving, else arriving
	data []byte // whole frame, from the Ethernet header
}

func setAffinity(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	return unix.SchedSetaffinity(0, &set)
}

// openPacket opens a packet(7) socket for all frames of all interfaces.
func openPacket() (int, error) {
	proto := int(binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL})) // network order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return -1, err
	}
	return fd, errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1),
		setPollTimeout(fd))
}

// setPollTimeout lets a blocked read return now and then to look at quit.
func setPollTimeout(fd int) error {
	return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 50_000})
}

func isTimeout(err error) bool { return err == unix.EAGAIN || err == unix.EINTR }

func closed(quit <-chan struct{}) bool {
	select {
	case <-quit:
		return true
	default:
		return false
	}
}

// readFrames reads until quit is closed and the socket is empty.
func readFrames(fd int, names map[int]string, quit <-chan struct{}) ([]frame, error) {
	defer unix.Close(fd)
	var frames []frame
	buf, oob := make([]byte, 1<<17), make([]byte, 1024)
	for {
		n, oobn, _, from, err := unix.Recvmsg(fd, buf, oob, unix.MSG_TRUNC)
		if err != nil {
			if !isTimeout(err) {
				return frames, err
			}
			if closed(quit) {
				return frames, lost(fd)
			}
			continue
		}
		ll := from.(*unix.SockaddrLinklayer)
		at, err := ancillary(oob[:oobn])
		if err != nil {
			return frames, fmt.Errorf("frame %d: %w", len(frames)+1, err)
		}
		frames = append(frames, frame{
			at: at, link: names[ll.Ifindex], out: ll.Pkttype == unix.PACKET_OUTGOING,
			data: append([]byte(nil), buf[:n]...),
		})
	}
}

// lost reports frames that did not fit into the socket's buffer.
func lost(fd int) error {
	st, err := unix.GetsockoptTpacketStats(fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return err
	}
	if st.Drops > 0 {
		return fmt.Errorf("the packet socket lost %d frames", st.Drops)
	}
	return nil
}

// ancillary returns the frame's time, and refuses frames whose bytes are not
// what the wire would carry: an unfinished checksum, a VLAN tag kept aside.
func ancillary(oob []byte) (time.Time, error) {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return time.Time{}, err
	}
	var at time.Time
	for _, m := range msgs {
		switch {
		case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS:
			ts := (*unix.Timespec)(unsafe.Pointer(&m.Data[0]))
			at = time.Unix(ts.Unix())
		case m.Header.Level == unix.SOL_PACKET && m.Header.Type == unix.PACKET_AUXDATA:
			aux := (*unix.TpacketAuxdata)(unsafe.Pointer(&m.Data[0]))
			if aux.Status&(unix.TP_STATUS_CSUMNOTREADY|unix.TP_STATUS_VLAN_VALID) != 0 {
				return at, fmt.Errorf("packet socket status %#x: offloads are on", aux.Status)
			}
		}
	}
	if at.IsZero() {
		return at, errors.New("no timestamp")
	}
	return at, nil
}
