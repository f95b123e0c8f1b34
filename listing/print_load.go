package listing

import (
	"strings"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/proto"
)

func (p *printer) ct(n *node, e *bytecode.CT) {
	p.WriteString("ct ")
	if hasDir(e) {
		p.WriteString(nf.Dir(e.Dir).String() + " ")
	}
	if n.desc != nil {
		p.WriteString(n.desc.Name + " ")
	}
	p.WriteString(keyName(proto.CTKeys, int(e.Key)))
}

// hasDir tells whether a ct key shows its direction. The kernel forgets that of
// the protocols, which are the same in both (nft_ct_get_dump).
func hasDir(e *bytecode.CT) bool {
	return e.Dir >= 0 && e.Key != bytecode.CTL3Proto && e.Key != bytecode.CTProtocol
}

// fibText is a fib expression without its result's comparison.
func fibText(n *node, e *bytecode.Fib, newer bool) string {
	var keys []string
	for _, k := range []struct {
		bit  uint32
		name string
	}{
		{bytecode.FibSaddr, "saddr"}, {bytecode.FibDaddr, "daddr"}, {bytecode.FibMark, "mark"},
		{bytecode.FibIif, "iif"}, {bytecode.FibOif, "oif"},
	} {
		if e.Flags&k.bit != 0 {
			keys = append(keys, k.name)
		}
	}
	if n.op == fibCheck || newer && e.Flags&bytecode.FibPresent != 0 {
		return "fib " + strings.Join(keys, " . ") + " " + fibCheck
	}
	result := map[uint32]string{bytecode.FibResultOif: "oif", bytecode.FibResultOifName: "oifname", bytecode.FibResultType: "type"}
	return "fib " + strings.Join(keys, " . ") + " " + result[e.Result]
}

func (p *printer) hash(n *node, e *bytecode.Hash) {
	if e.Symmetric {
		p.printf("symhash mod %d", e.Modulus)
	} else {
		p.WriteString("jhash ")
		p.expr(n.left)
		p.printf(" mod %d", e.Modulus)
		if e.HasSeed {
			p.printf(" seed 0x%x", e.Seed)
		}
	}
	if e.Offset != 0 {
		p.printf(" offset %d", e.Offset)
	}
}

func (p *printer) socket(e *bytecode.Socket) {
	names := [...]string{"transparent", "mark", "wildcard", "cgroupv2"}
	if int(e.Key) < len(names) {
		p.WriteString("socket " + names[e.Key])
	} else {
		p.WriteString("socket unknown")
	}
	if e.Key == bytecode.SocketCgroupV2 {
		p.printf(" level %d", e.Level)
	}
}

func (p *printer) osf(e *bytecode.OSF) {
	p.WriteString("osf ")
	switch e.TTL {
	case 1:
		p.WriteString("ttl loose ")
	case 2:
		p.WriteString("ttl skip ")
	}
	if e.Flags != 0 {
		p.WriteString("version")
		return
	}
	p.WriteString("name")
}

func (p *printer) xfrm(e *bytecode.Xfrm) {
	dir := "in"
	if e.Out {
		dir = "out"
	}
	p.printf("ipsec %s ", dir)
	if e.Spnum != 0 {
		p.printf("spnum %d ", e.Spnum)
	}
	names := map[uint32]string{xfrmDaddr4: "ip daddr", xfrmDaddr6: "ip6 daddr", xfrmSaddr4: "ip saddr",
		xfrmSaddr6: "ip6 saddr", xfrmReqID: "reqid", xfrmSPI: "spi"}
	p.WriteString(names[e.Key])
}
