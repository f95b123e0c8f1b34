package netfilter

import (
	"encoding/binary"
	"math/rand/v2"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/synproxy"
)

// Synproxy answers the first segment of a connection with a cookie, and begins
// the connection to the server for a client that sends the cookie back
// (nft_synproxy_eval).
func (v *env) Synproxy(p *packet.Packet, conf *bytecode.Synproxy) nf.Verdict {
	t, ok := p.TCP()
	switch {
	case !p.L4Known || p.Proto != nf.ProtoTCP:
		return nf.Break
	case !ok || !p.SumComplete && !p.SumValid && !p.L4ChecksumOK():
		return nf.Drop
	}
	opts, ok := synproxy.Parse(t)
	if !ok {
		return nf.Drop
	}
	e, s, flags := v.engine(), v.current, t.Flags()
	e.alone()
	if conf.Flags&bytecode.SynproxySynOnly != 0 {
		if flags &= nf.TCPSyn | nf.TCPAck | nf.TCPFin | nf.TCPRst; flags != nf.TCPSyn && flags != nf.TCPAck {
			return nf.Continue
		}
	}
	switch {
	case flags&nf.TCPSyn != 0:
		e.answerWithCookie(s, t, &opts, conf)
		s.taken = true
		return nf.Stolen
	case flags&nf.TCPAck == 0:
		return nf.Continue
	case e.beginForClient(s, t, &opts, t.Seq()):
		s.taken = true
		return nf.Stolen
	}
	return nf.Drop
}

// newCookies draws the key of cookies from the engine's seed.
func newCookies(seed uint64) *synproxy.Cookies {
	r := rand.New(rand.NewPCG(seed, 0x73796e70))
	var key [16]byte
	binary.LittleEndian.PutUint64(key[:], r.Uint64())
	binary.LittleEndian.PutUint64(key[8:], r.Uint64())
	return synproxy.NewCookies(key)
}

// answerWithCookie answers a client's SYN. Without timestamps there is no room to
// note what else the client offered.
func (e *Engine) answerWithCookie(s *skb, t packet.TCP, o *synproxy.Options, conf *bytecode.Synproxy) {
	const congestion = nf.TCPEce | nf.TCPCwr
	if t.Flags()&congestion == congestion {
		o.Has |= synproxy.ECN
	}
	o.Has &= synproxy.Option(conf.Flags)
	flow := synproxy.FlowOf(&s.Packet, t)
	isn := e.cookies.Make(&flow, t.Seq(), o.MSS, e.now)
	if e.given != nil {
		e.given.Add(&flow, t.Seq(), isn, e.now)
	}
	o.MSS = conf.MSS
	if o.Has&synproxy.Timestamp != 0 {
		o.Stamp(uint32(e.now/1e6), conf.Wscale)
	} else {
		o.Has &^= synproxy.WindowScale | synproxy.SACKPermitted | synproxy.ECN
	}
	flags := uint8(nf.TCPSyn | nf.TCPAck)
	if o.Has&synproxy.ECN != 0 {
		flags |= nf.TCPEce
	}
	back := synproxy.Reply(&s.Packet, t)
	back.Seq, back.Ack, back.Flags = isn, t.Seq()+1, flags
	e.sendForProxy(s, back, o, proxySendAs{entry: s.CT})
}

// beginForClient sends the server a SYN in the name of a client that has sent a
// cookie back; seq is the client's sequence number behind its own SYN. It fails
// where the cookie is none.
func (e *Engine) beginForClient(s *skb, t packet.TCP, o *synproxy.Options, seq uint32) bool {
	flow := synproxy.FlowOf(&s.Packet, t)
	mss, ok := e.cookies.Check(&flow, t.Seq()-1, t.Ack()-1, e.now)
	if !ok && e.given != nil {
		mss, ok = e.given.Check(&flow, t.Seq()-1, e.now)
	}
	if !ok {
		return false
	}
	o.MSS = mss
	o.Has |= synproxy.MSS
	if o.Has&synproxy.Timestamp != 0 {
		o.Unstamp()
	}
	flags := uint8(nf.TCPSyn)
	if o.Has&synproxy.ECN != 0 {
		flags |= nf.TCPEce | nf.TCPCwr
	}
	syn := synproxy.Onward(&s.Packet, t)
	// What the proxy called itself goes along in the acknowledgment, for proxied.
	syn.Seq, syn.Ack, syn.Flags, syn.Window = seq-1, t.Ack()-1, flags, t.Window()
	e.sendForProxy(s, syn, o, proxySendAs{first: true})
	return true
}

// A proxySendAs says what a segment of the proxy belongs to: an entry, whose
// answer it is, or, as the first one, to a connection that is proxied.
type proxySendAs struct {
	entry uint32
	first bool
}

// sendForProxy sends a segment of the proxy's through the output hook
// (synproxy_send_tcp).
func (e *Engine) sendForProxy(cause *skb, seg packet.Segment, o *synproxy.Options, as proxySendAs) {
	s := e.get(cause.number)
	defer e.put(s)
	var room [40]byte
	seg.TTL, seg.Options = e.defaultTTL, o.Append(room[:0])
	s.buf = seg.Append(s.buf[:0])
	s.Reset(s.buf, false)
	s.EtherType = cause.EtherType
	s.generated, s.Local, s.Time, s.sentBy, s.partialSum = true, true, e.now, cause.arrived, true
	s.proxied = as.first
	if s.CheckIP() != packet.OK {
		return
	}
	if as.entry != 0 {
		s.CT, s.CTInfo = as.entry, nf.CTEstablishedReply
		defer func() { s.CT = 0 }() // it is the other packet's to release
	}
	e.output(s)
}
