package ctnetlink

import (
	"strconv"
	"time"

	"nfvm/nf"
)

// A Style says how to show something.
type Style struct {
	Kind Kind
	// Layer3 shows the address family first, ID the identity, KernelTime when the
	// connection began and ended, When (in XML only) when it was told.
	Layer3, ID, KernelTime, When bool
	// LabelName, when not nil, shows labels by the names that it gives; one
	// without a name is not shown.
	LabelName func(bit int) string
	// Now is the time of telling; what it shows is in its zone.
	Now time.Time
}

// AppendText appends a flow as conntrack(8) prints it, without an end of line.
func (f *Flow) AppendText(b []byte, s *Style) []byte {
	b = s.Kind.append(b)
	o := &f.Tuple[nf.DirOriginal]
	if s.Layer3 {
		b = appendName(b, familyName(o.L3), o.L3)
	}
	b = appendName(b, protoName(o.L4), o.L4)
	if f.has(Timeout) {
		b = appendNumber(b, "", uint64(f.Timeout))
	}
	if state := StateName(o.L4, f.State); f.has(State) && state != "" {
		b = append(append(b, state...), ' ')
	}
	b = f.appendHalf(b, nf.DirOriginal, OrigZone, "zone-orig=")
	if f.has(Status) && f.Status&nf.CTStatusSeenReply == 0 {
		b = append(b, "[UNREPLIED] "...)
	}
	b = f.appendHalf(b, nf.DirReply, ReplyZone, "zone-reply=")
	if f.has(Status) {
		b = append(b, assured(f.Status)...)
	}
	for _, n := range []struct {
		attr  Attr
		label string
		value uint32
	}{{Mark, "mark=", f.Mark}, {Secmark, "secmark=", f.Secmark}, {Zone, "zone=", uint32(f.Zone)}} {
		if f.has(n.attr) {
			b = appendNumber(b, n.label, uint64(n.value))
		}
	}
	b = f.appendTimes(b, s)
	if f.has(Helper) {
		b = append(append(append(b, "helper="...), f.Helper...), ' ')
	}
	if f.has(Use) {
		b = appendNumber(b, "use=", uint64(f.Use))
	}
	if s.ID {
		b = appendNumber(b, "id=", uint64(f.ID))
	}
	if s.LabelName != nil && f.has(Labels) {
		b = f.appendLabels(b, s)
	}
	return b[:len(b)-1]
}

// assured is what tells a flow that early drop spares, or that a flowtable has.
func assured(s nf.CTStatus) string {
	switch {
	case s&nf.CTStatusOffload != 0:
		return "[OFFLOAD] "
	case s&nf.CTStatusAssured != 0:
		return "[ASSURED] "
	}
	return ""
}

// appendHalf appends what belongs to one direction: the tuple, its own zone and
// the counters.
func (f *Flow) appendHalf(b []byte, d nf.Dir, zone Attr, label string) []byte {
	b = f.Tuple[d].append(b, "")
	if f.has(zone) {
		b = appendNumber(b, label, uint64(f.Zone))
	}
	if f.has(Counters) {
		b = appendNumber(b, "packets=", f.Packets[d])
		b = appendNumber(b, "bytes=", f.Bytes[d])
	}
	return b
}

// appendTimes appends how long the flow has been there, in seconds, and when it
// began and ended.
func (f *Flow) appendTimes(b []byte, s *Style) []byte {
	if !f.has(Start) {
		return b
	}
	stop := s.Now.Unix()
	if f.Stop != 0 {
		stop = f.Stop / 1e9
	}
	b = appendNumber(b, "delta-time=", uint64(stop-f.Start/1e9))
	if !s.KernelTime {
		return b
	}
	b = s.appendTime(b, "[start=", f.Start)
	if f.has(Stop) {
		b = s.appendTime(b, "[stop=", f.Stop)
	}
	return b
}

func (s *Style) appendTime(b []byte, label string, at int64) []byte {
	t := time.Unix(0, at).In(s.Now.Location())
	return append(t.AppendFormat(append(b, label...), time.ANSIC), "] "...)
}

// appendLabels appends the names of labels, each with a comma but the last; if
// none has one, what remains is "labels".
func (f *Flow) appendLabels(b []byte, s *Style) []byte {
	b = append(b, "labels="...)
	f.eachLabel(s, func(name string) { b = append(append(b, name...), ',') })
	return append(b[:len(b)-1], ' ')
}

func (f *Flow) eachLabel(s *Style, do func(name string)) {
	for bit := range 8 * len(f.Labels) {
		if f.Labels[bit/8]>>(bit%8)&1 == 0 {
			continue
		}
		if name := s.LabelName(bit); name != "" {
			do(name)
		}
	}
}

// append appends a tuple, with something before the names of its addresses.
func (t *Tuple) append(b []byte, label string) []byte {
	f := nf.Family(t.L3)
	b = append(append(append(append(b, label...), "src="...), t.Src.Text(f)...), ' ')
	b = append(append(append(append(b, label...), "dst="...), t.Dst.Text(f)...), ' ')
	return t.appendIDs(b)
}

// appendIDs appends what a protocol has beside addresses.
func (t *Tuple) appendIDs(b []byte) []byte {
	switch {
	case Ported(t.L4):
		b = appendNumber(b, "sport=", uint64(t.SrcID))
		b = appendNumber(b, "dport=", uint64(t.DstID))
	case t.L4 == nf.ProtoGRE:
		b = strconv.AppendUint(append(b, "srckey=0x"...), uint64(t.SrcID), 16)
		b = strconv.AppendUint(append(b, " dstkey=0x"...), uint64(t.DstID), 16)
		b = append(b, ' ')
	case t.L4 == nf.ProtoICMP, t.L4 == nf.ProtoICMPv6:
		b = appendNumber(b, "type=", uint64(t.DstID>>8))
		b = appendNumber(b, "code=", uint64(uint8(t.DstID)))
		b = appendNumber(b, "id=", uint64(t.SrcID))
	}
	return b
}

// String gives the tuple as conntrack(8) prints it.
func (t Tuple) String() string {
	b := t.append(nil, "")
	return string(b[:len(b)-1])
}

// append appends the tag of a kind in nine columns.
func (k Kind) append(b []byte) []byte {
	if k == None {
		return b
	}
	const width = 9
	tag := k.String()
	for range width - len(tag) {
		b = append(b, ' ')
	}
	return append(append(b, tag...), ' ')
}

// appendName appends a name padded to eight columns, and a number.
func appendName(b []byte, name string, number uint8) []byte {
	const width = 8
	b = append(b, name...)
	for range width - len(name) {
		b = append(b, ' ')
	}
	return appendNumber(append(b, ' '), "", uint64(number))
}

// appendNumber appends a labeled number and a blank.
func appendNumber(b []byte, label string, n uint64) []byte {
	return append(strconv.AppendUint(append(b, label...), n, 10), ' ')
}
