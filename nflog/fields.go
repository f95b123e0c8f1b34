package nflog

import "strconv"

// fields gives what is known of a packet and of the statement that it met, as
// names and values that are not empty. The names of the packet's own are those of
// the kernel's line.
func (r *Record) fields(yield func(name, value string) bool) {
	more := true
	add := func(name, value string) {
		if more && value != "" {
			more = yield(name, value)
		}
	}
	number := func(name string, n uint64) { add(name, strconv.FormatUint(n, 10)) }
	add("hook", r.Hook.String())
	add("prefix", r.Log.Prefix)
	if p := r.Place; p != nil {
		add("family", p.Family.String())
		add("table", p.Table)
		add("chain", p.Chain)
		number("rule", p.Handle)
		add("position", p.Position)
	}
	p := &r.Packet
	if p.In != nil {
		add("in", p.In.Name)
	}
	if p.Out != nil {
		add("out", p.Out.Name)
	}
	if src, dst, ok := r.addresses(); ok {
		add("src", src)
		add("dst", dst)
	}
	if p.L4Known {
		number("proto", uint64(p.Proto))
	}
	if sport, dport, ok := p.Ports(); ok {
		number("spt", uint64(sport))
		number("dpt", uint64(dport))
	}
	if p.Mark != 0 {
		number("mark", uint64(p.Mark))
	}
}
