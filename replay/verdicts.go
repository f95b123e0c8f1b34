package replay

import (
	"encoding/json"
	"io"
	"time"

	"nfvm/ct"
	"nfvm/netfilter"
	"nfvm/netio"
	"nfvm/nf"
)

// A Verdict is the JSON object that --verdicts prints for a packet.
type Verdict struct {
	Number    int       `json:"number"`
	Generated bool      `json:"generated,omitempty"`
	Time      string    `json:"time"`
	Iface     string    `json:"iface,omitempty"`
	Out       string    `json:"out,omitempty"`
	Hook      string    `json:"hook,omitempty"`
	Verdict   string    `json:"verdict"`
	Action    string    `json:"action"`
	Family    string    `json:"family,omitempty"`
	Table     string    `json:"table,omitempty"`
	Chain     string    `json:"chain,omitempty"`
	Handle    uint64    `json:"handle,omitempty"`
	Position  string    `json:"position,omitempty"`
	Rule      string    `json:"rule,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	CTState   string    `json:"ct_state"`
	CTDir     string    `json:"ct_direction,omitempty"`
	Original  *TupleOut `json:"original,omitempty"`
	Reply     *TupleOut `json:"reply,omitempty"`
	NAT       []string  `json:"nat,omitempty"`
	// Translated is the packet's own tuple behind the translation.
	Translated *TupleOut `json:"translated,omitempty"`
	Frames     int       `json:"frames,omitempty"`
}

// A TupleOut is one direction of a connection.
type TupleOut struct {
	Proto uint8  `json:"protonum"`
	Src   string `json:"src"`
	Dst   string `json:"dst"`
	Sport uint16 `json:"sport,omitempty"`
	Dport uint16 `json:"dport,omitempty"`
	ID    uint16 `json:"id,omitempty"`
	Type  uint8  `json:"type,omitempty"`
	Code  uint8  `json:"code,omitempty"`
}

// A VerdictWriter writes one JSON object a line for each packet that arrived
// and each that the host made because of it.
type VerdictWriter struct {
	enc   *json.Encoder
	namer *Namer
	queue []Verdict // of the current frame
}

// NewVerdictWriter writes to w, a line at a time.
func NewVerdictWriter(w io.Writer, n *Namer) *VerdictWriter {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &VerdictWriter{enc: enc, namer: n}
}

// Frame does nothing.
func (v *VerdictWriter) Frame(*netio.Frame, *nf.Link) {}

// Packet adds a packet; the fragments of one packet make one object.
func (v *VerdictWriter) Packet(o *netfilter.Outcome) error {
	if n := len(v.queue); n > 0 && o.Kind == netfilter.Sent {
		last := &v.queue[n-1]
		if last.Action == "sent" && last.Number == o.Number && last.Generated == o.Generated && !o.Generated {
			last.Frames = max(last.Frames, 1) + 1
			return nil
		}
	}
	v.queue = append(v.queue, v.verdict(o))
	return nil
}

// Done writes the frame's objects.
func (v *VerdictWriter) Done() error {
	for i := range v.queue {
		if err := v.enc.Encode(&v.queue[i]); err != nil {
			return err
		}
	}
	v.queue = v.queue[:0]
	return nil
}

func (v *VerdictWriter) verdict(o *netfilter.Outcome) Verdict {
	out := Verdict{
		Number: o.Number, Generated: o.Generated, Action: o.Kind.String(),
		Time:    time.Unix(0, o.Time).UTC().Format("2006-01-02T15:04:05.000000000Z"),
		Verdict: "accept", Reason: o.Reason, CTState: "invalid",
	}
	switch o.Kind {
	case netfilter.Dropped:
		if out.Verdict = "drop"; o.Decision.Rejected() {
			out.Action = "rejected"
		}
	case netfilter.Held, netfilter.Proxied:
		out.Verdict = "stolen"
	case netfilter.Sent:
		out.Out = o.Link.Name
	}
	if o.In != nil {
		out.Iface = o.In.Name
	}
	if o.Reached {
		out.Hook = o.Hook.String()
	}
	v.decision(&out, &o.Decision)
	out.connection(o)
	return out
}

func (v *VerdictWriter) decision(out *Verdict, d *netfilter.Decision) {
	if d.Chain == nil {
		return
	}
	out.Family, out.Table, out.Chain = d.Table.Family.String(), d.Table.Name, d.Chain.Name
	out.Position, out.Rule = v.namer.Position(d), v.namer.Text(d)
	if d.Rule != nil {
		out.Handle = d.Rule.Handle
	}
}

// connection describes the packet's connection and its translation.
func (out *Verdict) connection(o *netfilter.Outcome) {
	if o.CTInfo == nf.CTUntracked {
		out.CTState = "untracked"
		return
	}
	e := o.Entry
	if e == nil {
		return
	}
	out.CTState, out.CTDir = nf.CTStateName(o.CTInfo.StateBit()), o.CTInfo.Dir().String()
	out.Original, out.Reply = tupleOut(&e.Tuple[nf.DirOriginal]), tupleOut(&e.Tuple[nf.DirReply])
	if e.Status&(nf.CTStatusSrcNAT|nf.CTStatusDstNAT) != 0 {
		out.Translated = tupleOut(translated(e, o.CTInfo.Dir()))
	}
	if e.Status&nf.CTStatusSrcNAT != 0 {
		out.NAT = append(out.NAT, "snat")
	}
	if e.Status&nf.CTStatusDstNAT != 0 {
		out.NAT = append(out.NAT, "dnat")
	}
}

// translated is the tuple of a packet of this direction when translation is
// done: the inverse of the tuple that its answer comes with.
func translated(e *ct.Entry, d nf.Dir) *ct.Tuple {
	answer := e.Tuple[1-d]
	t := answer
	t.Src, t.Dst = answer.Dst, answer.Src
	if t.L4 == nf.ProtoICMP || t.L4 == nf.ProtoICMPv6 {
		t.DstID = e.Tuple[d].DstID // type and code
	} else {
		t.SrcID, t.DstID = answer.DstID, answer.SrcID
	}
	return &t
}

func tupleOut(t *ct.Tuple) *TupleOut {
	f := nf.Family(t.L3)
	out := &TupleOut{Proto: t.L4, Src: t.Src.Text(f), Dst: t.Dst.Text(f)}
	switch t.L4 {
	case nf.ProtoICMP, nf.ProtoICMPv6:
		out.ID, out.Type, out.Code = t.SrcID, t.ICMPType(), t.ICMPCode()
	default:
		out.Sport, out.Dport = t.SrcID, t.DstID
	}
	return out
}
