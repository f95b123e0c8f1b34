package replay

import (
	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/trace"
	"nfvm/vm"
)

// A Tracer hands what rules do with traced packets to a writer of package
// trace. It implements vm.Tracer.
type Tracer struct {
	sink   func(*trace.Event) error
	number uint64 // of traced packets
	err    error

	event trace.Event
	pkt   trace.Packet
	link  []byte // the link-layer header, with its VLAN tag
}

// NewTracer makes a tracer; sink is called for each event, which it must not
// keep.
func NewTracer(sink func(*trace.Event) error) *Tracer { return &Tracer{sink: sink} }

// Err gives the first error of the sink.
func (t *Tracer) Err() error { return t.err }

// Rule is called for a rule that ran to its end or gave a verdict.
func (t *Tracer) Rule(p *packet.Packet, c *vm.Chain, r *bytecode.Rule, v nf.Verdict, target *vm.Chain) {
	t.event = trace.Event{Kind: trace.Rule, Rule: r, Verdict: v}
	if target != nil {
		t.event.Target = target.Chain.Name
	}
	if v == nf.Queue {
		t.event.Queue = queueOf(r)
	}
	t.send(p, c)
}

// Policy is called when the policy of a base chain decides.
func (t *Tracer) Policy(p *packet.Packet, c *vm.Chain, v nf.Verdict) {
	t.event = trace.Event{Kind: trace.Policy, Verdict: v}
	t.send(p, c)
}

// send completes the event with the packet as the kernel shows it.
func (t *Tracer) send(p *packet.Packet, c *vm.Chain) {
	egress := p.Out != nil && c.Family == nf.FamilyNetdev
	if egress && p.Tagged {
		return // the kernel fails to describe such a frame
	}
	ip := p.IP()
	if p.TraceID == 0 {
		t.number++
		p.TraceID = max(trace.NewID(t.number, ip), 1)
	}
	t.pkt = trace.Packet{Family: p.Family, Network: ip, Proto: p.Proto}
	if p.EtherType == nf.EtherTypeARP {
		t.pkt.Family = nf.FamilyARP
	}
	if p.In != nil {
		t.pkt.In, t.pkt.Ether = p.In.Name, p.In.Type == nf.ARPHRDEther
	}
	if p.Out != nil {
		t.pkt.Out = p.Out.Name
	}
	if c.Family == nf.FamilyBridge { // where nothing else is bridged
		t.pkt.Ether = true
	}
	if p.Link && !egress {
		t.link = p.AppendFrame(t.link[:0], nil)
		t.pkt.Link = t.link
	}
	if p.L4Known && p.Transport <= len(ip) {
		t.pkt.Transport = ip[p.Transport:]
	}
	t.event.ID, t.event.Table, t.event.Chain, t.event.Mark, t.event.Packet = p.TraceID, c.Table, c.Chain, p.Mark, &t.pkt
	if err := t.sink(&t.event); err != nil && t.err == nil {
		t.err = err
	}
}

// queueOf finds the queue that a rule names.
func queueOf(r *bytecode.Rule) uint16 {
	for _, e := range r.Exprs {
		if q, ok := e.(*bytecode.Queue); ok {
			return q.Num
		}
	}
	return 0
}
