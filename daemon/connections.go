//go:build linux

package daemon

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"nfvm/ct"
	"nfvm/netfilter"
	"nfvm/nf"
	"nfvm/packet"
)

// chunk is how many connections are looked at while packets wait.
const chunk = 256

// walk calls visit for each connection, in the order of their creation, while no
// packet is in the engine, and rest between every few of them while packets flow.
// What begins meanwhile is left out.
func (d *Daemon) walk(visit func(*ct.Table, *ct.Entry), rest func() error) error {
	var ids []uint32
	d.firewall.Do(func(e *netfilter.Engine) {
		ids = make([]uint32, 0, e.Conntrack().Count())
		e.Conntrack().ForEach(func(c *ct.Entry) bool {
			if c.Status&nf.CTStatusNATClash == 0 {
				ids = append(ids, c.ID)
			}
			return true
		})
	})
	for len(ids) > 0 {
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		d.firewall.Do(func(e *netfilter.Engine) {
			t := e.Conntrack()
			for _, id := range some {
				if c := t.Entry(id); c != nil && !c.Dying() {
					visit(t, c)
				}
			}
		})
		if err := rest(); err != nil {
			return err
		}
	}
	return nil
}

// compile makes a test of a filter.
func (f *Filter) compile() (func(*ct.Entry) bool, error) {
	var tests []func(*ct.Entry) bool
	add := func(test func(*ct.Entry) bool) { tests = append(tests, test) }
	for _, a := range []struct {
		text string
		of   func(*ct.Entry) packet.Addr
	}{
		{f.Src, func(e *ct.Entry) packet.Addr { return e.Tuple[nf.DirOriginal].Src }},
		{f.Dst, func(e *ct.Entry) packet.Addr { return e.Tuple[nf.DirOriginal].Dst }},
		{f.ReplySrc, func(e *ct.Entry) packet.Addr { return e.Tuple[nf.DirReply].Src }},
		{f.ReplyDst, func(e *ct.Entry) packet.Addr { return e.Tuple[nf.DirReply].Dst }},
	} {
		if a.text == "" {
			continue
		}
		prefix, err := parsePrefix(a.text)
		if err != nil {
			return nil, err
		}
		add(func(e *ct.Entry) bool { return prefix.Contains(a.of(e).Netip(nf.Family(e.Tuple[0].L3))) })
	}
	if err := f.compileRest(add); err != nil {
		return nil, err
	}
	return func(e *ct.Entry) bool {
		for _, test := range tests {
			if !test(e) {
				return false
			}
		}
		return true
	}, nil
}

func (f *Filter) compileRest(add func(func(*ct.Entry) bool)) error {
	switch f.Family {
	case "":
	case "ipv4", "ipv6":
		family := nf.FamilyIPv4
		if f.Family == "ipv6" {
			family = nf.FamilyIPv6
		}
		add(func(e *ct.Entry) bool { return e.Tuple[0].L3 == uint8(family) })
	default:
		return fmt.Errorf("unknown family %q: want ipv4 or ipv6", f.Family)
	}
	if f.Proto != "" {
		proto, ok := ct.ProtoNumber(f.Proto)
		if !ok {
			return fmt.Errorf("unknown protocol %q", f.Proto)
		}
		add(func(e *ct.Entry) bool { return e.L4() == proto })
	}
	if f.Sport != 0 {
		add(func(e *ct.Entry) bool { return ported(e) && e.Tuple[nf.DirOriginal].SrcID == f.Sport })
	}
	if f.Dport != 0 {
		add(func(e *ct.Entry) bool { return ported(e) && e.Tuple[nf.DirOriginal].DstID == f.Dport })
	}
	if f.State != "" {
		state := strings.ToUpper(f.State)
		if !ct.KnownState(state) {
			return fmt.Errorf("unknown state %q", f.State)
		}
		add(func(e *ct.Entry) bool { return e.StateName() == state })
	}
	if f.Mark != nil {
		mask := ^uint32(0)
		if f.MarkMask != nil {
			mask = *f.MarkMask
		}
		add(func(e *ct.Entry) bool { return e.Mark&mask == *f.Mark })
	}
	return nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a prefix", s)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// ported tells that the protocol has ports.
func ported(e *ct.Entry) bool {
	switch e.L4() {
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP, nf.ProtoDCCP:
		return true
	}
	return false
}

// connections sends the connections that a filter picks, as conntrack -L -o
// extended prints them, some in each event.
func (d *Daemon) connections(ctx context.Context, p ConnectionsParams, send sender) (Count, error) {
	picks, err := p.compile()
	if err != nil {
		return Count{}, err
	}
	var lines []byte
	var n Count
	err = d.walk(func(t *ct.Table, e *ct.Entry) {
		if !picks(e) {
			return
		}
		n.Count++
		if !p.Quiet {
			lines = append(t.AppendEntry(lines, e, t.Now()), '\n')
		}
		if p.Delete {
			t.Kill(e.ID)
		}
	}, func() error {
		if len(lines) == 0 {
			return ctx.Err()
		}
		text := string(lines)
		lines = lines[:0]
		return send(Text{Text: text})
	})
	return n, err
}

func (d *Daemon) count(context.Context, nothing, sender) (n Count, _ error) {
	d.firewall.Do(func(e *netfilter.Engine) { n.Count = e.Conntrack().Count() })
	return n, nil
}
