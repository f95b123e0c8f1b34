package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/proto"
)

// regsStmt loads some values and emits an expression over their registers; a
// missing value gives register 0.
type regsStmt struct {
	at   span
	vals []expr
	make func(regs []bytecode.Reg) bytecode.Expr
}

func (s *regsStmt) write(l *lin) {
	l.begin(s.at)
	start := l.regs
	out := make([]bytecode.Reg, len(s.vals))
	for i, v := range s.vals {
		if v == nil {
			continue
		}
		d := l.regs.takeSteps(4)
		l.load(v, d)
		out[i] = d.reg()
	}
	l.regs.next = start.next
	l.emit(s.make(out))
}

// Queue flags (NFT_QUEUE_FLAG_).
var queueFlags = map[string]uint16{"bypass": 1, "fanout": 2}

func (r *rule) queue(s *lang.Queue) {
	q := bytecode.Queue{Total: 1}
	for _, f := range s.Flags {
		bit, ok := queueFlags[f.Text]
		if !ok {
			r.errorf(f.Span, "unknown queue flag %s%s", f.Text, orKnown(f.Text, keys(queueFlags)))
			return
		}
		q.Flags |= bit
	}
	if s.Num == nil {
		r.plainAt(s.Span, &q)
		return
	}
	switch x := r.argument(s.Num, queueNumber, s.Span).(type) {
	case nil:
	case *constant:
		q.Num = uint16(x.val.lo)
		if q.Flags&2 != 0 {
			r.errorf(s.Num.At(), "fanout requires a range to be specified")
			return
		}
		r.plainAt(s.Span, &q)
	case *rangeVal:
		q.Num = uint16(x.from.val.lo)
		q.Total = uint16(x.to.val.lo - x.from.val.lo + 1)
		r.plainAt(s.Span, &q)
	default:
		if q.Flags&2 != 0 {
			r.errorf(s.Num.At(), "fanout requires a range to be specified")
			return
		}
		if highest(x) > maxQueue {
			r.errorf(x.inf().at, "queue expression max value exceeds %d", maxQueue)
			return
		}
		r.stmts = append(r.stmts, &regsStmt{at: s.Span, vals: []expr{r.inOrder(x, datatype.HostEnd)}, make: func(g []bytecode.Reg) bytecode.Expr {
			return &bytecode.Queue{Flags: q.Flags, SReg: g[0]}
		}})
	}
}

// queueType is the type of queue numbers.
var queueType = &datatype.Type{Name: "queue", ID: datatype.IDInteger, Desc: "netfilter queue number", Size: 16, Byteorder: datatype.HostEnd, Base: datatype.Integer}

// queueNumber is what a queue is named by.
var queueNumber = info{typ: queueType, order: datatype.HostEnd, width: 16}

const maxQueue = 65535

// highest is the greatest value that a generated number has, 0 of other values.
func highest(e expr) uint64 {
	var modulus, offset uint32
	switch e := e.(type) {
	case *jhash:
		modulus, offset = e.mod, e.offset
	case *simpleExpr:
		switch g := e.load(0).(type) {
		case *bytecode.Numgen:
			modulus, offset = g.Modulus, g.Offset
		case *bytecode.Hash:
			modulus, offset = g.Modulus, g.Offset
		}
	}
	if modulus == 0 {
		return 0
	}
	return uint64(modulus) - 1 + uint64(offset)
}

func (r *rule) device(e lang.Expr) expr {
	if e == nil {
		return nil
	}
	return r.value(e, typeInfo(datatype.IfaceIndex), e.At())
}

func (r *rule) dup(s *lang.Dup) {
	switch r.ctx.family {
	case nf.FamilyIPv4, nf.FamilyIPv6:
		addr := r.value(s.Addr, addrInfo(r.ctx.family), s.Span)
		if addr == nil {
			return
		}
		vals := []expr{addr}
		if s.Dev != nil {
			dev := r.device(s.Dev)
			if dev == nil {
				return
			}
			vals = append(vals, dev)
		}
		r.stmts = append(r.stmts, &regsStmt{at: s.Span, vals: vals, make: func(g []bytecode.Reg) bytecode.Expr {
			d := &bytecode.Dup{Addr: g[0]}
			if len(g) > 1 {
				d.Dev = g[1]
			}
			return d
		}})
	case nf.FamilyNetdev:
		if s.Dev != nil {
			r.errorf(s.Dev.At(), "cannot specify two devices")
			return
		}
		dev := r.device(s.Addr)
		if dev == nil {
			return
		}
		r.stmts = append(r.stmts, &regsStmt{at: s.Span, vals: []expr{dev}, make: func(g []bytecode.Reg) bytecode.Expr {
			return &bytecode.Dup{Dev: g[0]}
		}})
	default:
		r.errorf(s.Span, "unsupported family")
	}
}

func (r *rule) fwd(s *lang.Fwd) {
	if r.ctx.family != nf.FamilyNetdev {
		r.errorf(s.Span, "fwd is only supported in the netdev family")
		return
	}
	dev := r.device(s.Dev)
	if dev == nil {
		return
	}
	vals := []expr{dev}
	f := nf.FamilyUnspec
	if s.Addr != nil {
		var ok bool
		if f, ok = r.familyFor("fwd", s.Family, s.Span); !ok {
			return
		}
		addr := r.value(s.Addr, addrInfo(f), s.Span)
		if addr == nil {
			return
		}
		vals = append(vals, addr)
	}
	r.stmts = append(r.stmts, &regsStmt{at: s.Span, vals: vals, make: func(g []bytecode.Reg) bytecode.Expr {
		x := &bytecode.Fwd{Dev: g[0], Family: f}
		if len(g) > 1 {
			x.Addr = g[1]
		}
		return x
	}})
}

func (r *rule) tproxy(s *lang.TProxy) {
	if !routed(r.ctx.family) {
		r.errorf(s.Span, "tproxy is only supported for IPv4/IPv6/INET")
		return
	}
	if !r.ctx.hasTransport() {
		r.errorf(s.Span, "Transparent proxy support requires transport protocol match")
		return
	}
	f, ok := r.familyFor("tproxy", s.Family, s.Span)
	if !ok {
		return
	}
	if known := r.ctx.layers[proto.Network].desc; f != nf.FamilyUnspec && r.ctx.family == nf.FamilyInet && !s.Family.Set() {
		r.errorf(s.Span, "conflicting protocols specified: %s vs. unknown. You must specify ip or ip6 family in tproxy statement", known.Name).
			Note(r.ctx.layers[proto.Network].at, "")
		return
	}
	vals := make([]expr, 2)
	if s.Addr != nil {
		if f == nf.FamilyUnspec {
			r.errorf(s.Span, "ip or ip6 must be specified with address for inet tables: write `tproxy ip to` or `tproxy ip6 to`")
			return
		}
		if vals[0] = r.single(s.Addr, addrInfo(f), s.Span, "Address"); vals[0] == nil {
			return
		}
	}
	if s.Port != nil {
		if vals[1] = r.single(s.Port, typeInfo(datatype.InetService), s.Span, "Port"); vals[1] == nil {
			return
		}
	}
	r.stmts = append(r.stmts, &regsStmt{at: s.Span, vals: vals, make: func(g []bytecode.Reg) bytecode.Expr {
		return &bytecode.TProxy{Family: f, Addr: g[0], Port: g[1]}
	}})
}

// single is value for tproxy, which takes no range.
func (r *rule) single(e lang.Expr, want info, at span, what string) expr {
	switch resolve(e).(type) {
	case *lang.Range, *lang.Prefix:
		r.errorf(e.At(), "%s ranges are not supported for tproxy.", what)
		return nil
	}
	return r.value(e, want, at)
}
