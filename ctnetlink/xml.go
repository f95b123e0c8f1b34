package ctnetlink

import (
	"fmt"

	"nfvm/nf"
)

// AppendXML appends a flow as the element that conntrack -o xml prints.
func (f *Flow) AppendXML(b []byte, s *Style) []byte {
	b = s.Kind.appendElement(b)
	b = f.appendHalfXML(b, nf.DirOriginal, OrigZone)
	b = f.appendHalfXML(b, nf.DirReply, ReplyZone)
	b = append(b, `<meta direction="independent">`...)
	if f.has(State) {
		b = fmt.Appendf(b, "<state>%s</state>", f.stateXML())
	}
	if f.has(Timeout) {
		b = fmt.Appendf(b, "<timeout>%d</timeout>", f.Timeout)
	}
	if f.has(Mark) {
		b = fmt.Appendf(b, "<mark>%d</mark>", f.Mark)
	}
	if s.LabelName != nil && f.has(Labels) {
		b = append(b, "<labels>"...)
		f.eachLabel(s, func(name string) { b = fmt.Appendf(b, "<label>%s</label>", name) })
		b = append(b, "</labels>"...)
	}
	if f.has(Secmark) {
		b = fmt.Appendf(b, "<secmark>%d</secmark>", f.Secmark)
	}
	if f.has(Zone) {
		b = fmt.Appendf(b, "<zone>%d</zone>", f.Zone)
	}
	if f.has(Use) {
		b = fmt.Appendf(b, "<use>%d</use>", f.Use)
	}
	b = fmt.Appendf(b, "<id>%d</id>", f.ID)
	if f.has(Status) && f.Status&nf.CTStatusAssured != 0 {
		b = append(b, "<assured/>"...)
	}
	if f.has(Status) && f.Status&nf.CTStatusSeenReply == 0 {
		b = append(b, "<unreplied/>"...)
	}
	b = append(f.appendTimesXML(b, s), "</meta>"...)
	b = s.appendWhen(b)
	if f.has(Helper) {
		b = fmt.Appendf(b, "<helper>%s</helper>", f.Helper)
	}
	return append(b, "</flow>"...)
}

// stateXML is the name of the state; the library looks those of SCTP up among the
// names of TCP.
func (f *Flow) stateXML() string {
	if int(f.State) < len(TCPStates) {
		return TCPStates[f.State]
	}
	return TCPStates[0]
}

// appendTimesXML appends the instants, in nanoseconds, and the age in seconds.
func (f *Flow) appendTimesXML(b []byte, s *Style) []byte {
	if !f.has(Start) {
		return b
	}
	if s.KernelTime {
		b = fmt.Appendf(b, "<timestamp><start>%d</start>", f.Start)
		if f.has(Stop) {
			b = fmt.Appendf(b, "<stop>%d</stop>", f.Stop)
		}
		b = append(b, "</timestamp>"...)
	}
	age := s.Now.Unix() - f.Start/1e9
	if f.has(Stop) {
		age = (f.Stop - f.Start) / 1e9
	}
	return fmt.Appendf(b, "<deltatime>%d</deltatime>", uint64(age))
}

// appendWhen appends the local time.
func (s *Style) appendWhen(b []byte) []byte {
	if !s.When {
		return b
	}
	t := s.Now
	return fmt.Appendf(b, "<when><hour>%d</hour><min>%02d</min><sec>%02d</sec>"+
		"<wday>%d</wday><day>%d</day><month>%d</month><year>%d</year></when>",
		t.Hour(), t.Minute(), t.Second(), t.Weekday()+1, t.Day(), t.Month(), t.Year())
}

func (k Kind) appendElement(b []byte) []byte {
	return append(b, [...]string{"<flow>", `<flow type="new">`, `<flow type="update">`, `<flow type="destroy">`}[k]...)
}

// appendHalfXML appends what belongs to one direction.
func (f *Flow) appendHalfXML(b []byte, d nf.Dir, zone Attr) []byte {
	t := &f.Tuple[d]
	direction := "original"
	if d == nf.DirReply {
		direction = "reply"
	}
	b = fmt.Appendf(b, `<meta direction="%s"><layer3 protonum="%d" protoname="%s">`, direction, t.L3, familyName(t.L3))
	b = append(t.appendAddrsXML(b), "</layer3>"...)
	b = fmt.Appendf(b, `<layer4 protonum="%d" protoname="%s">`, t.L4, protoName(t.L4))
	b = append(t.appendIDsXML(b), "</layer4>"...)
	if f.has(zone) {
		b = fmt.Appendf(b, "<zone>%d</zone>", f.Zone)
	}
	if f.has(Counters) {
		b = fmt.Appendf(b, "<counters><packets>%d</packets><bytes>%d</bytes></counters>", f.Packets[d], f.Bytes[d])
	}
	return append(b, "</meta>"...)
}

func (t *Tuple) appendAddrsXML(b []byte) []byte {
	f := nf.Family(t.L3)
	return fmt.Appendf(b, "<src>%s</src><dst>%s</dst>", t.Src.Text(f), t.Dst.Text(f))
}

// appendIDsXML appends ports or keys; there is no form for ICMP.
func (t *Tuple) appendIDsXML(b []byte) []byte {
	switch {
	case Ported(t.L4):
		return fmt.Appendf(b, "<sport>%d</sport><dport>%d</dport>", t.SrcID, t.DstID)
	case t.L4 == nf.ProtoGRE:
		return fmt.Appendf(b, "<srckey>0x%x</srckey><dstkey>0x%x</dstkey>", t.SrcID, t.DstID)
	}
	return b
}
