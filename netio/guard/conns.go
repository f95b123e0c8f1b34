//go:build linux

package guard

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// A Conn is a connection that the programs follow while they pass its packets on: a
// segment has to lie within the windows (RFC 9293, 3.4; ct.Table's rules), and moves
// them. Dir is by nf.Dir, as for all indexes here.
type Conn struct {
	Use  [2]FlowUse
	Side [2]ConnSide
	// The last acknowledgment, and how often it came again.
	LastDir, LastSeq, LastAck, LastEnd, LastWin, Repeats uint32
}

// A ConnSide is what is known of one sender of TCP, in the host's byte order.
type ConnSide struct {
	End, MaxEnd, MaxWin, MaxAck uint32
	Scale                       uint32 // of the windows that it tells
	Unacked                     uint32 // 1: not all of it is acknowledged
	Sack                        uint32 // 1: it takes selective acknowledgment
}

// connValue is a Conn in the map. The programs change it under the lock, and only
// while it is active.
type connValue struct {
	lock, active uint32
	Conn
}

const connValueSize = uint32(unsafe.Sizeof(connValue{}))

// newConns makes the map of connections. The kernel has to be told where the lock is.
func newConns(room int) (*ebpf.Map, error) {
	const onDemand = 1 // BPF_F_NO_PREALLOC
	word := &btf.Int{Name: "unsigned int", Size: 4}
	lock := &btf.Struct{Name: "bpf_spin_lock", Size: 4, Members: []btf.Member{{Name: "val", Type: word}}}
	rest := &btf.Array{Index: word, Type: word, Nelems: connValueSize/4 - 1}
	value := &btf.Struct{Name: "nfvm_conn", Size: connValueSize, Members: []btf.Member{
		{Name: "lock", Type: lock}, {Name: "rest", Type: rest, Offset: 32},
	}}
	return ebpf.NewMap(&ebpf.MapSpec{
		Name: "nfvm_conns", Type: ebpf.Hash, KeySize: 4, ValueSize: connValueSize,
		MaxEntries: uint32(max(room, 1)), Flags: onDemand, Key: word, Value: value,
	})
}

// takeAt is where the program that takes connections finds their number in the
// frame that it is run with.
const takeAt = etherSize

// takeProgram makes a connection inactive: when it has run, no other program changes
// it any more.
func takeProgram(conns *ebpf.Map) asm.Instructions {
	active := int16(unsafe.Offsetof(connValue{}.active))
	return join(
		asm.Mov.Reg(asm.R6, asm.R1),
		loadHeader(skbHook, takeAt, stackConn, 4, "done"),
		asm.LoadMapPtr(asm.R1, conns.FD()),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, stackConn),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "done"),
		asm.Mov.Reg(asm.R6, asm.R0),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.FnSpinLock.Call(),
		asm.StoreImm(asm.R6, active, 0, asm.Word),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.FnSpinUnlock.Call(),
		verdict("done", 0),
	)
}

// PutConn has the packets of a connection passed on that ways name it for (FlowWay.Conn).
func (f *Flows) PutConn(id uint32, c *Conn) error {
	v := connValue{active: 1, Conn: *c}
	if err := f.conns.Put(id, unsafe.Pointer(&v)); err != nil {
		return fmt.Errorf("map of connections: %w", err)
	}
	return nil
}

// TakeConn has none passed on any more, until PutConn, and tells how the connection is.
func (f *Flows) TakeConn(id uint32) (c Conn, err error) {
	frame := make([]byte, 64)
	binary.NativeEndian.PutUint32(frame[takeAt:], id)
	if _, err := f.take.Run(&ebpf.RunOptions{Data: frame}); err != nil {
		return c, fmt.Errorf("program nfvm_take: %w", err)
	}
	return f.Conn(id)
}

// Conn tells how a connection is while its packets are passed on.
func (f *Flows) Conn(id uint32) (Conn, error) {
	var v connValue
	if err := f.conns.LookupWithFlags(id, unsafe.Pointer(&v), ebpf.LookupLock); err != nil {
		return Conn{}, fmt.Errorf("map of connections: %w", err)
	}
	return v.Conn, nil
}

// RemoveConn forgets a connection.
func (f *Flows) RemoveConn(id uint32) {
	_ = f.conns.Delete(id) // what is not there need not go
}

func (f *Flows) closeConns() error {
	err := f.conns.Close()
	if f.take != nil {
		err = errors.Join(err, f.take.Close())
	}
	return err
}
