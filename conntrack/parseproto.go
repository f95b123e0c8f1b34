package conntrack

import (
	"strconv"
	"strings"

	"nfvm/ctnetlink"
	"nfvm/nf"
)

// setProtocol takes the protocol, whose options are known from here on.
func (p *parser) setProtocol(arg string) error {
	p.options |= optProto
	number, ok := findProtocol(arg)
	if !ok {
		return usageError("`%s' unsupported protocol", arg)
	}
	p.proto, p.protocol = number, protocolOf(number)
	p.template.setTuple(nf.DirOriginal, attrL4, func(t *ctnetlink.Tuple) { t.L4 = number })
	if p.protocol == nil {
		return nil
	}
	for _, o := range p.protocol.opts {
		id := firstProtoID + len(p.ids)
		for i, other := range p.ids { // two names of one option are one to the scanner
			if other.field == o.field && other.bit == o.bit && i >= len(p.ids)-len(p.protocol.opts) {
				id = firstProtoID + i
				break
			}
		}
		p.ids = append(p.ids, o)
		p.scan.long = append(p.scan.long[:len(p.scan.long):len(p.scan.long)], longOption{o.name, required, id})
	}
	return nil
}

// findProtocol finds a protocol by the tool's name, that of the system, or number.
func findProtocol(name string) (uint8, bool) {
	for _, p := range protocols {
		if strings.EqualFold(p.name, name) {
			return p.number, true
		}
	}
	if n, ok := systemProtocols[name]; ok {
		return n, true
	}
	const most = 255 // IPPROTO_RAW
	n, rest := readNumber(name)
	return uint8(n), name != "" && digitOf(name[0]) < 10 && rest == "" && n <= most
}

// systemProtocols are names of /etc/protocols that the tool has no options for
// (IANA, Assigned Internet Protocol Numbers).
var systemProtocols = map[string]uint8{
	"ip": 0, "igmp": 2, "ggp": 3, "ipencap": 4, "st": 5, "egp": 8, "igp": 9, "pup": 12, "hmp": 20,
	"xns-idp": 22, "rdp": 27, "iso-tp4": 29, "xtp": 36, "ddp": 37, "idpr-cmtp": 38, "ipv6": 41,
	"ipv6-route": 43, "ipv6-frag": 44, "idrp": 45, "rsvp": 46, "esp": 50, "ah": 51, "skip": 57,
	"ipv6-icmp": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "rspf": 73, "vmtp": 81, "eigrp": 88, "ospf": 89,
	"ax.25": 93, "ipip": 94, "etherip": 97, "encap": 98, "pim": 103, "ipcomp": 108, "vrrp": 112,
	"l2tp": 115, "isis": 124, "fc": 133, "mobility-header": 135, "mpls-in-ip": 137, "hip": 139,
	"shim6": 140, "wesp": 141, "rohc": 142,
}

// protocolOption takes an option of the protocol.
func (p *parser) protocolOption(o *protoOption, arg string) error {
	t := &p.template
	p.protoSet |= 1 << o.bit
	switch o.field {
	case fieldICMPType:
		p.icmp(attrICMPType)
		t.icmpType = uint8(readInt(arg))
	case fieldICMPCode:
		p.icmp(attrICMPCode)
		t.icmpCode = uint8(readInt(arg))
	case fieldICMPID:
		p.icmp(attrICMPID)
		t.icmpID = uint16(readInt(arg))
	case fieldState:
		return p.setState(arg)
	case fieldTagOrig, fieldTagReply:
		t.set |= attrTags
		t.tags[o.field-fieldTagOrig] = uint32(readInt(arg))
	case fieldRole:
		if !begins(arg, "client") && !begins(arg, "server") {
			return usageError("Unknown DCCP role `%s'", arg)
		}
	default:
		p.setPort(o.field, arg)
	}
	return nil
}

func (p *parser) icmp(a attr) {
	t := &p.template
	t.set |= a
	if t.has(attrReplyL3) {
		t.setTuple(nf.DirReply, attrL4, func(t *ctnetlink.Tuple) { t.L4 = p.proto })
	}
}

// setPort takes a port, or a key of GRE.
func (p *parser) setPort(f field, arg string) {
	port := uint16(readInt(arg))
	if p.proto == nf.ProtoGRE {
		n, _ := readNumber(arg)
		port = uint16(n)
	}
	t, l4 := &p.template, p.proto
	switch f {
	case fieldOrigSrc:
		t.setTuple(nf.DirOriginal, attrSrcPort|attrL4, func(t *ctnetlink.Tuple) { t.SrcID, t.L4 = port, l4 })
	case fieldOrigDst:
		t.setTuple(nf.DirOriginal, attrDstPort|attrL4, func(t *ctnetlink.Tuple) { t.DstID, t.L4 = port, l4 })
	case fieldReplySrc:
		t.setTuple(nf.DirReply, attrSrcPort|attrL4, func(t *ctnetlink.Tuple) { t.SrcID, t.L4 = port, l4 })
	case fieldReplyDst:
		t.setTuple(nf.DirReply, attrDstPort|attrL4, func(t *ctnetlink.Tuple) { t.DstID, t.L4 = port, l4 })
	case fieldMaskSrc:
		t.expectMask.SrcID, t.expectMask.L4 = port, l4
	case fieldMaskDst:
		t.expectMask.DstID, t.expectMask.L4 = port, l4
	case fieldTupleSrc:
		t.expected.SrcID, t.expected.L4 = port, expectedL4(l4, port)
	case fieldTupleDst:
		t.expected.DstID, t.expected.L4 = port, expectedL4(l4, port)
	}
}

// expectedL4 is the protocol of an expected flow: for those with states, the tool
// takes it from the port by mistake.
func expectedL4(l4 uint8, port uint16) uint8 {
	if protocolOf(l4).states() != nil {
		return uint8(port >> 8)
	}
	return l4
}

func (p *parser) setState(arg string) error {
	t := &p.template
	for i, name := range p.protocol.states() {
		if name == arg {
			t.set, t.state = t.set|attrState, uint8(i)
			return nil
		}
	}
	if p.proto == nf.ProtoTCP && arg == "LISTEN" { // the old name of SYN_SENT2
		t.set, t.state = t.set|attrState, uint8(len(ctnetlink.TCPStates)-1)
		return nil
	}
	unknown := "unknown"
	if p.proto == nf.ProtoDCCP {
		unknown = "Unknown"
	}
	return usageError("%s %s state `%s'", unknown, strings.ToUpper(p.protocol.name), arg)
}

// addressDirs says which half an address belongs to.
var addressDirs = map[int]struct {
	dir  nf.Dir
	attr attr
}{
	's': {nf.DirOriginal, attrSrc}, 'd': {nf.DirOriginal, attrDst},
	'r': {nf.DirReply, attrSrc}, 'q': {nf.DirReply, attrDst},
}

// address takes an address, with the length of its prefix where one may be.
func (p *parser) address(id int, arg string) error {
	text, length := splitPrefix(arg)
	a, ok := readAddress(text)
	if !ok {
		return usageError("Invalid IP address `%s'", arg)
	}
	if err := p.setFamily(a.family); err != nil {
		return err
	}
	bits := 32
	if a.family == nf.FamilyIPv6 {
		bits = 128
	}
	maskOf := map[int]uint32{'s': optMaskSrc, '[': optMaskSrc, 'd': optMaskDst, ']': optMaskDst}[id]
	switch {
	case length != -1 && maskOf == 0:
		return usageError("CIDR notation unavailable for `--%s'", longName(id))
	case length == -2 || length > bits:
		return usageError("Invalid netmask")
	}
	p.setAddress(id, a)
	if maskOf != 0 && length != -1 && length != bits {
		p.options |= maskOf
		i := 0
		if maskOf == optMaskDst {
			i = 1
		}
		p.template.mask[i] = netmask(length)
		p.setMask()
	}
	return nil
}

func (p *parser) setAddress(id int, a address) {
	t := &p.template
	if at, ok := addressDirs[id]; ok {
		t.setTuple(at.dir, at.attr|attrL3, func(t *ctnetlink.Tuple) {
			t.L3 = uint8(a.family)
			if at.attr == attrSrc {
				t.Src = a.addr
			} else {
				t.Dst = a.addr
			}
		})
		return
	}
	t.expected.L3 = uint8(p.family)
	switch id {
	case '[':
		t.expected.Src = a.addr
	case ']':
		t.expected.Dst = a.addr
	case '{':
		t.mask[0] = a.addr
		p.setMask()
	case '}':
		t.mask[1] = a.addr
		p.setMask()
	}
}

// setMask keeps the mask of an expectation in step.
func (p *parser) setMask() {
	t := &p.template
	t.expectMask.Src, t.expectMask.Dst, t.expectMask.L3 = t.mask[0], t.mask[1], uint8(p.family)
}

// nat takes a translation, with the address and port that may be behind it.
func (p *parser) nat(id int) error {
	arg, ok := p.scan.word()
	if !ok {
		return nil
	}
	addr, port, err := splitPort(arg)
	if err != nil {
		return err
	}
	text, length := splitPrefix(addr)
	a, ok := readAddress(text)
	if !ok {
		return usageError("Invalid IP address `%s'", addr)
	}
	if err := p.setFamily(a.family); err != nil {
		return err
	}
	if length != -1 {
		return usageError("CIDR notation unavailable for `--%s'", longName(id))
	}
	t := &p.template
	number, _ := strconv.ParseUint(port, 10, 16)
	if id == 'j' {
		t.set |= attrNever // the tool takes the address for a source as well
	} else {
		t.setTuple(nf.DirOriginal, attrL3, func(t *ctnetlink.Tuple) { t.L3 = uint8(a.family) })
	}
	if id != 'g' {
		t.bind(&t.snat, a, port != "", uint16(number), attrSNATAddr)
	}
	if id != 'n' {
		t.bind(&t.dnat, a, port != "", uint16(number), attrDNATAddr)
	}
	return nil
}

// bind fills a binding, whose address has the attribute of, and its port the next.
func (t *template) bind(b *binding, a address, hasPort bool, port uint16, of attr) {
	b.addr = a.addr
	switch {
	case a.family == nf.FamilyIPv4:
		t.set |= of
	case of == attrSNATAddr:
		t.set |= attrSNAT6
	default:
		t.set |= attrDNAT6
	}
	if hasPort {
		b.port = port
		t.set |= of << 1
	}
}
