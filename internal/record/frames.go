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

// The ring's shape: slots of 4 KiB, more than a recording has frames.
const (
	slotSize  = 4096
	blockSize = 1 << 20
	blocks    = 64
	slots     = blocks * (blockSize / slotSize)
)

// A tap is a packet(7) socket with a receive ring. The ring matters: the kernel
// copies each frame into it at once, whereas a frame queued on a plain socket
// shares its bytes with the packet on its way, and refragmentation overwrites them.
type tap struct {
	fd   int
	ring []byte
}

// openTap opens a tap for all frames of all interfaces.
func openTap() (*tap, error) {
	proto := int(binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL})) // network order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V2),
		unix.SetsockoptTpacketReq(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &unix.TpacketReq{
			Block_size: blockSize, Block_nr: blocks, Frame_size: slotSize, Frame_nr: slots}))
	if err != nil {
		return nil, err
	}
	ring, err := unix.Mmap(fd, 0, blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return &tap{fd, ring}, err
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

// read collects the frames of the ring when the observation is over; a ring that
// was too small is an error.
func (t *tap) read(names map[int]string) ([]frame, error) {
	defer unix.Close(t.fd)
	defer unix.Munmap(t.ring)
	var frames []frame
	for i := 0; i < slots; i++ {
		slot := t.ring[i*slotSize : (i+1)*slotSize]
		head := (*unix.Tpacket2Hdr)(unsafe.Pointer(&slot[0]))
		if head.Status&unix.TP_STATUS_USER == 0 {
			break
		}
		// An unfinished checksum, a VLAN tag kept aside: not what the wire carries.
		if head.Status&(unix.TP_STATUS_CSUMNOTREADY|unix.TP_STATUS_VLAN_VALID) != 0 || head.Len != head.Snaplen {
			return frames, fmt.Errorf("frame %d: %d bytes, status %#x: offloads are on", i+1, head.Len, head.Status)
		}
		ll := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&slot[(unsafe.Sizeof(*head)+15)&^15]))
		frames = append(frames, frame{
			at: time.Unix(int64(head.Sec), int64(head.Nsec)), link: names[int(ll.Ifindex)],
			out:  ll.Pkttype == unix.PACKET_OUTGOING,
			data: append([]byte(nil), slot[head.Mac:][:head.Len]...),
		})
	}
	st, err := unix.GetsockoptTpacketStats(t.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err == nil && st.Drops > 0 {
		err = fmt.Errorf("the packet socket lost %d frames", st.Drops)
	}
	return frames, err
}
