//go:build linux

package guard

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"nfvm/nf"
	"nfvm/packet"
)

// Flows are what guards pass on from interface to interface by themselves: the
// programs at the ingress of their interfaces know the flows, translate their
// packets and send them by the egress of others that are guarded. A packet comes
// out of the queues as all do if it is a fragment, has IP options, is at its last
// hop, is too large for where it goes, or begins or ends a TCP connection.
type Flows struct {
	table *ebpf.Map // flowKey: flowValue
	// epochs has one number: a value is in force if it has the same. 0 is in force
	// for none.
	epochs *ebpf.Map
	conns  *ebpf.Map // number: connValue
	take   *ebpf.Program

	mu      sync.Mutex
	epoch   uint32
	inForce bool // epochs has epoch, not 0
}

// A FlowKey is what the packets of one direction of a flow have.
type FlowKey struct {
	In               int // ifindex
	Family           nf.Family
	Proto            uint8 // TCP or UDP
	Src, Dst         packet.Addr
	SrcPort, DstPort uint16
}

// A FlowWay is what becomes of them.
type FlowWay struct {
	Src, Dst         packet.Addr
	SrcPort, DstPort uint16
	Out              int // ifindex of a guarded interface
	OwnMAC, MAC      [6]byte
	MTU              int // bytes of the largest packet
	// Conn is the number of the connection that follows the packets, 0 if nobody
	// asks what they are besides the key; Dir is their direction in it, and Service
	// the type of service (the upper 6 bits) that they must have. Then the use is
	// the connection's.
	Conn    uint32
	Dir     nf.Dir
	Service uint8
}

// A FlowUse is what has passed of a direction: frames, with segmentation left to a
// device as one, their bytes from the network header on, and when the last one did
// (nanoseconds of CLOCK_MONOTONIC).
type FlowUse struct {
	Packets, Bytes, Last uint64
}

// flowKey is a FlowKey as the programs make it of a packet.
type flowKey struct {
	src, dst       packet.Addr
	in             uint32
	ports          [4]byte
	version, proto uint8
	_              uint16
}

// flowValue is a FlowWay as the programs want it.
type flowValue struct {
	use      FlowUse
	src, dst packet.Addr
	epoch    uint32
	out      uint32
	mtu      uint32
	// translated tells that more than the network header changes: the addresses,
	// which the transport checksum covers too, or the ports.
	translated uint32
	// What is to be added to the IPv4 header's checksum, and to that of the
	// transport header for addresses and ports (csum_diff of the kernel).
	headerSum, addrSum, portSum uint32
	// Where in the frame that checksum is, and the ports; flags of
	// bpf_l4_csum_replace.
	sumAt, sumFlags, portsAt uint32
	ports                    [4]byte
	macs                     [12]byte
	conn, dir, service       uint32
}

const (
	ipv4Size = 20
	ipv6Size = 40

	csumPseudo   = 1 << 4 // BPF_F_PSEUDO_HDR
	csumMangled0 = 1 << 5 // BPF_F_MARK_MANGLED_0
)

// NewFlows makes room for so many directions of flows, at least 1.
func NewFlows(room int) (f *Flows, err error) {
	f = &Flows{epoch: 1}
	const onDemand = 1 // BPF_F_NO_PREALLOC
	f.table, err = ebpf.NewMap(&ebpf.MapSpec{
		Name: "nfvm_flows", Type: ebpf.Hash, KeySize: flowKeySize, ValueSize: flowValueSize,
		MaxEntries: uint32(max(room, 1)), Flags: onDemand,
	})
	if err != nil {
		return nil, fmt.Errorf("map of flows: %w", err)
	}
	f.epochs, err = ebpf.NewMap(&ebpf.MapSpec{Name: "nfvm_epoch", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("map of flows: %w", err), f.table.Close())
	}
	if f.conns, err = newConns(room); err != nil {
		return nil, errors.Join(fmt.Errorf("map of connections: %w", err), f.table.Close(), f.epochs.Close())
	}
	if f.take, err = load("nfvm_take", takeProgram(f.conns)); err != nil {
		return nil, errors.Join(fmt.Errorf("program nfvm_take: %w", err), f.Close())
	}
	return f, nil
}

// Put has the packets of a direction passed on. What they were before counts anew.
func (f *Flows) Put(k *FlowKey, w *FlowWay) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := w.value(k)
	v.epoch = f.epoch
	if err := f.table.Put(unsafe.Pointer(k.key()), unsafe.Pointer(v)); err != nil {
		return fmt.Errorf("map of flows: %w", err)
	}
	return f.enforce(true)
}

// Use tells what has passed of a direction since Put; it is nothing if there was
// none.
func (f *Flows) Use(k *FlowKey) FlowUse {
	var v flowValue
	_ = f.table.Lookup(unsafe.Pointer(k.key()), unsafe.Pointer(&v)) // what is not there has no use
	return v.use
}

// Remove ends what Put has begun, if it has, and tells the use.
func (f *Flows) Remove(k *FlowKey) FlowUse {
	var v flowValue
	_ = f.table.LookupAndDelete(unsafe.Pointer(k.key()), unsafe.Pointer(&v))
	return v.use
}

// Suspend has no packet passed on any more of all directions that were put; they
// are there to be asked for their use, put again, or removed.
func (f *Flows) Suspend() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.epoch++; f.epoch == 0 {
		f.epoch = 1
	}
	return f.enforce(false)
}

// enforce tells the programs the epoch, or that there is nothing to be looked for.
func (f *Flows) enforce(on bool) error {
	if on == f.inForce {
		return nil
	}
	epoch := uint32(0)
	if on {
		epoch = f.epoch
	}
	if err := f.epochs.Put(uint32(0), epoch); err != nil {
		return fmt.Errorf("map of flows: %w", err)
	}
	f.inForce = on
	return nil
}

// Close gives the memory back, when no guard uses it any more.
func (f *Flows) Close() error {
	return errors.Join(f.table.Close(), f.epochs.Close(), f.closeConns())
}

func (k *FlowKey) key() *flowKey {
	m := &flowKey{src: k.Src, dst: k.Dst, in: uint32(k.In), version: 6, proto: k.Proto}
	if k.Family == nf.FamilyIPv4 {
		m.version = 4
	}
	m.ports = ports(k.SrcPort, k.DstPort)
	return m
}

func ports(src, dst uint16) (b [4]byte) {
	binary.BigEndian.PutUint16(b[:], src)
	binary.BigEndian.PutUint16(b[2:], dst)
	return b
}

// value is a way for the packets that have a key.
func (w *FlowWay) value(k *FlowKey) *flowValue {
	header := ipv6Size
	if k.Family == nf.FamilyIPv4 {
		header = ipv4Size
	}
	v := &flowValue{src: w.Src, dst: w.Dst, out: uint32(w.Out), mtu: uint32(w.MTU), ports: ports(w.SrcPort, w.DstPort),
		conn: w.Conn, dir: uint32(w.Dir), service: uint32(w.Service) &^ 3}
	copy(v.macs[:], w.MAC[:])
	copy(v.macs[6:], w.OwnMAC[:])
	v.portsAt = uint32(etherSize + header)
	v.sumAt = v.portsAt + uint32(packet.L4SumOffset(k.Family, k.Proto))
	if k.Proto == nf.ProtoUDP {
		v.sumFlags = csumMangled0
	}
	was := ports(k.SrcPort, k.DstPort)
	if w.Src != k.Src || w.Dst != k.Dst || v.ports != was {
		v.translated = 1
	}
	addrs := sumDiff(sumDiff(0, k.Src[:], w.Src[:]), k.Dst[:], w.Dst[:])
	v.addrSum, v.portSum = addrs, sumDiff(0, was[:], v.ports[:])
	v.headerSum = sumDiff(addrs, []byte{1, 0}, []byte{0, 0}) // the hop limit, beside the protocol
	return v
}

// sumDiff adds to a sum what it takes to make it that of other bytes, in 16 bits of
// the host's byte order (RFC 1624).
func sumDiff(sum uint32, from, to []byte) uint32 {
	for i := 0; i < len(from); i += 2 {
		sum += uint32(^binary.NativeEndian.Uint16(from[i:])) + uint32(binary.NativeEndian.Uint16(to[i:]))
		sum = sum&0xffff + sum>>16
	}
	return sum&0xffff + sum>>16
}

// MonotonicTime is the present time of FlowUse.Last.
func MonotonicTime() uint64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // it has no way to fail
	return uint64(t.Nano())
}
