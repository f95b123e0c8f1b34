package netfilter

import (
	"nfvm/nf"
	"nfvm/packet"
)

const (
	codeHostUnreach = 1 // ICMP
	codeAddrUnreach = 3 // ICMPv6
)

// Unreachable tells the sender of a packet that was Sent that its next hop does
// not answer (ipv4_link_failure, ip6_link_failure). f is the frame as it was
// told, and f.Link where the packet had come by.
func (e *Engine) Unreachable(f *Frame) {
	e.Advance(f.Time)
	s := e.get(f.Number)
	defer e.put(s)
	s.take(f)
	s.Time, s.PktType = e.now, nf.PacketHost
	if f.Ether && s.ParseEther() != packet.OK || s.CheckIP() != packet.OK {
		return
	}
	msg := icmpError{kind: icmpUnreach, code: codeHostUnreach}
	if s.Family == nf.FamilyIPv6 {
		msg = icmpError{kind: icmp6Unreach, code: codeAddrUnreach}
	}
	e.sendError(s, nf.HookPostrouting, msg)
}
