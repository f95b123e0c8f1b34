package ctnetlink

import "fmt"

// expectFlags are the names of an expectation's flags.
var expectFlags = []struct {
	flag      uint32
	text, xml string
}{
	{ExpectPermanent, "PERMANENT", "<permanent/>"},
	{ExpectInactive, "INACTIVE", "<inactive/>"},
	{ExpectUserspace, "USERSPACE", "<userspace/>"},
}

// AppendText appends an expectation as conntrack(8) prints it, without an end of
// line.
func (x *Expect) AppendText(b []byte, s *Style) []byte {
	b = s.Kind.append(b)
	if x.Has&Timeout != 0 {
		b = appendNumber(b, "", uint64(x.Timeout))
	}
	b = appendNumber(b, "proto=", uint64(x.Tuple.L4))
	b = x.Tuple.append(b, "")
	b = x.Mask.append(b, "mask-")
	b = x.Master.append(b, "master-")
	if x.Has&ExpectZone != 0 {
		b = appendNumber(b, "zone=", uint64(x.Zone))
	}
	comma := ""
	for _, f := range expectFlags {
		if x.Flags&f.flag != 0 {
			b = append(append(b, comma...), f.text...)
			comma = ","
		}
	}
	if x.Flags != 0 {
		b = append(b, ' ')
	}
	if x.Has&Class != 0 {
		b = appendNumber(b, "class=", uint64(x.Class))
	}
	if x.Has&Helper != 0 {
		b = append(append(b, "helper="...), x.Helper...)
	}
	if b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// AppendXML appends an expectation as the element that conntrack -o xml prints.
func (x *Expect) AppendXML(b []byte, s *Style) []byte {
	b = s.Kind.appendElement(b)
	tuples := []struct {
		name  string
		tuple *Tuple
	}{{"expected", &x.Tuple}, {"mask", &x.Mask}, {"master", &x.Master}}
	b = fmt.Appendf(b, `<layer3 protonum="%d" protoname="%s">`, x.Tuple.L3, familyName(x.Tuple.L3))
	for _, t := range tuples {
		b = fmt.Appendf(b, "<%s>%s</%s>", t.name, t.tuple.appendAddrsXML(nil), t.name)
	}
	b = fmt.Appendf(b, `</layer3><layer4 protonum="%d" protoname="%s">`, x.Tuple.L4, protoName(x.Tuple.L4))
	for _, t := range tuples {
		b = fmt.Appendf(b, "<%s>%s</%s>", t.name, t.tuple.appendIDsXML(nil), t.name)
	}
	b = append(b, "</layer4><meta>"...)
	if x.Has&Helper != 0 {
		b = fmt.Appendf(b, "<helper-name>%s</helper-name>", x.Helper)
	}
	if x.Has&Timeout != 0 {
		b = fmt.Appendf(b, "<timeout>%d</timeout>", x.Timeout)
	}
	if x.Has&Class != 0 {
		b = fmt.Appendf(b, "<class>%d</class>", x.Class)
	}
	if x.Has&ExpectZone != 0 {
		b = fmt.Appendf(b, "<zone>%d</zone>", x.Zone)
	}
	b = s.appendWhen(b)
	for _, f := range expectFlags {
		if x.Flags&f.flag != 0 {
			b = append(b, f.xml...)
		}
	}
	return append(b, "</meta></flow>"...)
}
