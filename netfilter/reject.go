package netfilter

import (
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// rejectCodes are the ICMP codes of the family-neutral reject codes, for IPv4
// and IPv6 (NFT_REJECT_ICMPX_).
var rejectCodes = [4][2]uint8{
	{0, 0},  // no route
	{3, 4},  // port unreachable
	{1, 3},  // host unreachable
	{13, 1}, // administratively prohibited
}

// reject answers a packet that a rule rejects; the rule drops it in any case.
func (e *Engine) reject(s *skb, hook nf.Hook, r *bytecode.Reject) {
	i := familyIndex(s.Family)
	if hook == nf.HookIngress && !s.byRoute || s.at == nf.FamilyBridge {
		code := r.Code
		if r.Type == bytecode.RejectICMPX {
			code = rejectCodes[r.Code&3][i]
		}
		e.rejectOnLink(s, r.Type == bytecode.RejectTCPReset, code)
		return
	}
	if hook == nf.HookIngress { // not routed yet, as at prerouting
		hook = nf.HookPrerouting
	}
	switch r.Type {
	case bytecode.RejectTCPReset:
		e.sendReset(s, hook)
	case bytecode.RejectICMPX:
		e.rejectUnreachable(s, hook, rejectCodes[r.Code&3][i])
	default:
		e.rejectUnreachable(s, hook, r.Code)
	}
}

func (e *Engine) rejectUnreachable(s *skb, hook nf.Hook, code uint8) {
	if !s.partialSum && !s.RejectOK() {
		return
	}
	e.sendError(s, hook, icmpError{kind: unreachable(s.Family), code: code})
}

// sendReset answers with a TCP reset; the connection is over at once.
func (e *Engine) sendReset(s *skb, hook nf.Hook) {
	if e.toMany(s, hook) {
		return
	}
	reply := e.get(s.number)
	buf, ok := packet.AppendReset(reply.buf[:0], &s.Packet, e.defaultTTL)
	reply.buf = buf
	if !ok {
		e.put(reply)
		return
	}
	if entry := e.entry(s); entry != nil {
		e.ct.SetClosing(entry)
	}
	if s.Bridged {
		e.sendResetBridged(s, reply)
		return
	}
	reply.partialSum = s.Family == nf.FamilyIPv4 // IPv6 resets are summed at once
	e.originate(s, reply, true)
}

// sendResetBridged sends a reset to whom a bridged packet came from, as from whom
// it went to, if the host knows a way there (nf_send_reset).
func (e *Engine) sendResetBridged(s, reply *skb) {
	defer e.put(reply)
	answer := host.Query{Dst: s.Src().Netip(s.Family), Mark: s.Mark}
	if res := e.host.Lookup(&answer); res.Out == nil {
		return
	}
	reply.generated, reply.sentBy = true, s.PhysIn
	reply.Data, reply.EtherType = reply.buf, s.EtherType
	reply.decision, reply.route = s.decision, host.Result{Out: s.PhysIn}
	e.frame = packet.AppendAnswerHeader(e.frame[:0], &s.Packet, false)
	e.frame = append(e.frame, reply.buf...)
	e.xmit(reply, e.frame, true)
}

// withPartialSum calls f while the packet has the checksum that it has inside
// the kernel, which a quote of it shows.
func (s *skb) withPartialSum(f func()) {
	l4 := s.L4()
	if !s.partialSum || len(l4) < packet.TCPSize {
		f()
		return
	}
	sum := binary.BigEndian.Uint16(l4[16:])
	src, dst := s.Src(), s.Dst()
	partial := packet.Fold(packet.PseudoSum(s.Family, &src, &dst, nf.ProtoTCP, len(l4)))
	binary.BigEndian.PutUint16(l4[16:], partial)
	f()
	binary.BigEndian.PutUint16(l4[16:], sum)
}

// finishSum completes a checksum that was left to the device, over the segment
// as rules leave it.
func (s *skb) finishSum() {
	l4 := s.L4()
	if !s.partialSum || len(l4) < packet.TCPSize {
		return
	}
	src, dst := s.Src(), s.Dst()
	l4[16], l4[17] = 0, 0
	sum := packet.Fold(packet.PseudoSum(s.Family, &src, &dst, nf.ProtoTCP, len(l4)) + packet.Sum16(l4))
	binary.BigEndian.PutUint16(l4[16:], ^sum)
}
