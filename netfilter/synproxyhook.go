package netfilter

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/synproxy"
)

// proxy does the proxy's part behind the rules, for connections that it began:
// it hides the handshake with the server from the client, and keeps sequence
// numbers and timestamps of the two sides apart (ipv4_synproxy_hook).
func (e *Engine) proxy(s *skb) nf.Verdict {
	entry := e.entry(s)
	if entry == nil || s.Proto != nf.ProtoTCP || s.arrived != nil && s.arrived.Type == nf.ARPHRDLoopback {
		return nf.Accept
	}
	x := e.ct.ProxyOf(entry)
	if x == nil {
		return nf.Accept
	}
	if e.alone(); e.entry(s) != entry {
		return nf.Drop
	}
	t, ok := s.TCP()
	if !ok {
		return nf.Drop
	}
	d := s.CTInfo.Dir()
	switch entry.TCP.State {
	case ct.TCPClose:
		if d == nf.DirReply && t.Flags()&nf.TCPRst != 0 {
			e.nat.OffsetSequence(entry, d, x.ISN-t.Seq()+1)
		} else if d == nf.DirOriginal && t.Flags()&synAck == nf.TCPSyn {
			x.Offset = 0 // begun anew
			return e.proxySyn(s, t, x)
		}
	case ct.TCPSynSent:
		return e.proxySyn(s, t, x)
	case ct.TCPSynRecv:
		if t.Flags()&synAck == synAck {
			return e.proxyAnswer(s, t, x, entry)
		}
	}
	shiftStamp(t, x, d)
	return nf.Accept
}

const synAck = nf.TCPSyn | nf.TCPAck

// proxySyn notes of the SYN to the server what the proxy called itself to the
// client. An acknowledgment at this point is a client's that waits, as the SYN was
// lost (RFC 9293, section 3.8.4): the server gets another one.
func (e *Engine) proxySyn(s *skb, t packet.TCP, x *ct.Proxy) nf.Verdict {
	opts, ok := synproxy.Parse(t)
	if !ok {
		return nf.Drop
	}
	if t.Flags()&synAck == nf.TCPAck && s.CTInfo.Dir() == nf.DirOriginal {
		if e.beginForClient(s, t, &opts, t.Seq()+1) {
			s.taken = true
			return nf.Stolen
		}
		return nf.Drop
	}
	x.ISN = t.Ack()
	if opts.Has&synproxy.Timestamp != 0 {
		x.Stamp = opts.Reply
	}
	shiftStamp(t, x, s.CTInfo.Dir())
	return nf.Accept
}

// proxyAnswer ends both handshakes when the server has answered.
func (e *Engine) proxyAnswer(s *skb, t packet.TCP, x *ct.Proxy, entry *ct.Entry) nf.Verdict {
	opts, ok := synproxy.Parse(t)
	if !ok {
		return nf.Drop
	}
	if opts.Has&synproxy.Timestamp != 0 {
		x.Offset = opts.Value - x.Stamp
		e.ct.Notify(entry, ct.EventSynproxy)
	}
	opts.Has &= synproxy.Timestamp
	answer := opts
	answer.Value, answer.Reply = opts.Reply, opts.Value
	back := synproxy.Reply(&s.Packet, t)
	back.Seq, back.Ack, back.Flags = t.Ack(), t.Seq()+1, nf.TCPAck
	back.Window = uint16(entry.TCP.Seen[nf.DirOriginal].MaxWin)
	e.sendForProxy(s, back, &answer, proxySendAs{})

	e.nat.OffsetSequence(entry, s.CTInfo.Dir(), x.ISN-t.Seq())
	e.ct.Notify(entry, ct.EventSeqAdj)
	on := synproxy.Onward(&s.Packet, t)
	on.Seq, on.Ack, on.Flags, on.Window = t.Seq()+1, t.Ack(), nf.TCPAck, t.Window()>>opts.Scale
	e.sendForProxy(s, on, &opts, proxySendAs{entry: s.CT})
	s.taken = true
	return nf.Stolen
}

// shiftStamp makes the server's timestamps those that began with the proxy's.
func shiftStamp(t packet.TCP, x *ct.Proxy, d nf.Dir) {
	switch {
	case x.Offset == 0:
	case d == nf.DirReply:
		synproxy.ShiftStamp(t, false, -x.Offset)
	default:
		synproxy.ShiftStamp(t, true, x.Offset)
	}
}
