package nflog

import (
	"fmt"
	"strings"
	"sync/atomic"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/vm"
)

// A Place is a log statement in the rules.
type Place struct {
	Family   nf.Family
	Table    string
	Chain    string
	Handle   uint64
	Position string // file:line, empty if it is unknown
}

// Places finds the log statements of a program.
func Places(p *bytecode.Program) map[*bytecode.Log]*Place {
	places := map[*bytecode.Log]*Place{}
	for _, t := range p.Tables {
		for _, c := range t.Chains {
			for _, r := range c.Rules {
				for _, e := range r.Exprs {
					if l, ok := e.(*bytecode.Log); ok {
						places[l] = &Place{t.Family, t.Name, c.Name, r.Handle, position(p, r.Pos)}
					}
				}
			}
		}
	}
	return places
}

func position(p *bytecode.Program, at bytecode.Pos) string {
	if at.Line == 0 || int(at.File) >= len(p.Files) {
		return ""
	}
	return fmt.Sprintf("%s:%d", p.Files[at.File], at.Line)
}

// A Record is a packet that a log statement has met.
type Record struct {
	Log   *bytecode.Log
	Place *Place // nil if it is unknown
	Hook  nf.Hook
	// Packet is a copy that may be cut, with Data, Time, the interfaces, the mark
	// and where its headers are.
	Packet packet.Packet
	// Length is that of the packet in bytes, from the network header on.
	Length int

	holders atomic.Int32 // queues that it is in
	data    []byte       // the memory behind Packet.Data
}

// fill copies at most limit bytes of the network packet.
func (r *Record) fill(p *packet.Packet, hook nf.Hook, l *bytecode.Log, place *Place, limit int) {
	r.Log, r.Place, r.Hook = l, place, hook
	r.Length = len(p.Data) - p.Network
	r.data = append(r.data[:0], p.Data[:p.Network+min(r.Length, limit)]...)
	r.Packet = packet.Packet{
		Data: r.data, Network: p.Network, Link: p.Link, EtherType: p.EtherType,
		Family: p.Family, L4Known: p.L4Known, Proto: p.Proto, Transport: p.Transport, FragOffset: p.FragOffset,
		In: p.In, Out: p.Out, Mark: p.Mark, Time: p.Time,
	}
}

// Text is the line that the kernel would write.
func (r *Record) Text() string { return vm.LogText(&r.Packet, r.Log) }

// Level is the level of the line (syslog(3)); the kernel's default is a warning.
func (r *Record) Level() int {
	switch l := r.Log; {
	case !l.HasLevel:
		return levelWarning
	case l.Level > levelDebug: // audit
		return levelNotice
	default:
		return int(l.Level)
	}
}

const (
	levelWarning = 4
	levelNotice  = 5
	levelDebug   = 7
)

// Comment says which statement logged the packet.
func (r *Record) Comment() string {
	var parts []string
	if r.Log.Prefix != "" {
		parts = append(parts, fmt.Sprintf("prefix %q", r.Log.Prefix))
	}
	if p := r.Place; p != nil {
		text := fmt.Sprintf("%s %s %s, handle %d", p.Family, p.Table, p.Chain, p.Handle)
		if p.Position != "" {
			text += " (" + p.Position + ")"
		}
		parts = append(parts, text)
	}
	parts = append(parts, "hook "+r.Hook.String())
	if r.Log.HasGroup {
		parts = append(parts, fmt.Sprintf("group %d", r.Log.Group))
	}
	if r.Packet.Mark != 0 {
		parts = append(parts, fmt.Sprintf("mark 0x%x", r.Packet.Mark))
	}
	return strings.Join(parts, "; ")
}

// addresses are the packet's, false if it is not IP or cut before them.
func (r *Record) addresses() (src, dst string, ok bool) {
	p := &r.Packet
	size := packet.IPv4Size
	if p.Family == nf.FamilyIPv6 {
		size = packet.IPv6Size
	}
	if p.Family == nf.FamilyUnspec || len(p.IP()) < size {
		return "", "", false
	}
	return p.Src().Text(p.Family), p.Dst().Text(p.Family), true
}
