package listing

import (
	"fmt"
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
)

func (p *printer) last(e *bytecode.Last) {
	p.WriteString("last")
	if p.opt.Stateless {
		return
	}
	if !e.Set {
		p.WriteString(" used never")
		return
	}
	p.WriteString(" used " + p.duration(e.Msec))
}

func synproxyText(e *bytecode.Synproxy, sep string) string {
	s := ""
	if e.Flags&(synproxyMSS|synproxyWscale) != 0 {
		s += fmt.Sprintf("%smss %d%swscale %d", sep, e.MSS, sep, e.Wscale)
	}
	if options := synproxyOptions(e); len(options) > 0 {
		s += sep + strings.Join(options, " ")
	}
	return s
}

// Flags of synproxy (linux/netfilter/nf_synproxy.h, NF_SYNPROXY_OPT_).
const (
	synproxyMSS       = 1
	synproxyWscale    = 2
	synproxySackPerm  = 4
	synproxyTimestamp = 8
)

func synproxyOptions(e *bytecode.Synproxy) (words []string) {
	if e.Flags&synproxyTimestamp != 0 {
		words = append(words, "timestamp")
	}
	if e.Flags&synproxySackPerm != 0 {
		words = append(words, "sack-perm")
	}
	return words
}

// Queue flags (linux/netfilter/nf_tables.h, NFT_QUEUE_FLAG_).
const (
	queueBypass = 1
	queueFanout = 2
)

func (p *printer) queue(s *stmt, e *bytecode.Queue) {
	p.WriteString("queue")
	switch e.Flags & (queueBypass | queueFanout) {
	case queueBypass:
		p.WriteString(" flags bypass")
	case queueFanout:
		p.WriteString(" flags fanout")
	case queueBypass | queueFanout:
		p.WriteString(" flags bypass,fanout")
	}
	p.WriteString(" to ")
	if s.left != nil {
		p.expr(s.left)
		return
	}
	p.printf("%d", e.Num)
	if e.Total > 1 {
		p.printf("-%d", uint32(e.Num)+uint32(e.Total)-1)
	}
}

func (p *printer) fwd(s *stmt, e *bytecode.Fwd) {
	p.WriteString("fwd ")
	if s.parts[1] != nil {
		p.WriteString(e.Family.String() + " to ")
		p.expr(s.parts[1])
		p.WriteString(" device ")
	} else {
		p.WriteString("to ")
	}
	p.expr(s.parts[0])
}

func (p *printer) dynset(s *stmt) {
	e := s.src.(*bytecode.Dynset)
	set := s.parts[0].set
	if isMeter(set) && !p.opt.Newer {
		p.printf("meter %s size %d { ", set.Name, set.Size)
	} else {
		p.printf("%s @%s { ", e.Op, set.Name)
	}
	p.expr(s.left)
	if e.Timeout != 0 {
		p.WriteString(" timeout " + p.duration(e.Timeout))
	}
	for _, x := range dynsetExprs(e, set) {
		p.WriteByte(' ')
		p.stateless(x)
	}
	if s.right != nil {
		p.WriteString(" : ")
		p.expr(s.right)
	}
	p.WriteString(" }")
}

// isMeter tells the set behind a meter statement.
func isMeter(s *bytecode.Set) bool {
	const flags = bytecode.SetAnonymous | bytecode.SetEval
	return s.Flags&flags == flags
}

// dynsetExprs are the expressions that a listing shows in the statement: none
// where the set itself declares what its elements carry, as the kernel reports
// them (nft_dynset_dump).
func dynsetExprs(e *bytecode.Dynset, set *bytecode.Set) []bytecode.Expr {
	if len(set.Exprs) > 0 {
		return nil
	}
	return e.Exprs
}

var objectWords = map[bytecode.ObjectType]string{
	bytecode.ObjectCounter: "counter name ", bytecode.ObjectQuota: "quota name ", bytecode.ObjectLimit: "limit name ",
	bytecode.ObjectCTHelper: "ct helper set ", bytecode.ObjectCTTimeout: "ct timeout set ",
	bytecode.ObjectCTExpect: "ct expectation set ", bytecode.ObjectSynproxy: "synproxy name ",
	bytecode.ObjectSecmark: "meta secmark set ",
}

func (p *printer) objref(s *stmt) {
	e := s.src.(*bytecode.Objref)
	if s.left != nil {
		p.WriteString(objectWords[s.left.set.ObjectType])
		p.expr(s.left)
		return
	}
	p.WriteString(objectWords[e.Type])
	p.WriteString(`"` + e.Object + `"`)
}

// nat prints snat, dnat, masquerade, redirect and tproxy.
func (p *printer) nat(s *stmt) {
	var flags uint32
	var family nf.Family
	switch e := s.src.(type) {
	case *bytecode.NAT:
		p.WriteString(e.Type.String())
		flags, family = e.Flags, e.Family
		// An address that comes from a map with ports is a pair.
	case *bytecode.Masq:
		p.WriteString("masquerade")
		flags = e.Flags
	case *bytecode.Redir:
		p.WriteString("redirect")
		flags = e.Flags
	case *bytecode.TProxy:
		p.WriteString("tproxy")
		family = e.Family
	}
	p.natTarget(s, flags, family)
	p.WriteString(natFlags(flags))
}

func (p *printer) natTarget(s *stmt, flags uint32, family nf.Family) {
	addr, addrMax, port, portMax := s.parts[0], s.parts[1], s.parts[2], s.parts[3]
	if addr == nil && port == nil {
		return
	}
	mapped := addr != nil && addr.kind == kindMap
	pair := mapped && len(typeByID(addr.set.DataType).Fields) == 2
	said := p.table.Family == nf.FamilyInet || mapped && (pair || addr.set.DataInterval)
	if said && family != nf.FamilyUnspec && family != nf.FamilyInet {
		p.WriteString(" " + family.String())
	}
	prefix := flags&bytecode.NATNetmap != 0
	switch {
	case pair:
		port = nil
	case prefix:
		p.WriteString(" prefix")
	}
	p.WriteString(" to ")
	if addr != nil {
		p.natAddr(addr, addrMax, port != nil || s.kind == stmtTProxy)
	}
	if port != nil {
		p.WriteByte(':')
		if portMax != nil && portMax.kind == kindValue {
			p.rangeOf(&node{left: port, right: portMax})
		} else {
			p.expr(port)
		}
	}
}

func (p *printer) natAddr(lo, hi *node, port bool) {
	bracket := func(n *node) {
		if port && n.typ == datatype.IPv6Addr && n.kind == kindValue {
			p.WriteByte('[')
			p.expr(n)
			p.WriteByte(']')
			return
		}
		p.expr(n)
	}
	if hi != nil && lo.kind == kindValue && hi.kind == kindValue {
		if bits, ok := rangePrefix(lo.big(), hi.big(), lo.bits); ok {
			p.expr(lo)
			p.printf("/%d", bits)
			return
		}
		bracket(lo)
		p.WriteByte('-')
		bracket(hi)
		return
	}
	bracket(lo)
}

func natFlags(f uint32) string {
	s, sep := "", " "
	for _, x := range []struct {
		bit  uint32
		name string
	}{
		{bytecode.NATProtoRandom, "random"}, {bytecode.NATProtoRandomFully, "fully-random"},
		{bytecode.NATPersistent, "persistent"},
	} {
		if f&x.bit != 0 {
			s += sep + x.name
			sep = ","
		}
	}
	return s
}
