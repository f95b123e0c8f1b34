package iptables

import (
	"fmt"
	"slices"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

// countMatches keep a number for each address: of connections, or of packets in
// time. The numbers are elements of a set that packets fill.
var countMatches = []extension{
	{name: "connlimit", opts: []option{
		{name: "connlimit-upto", args: 1, negate: true}, {name: "connlimit-above", args: 1, negate: true},
		{name: "connlimit-mask", args: 1}, {name: "connlimit-saddr"}, {name: "connlimit-daddr"},
	}, lower: lowerConnlimit},
	{name: "hashlimit", opts: []option{
		{name: "hashlimit-upto", aliases: []string{"hashlimit"}, args: 1, negate: true}, {name: "hashlimit-above", args: 1, negate: true},
		{name: "hashlimit-burst", args: 1}, {name: "hashlimit-mode", args: 1},
		{name: "hashlimit-srcmask", args: 1}, {name: "hashlimit-dstmask", args: 1}, {name: "hashlimit-name", args: 1, needed: true},
		{name: "hashlimit-htable-size", args: 1}, {name: "hashlimit-htable-max", args: 1},
		{name: "hashlimit-htable-expire", args: 1}, {name: "hashlimit-htable-gcinterval", args: 1},
		{name: "hashlimit-rate-match"}, {name: "hashlimit-rate-interval", args: 1},
	}, lower: lowerHashlimit},
	{name: "nfacct", opts: []option{{name: "nfacct-name", args: 1, needed: true, lower: lowerNfacct}}},
}

// lowerNfacct counts in a named counter: an accounting object without a quota,
// which every packet matches.
func lowerNfacct(r *lowering, g *given) {
	name := g.args[0].text
	if name == "" || len(name) > 31 {
		r.errorf(g.args[0].span, "an accounting object's name has 1 to 31 characters")
		return
	}
	if !slices.ContainsFunc(r.cur.objects, func(o *lang.Object) bool { return o.Name.Text == name }) {
		r.cur.objects = append(r.cur.objects, &lang.Object{Pos: r.pos(), Kind: "counter", Name: r.word(name), Counter: &lang.Counter{Pos: r.pos()}})
	}
	r.emit(&lang.ObjRef{Pos: r.pos(), Kind: "counter", Ref: r.str(name)})
}

// addressKey is an address of the packet under a mask, as part of a set's key.
func (l *lowering) addressKey(field string, prefix int) lang.Expr {
	x := l.field(l.ip(), field)
	if prefix == l.addrBits() {
		return x
	}
	return l.binary(lang.OpAnd, x, l.addr(prefixMask(l.addrBits()/8, prefix)))
}

func (l *lowering) addrBits() int {
	if l.family == nf.FamilyIPv6 {
		return 128
	}
	return 32
}

// addrType is nft's name for the type of an address.
func (l *lowering) addrType() string {
	if l.family == nf.FamilyIPv6 {
		return "ipv6_addr"
	}
	return "ipv4_addr"
}

// prefixOption reads a mask's length, written as such or as a mask; all bits
// without the option. It is -1 where the mask is no prefix.
func (l *lowering) prefixOption(x *use, name string) (int, bool) {
	g := x.option(name)
	if g == nil {
		return l.addrBits(), true
	}
	mask, ok := l.parseMask(g.args[0])
	n, prefix := (&addrArg{mask: mask}).prefix()
	if !prefix {
		n = -1
	}
	return n, ok
}

// hashPrefix is prefixOption for hashlimit, whose masks are prefixes.
func (l *lowering) hashPrefix(x *use, name string) (int, bool) {
	n, ok := l.prefixOption(x, name)
	if ok && n < 0 {
		g := x.option(name)
		l.errorf(g.args[0].span, "%q is no mask of leading ones", g.args[0].text)
	}
	return n, ok && n >= 0
}

// declare adds a set that packets fill to the table.
func (l *lowering) declare(name string, types []string, flags ...string) {
	s := &lang.Set{Pos: l.pos(), Kind: "set", Name: l.word(name), Key: &lang.TypeSpec{Pos: l.pos()}, FlagsSpan: l.at}
	for _, t := range types {
		s.Key.Types = append(s.Key.Types, l.word(t))
	}
	for _, f := range flags {
		s.Flags = append(s.Flags, l.word(f))
	}
	l.cur.sets = append(l.cur.sets, s)
}

func lowerConnlimit(r *lowering, x *use) {
	upto, above := x.option("connlimit-upto"), x.option("connlimit-above")
	if (upto == nil) == (above == nil) {
		r.lacks(x, x.at.span, "connlimit needs --connlimit-upto or --connlimit-above")
		return
	}
	g := above
	if g == nil {
		g = upto
	}
	n, ok1 := r.number(g.args[0], 0, 0xffffffff)
	prefix, ok2 := r.prefixOption(x, "connlimit-mask")
	if prefix < 0 { // which iptables takes for a whole address
		prefix = r.addrBits()
	}
	if x.has("connlimit-saddr") && x.has("connlimit-daddr") {
		r.lacks(x, x.at.span, "--connlimit-saddr and --connlimit-daddr exclude each other")
		return
	}
	if !ok1 || !ok2 {
		return
	}
	field := "saddr"
	if x.has("connlimit-daddr") {
		field = "daddr"
	}
	name := fmt.Sprintf("connlimit%d", len(r.cur.sets))
	r.declare(name, []string{r.addrType()}, "dynamic")
	r.emit(&lang.SetUpdate{Pos: r.pos(), Op: lang.UpdateAdd, Set: &lang.SetRef{Pos: r.pos(), Name: name},
		Elem:  lang.Elem{Pos: r.pos(), Key: r.addressKey(field, prefix)},
		Stmts: []lang.Stmt{&lang.ConnCount{Pos: r.pos(), Over: (g == above) != g.negated(), Count: r.num(n)}}})
}

// hashlimitBurst is the burst of hashlimit without the option.
const hashlimitBurst = 5

// hashlimitMostBurst is the largest (XT_HASHLIMIT_BURST_MAX), hashScale the unit of
// its rates, a millionth of a second (XT_HASHLIMIT_SCALE_v2).
const (
	hashlimitMostBurst = 1000000
	hashScale          = 1000000
)

func lowerHashlimit(r *lowering, x *use) {
	upto, above := x.option("hashlimit-upto"), x.option("hashlimit-above")
	if (upto == nil) == (above == nil) {
		r.lacks(x, x.at.span, "hashlimit needs --hashlimit-upto or --hashlimit-above")
		return
	}
	g := above
	if g == nil {
		g = upto
	}
	if !r.hashTable(x) {
		return
	}
	if n, ok := byteRate(g.args[0].text); ok {
		r.limitBytes(x, n, (g == above) != g.negated())
		return
	}
	rate, ok := r.rate(g.args[0], hashScale)
	if !ok {
		return
	}
	over, burst := (g == above) != g.negated(), uint64(hashlimitBurst)
	if b := x.option("hashlimit-burst"); b != nil {
		if burst, ok = r.hashBurst(b.args[0]); !ok {
			return
		}
		if burst > hashlimitMostBurst {
			r.errorf(b.args[0].span, "a burst is 1 to %d packets", hashlimitMostBurst)
			return
		}
	}
	interval := hashScale * rate.unit / rate.count
	if x.has("hashlimit-rate-match") { // which has an interval of its own
		interval = max(interval/rate.unit, 1)
	}
	cost, full := xt.HashCredits(interval), xt.HashCredits(interval*burst)
	if full < cost {
		r.errorf(x.at.span, "the bucket is too large for the rate: lower --hashlimit-burst, which is %d unless given", hashlimitBurst)
		return
	}
	expire := rate.unit * 1000
	if e := x.option("hashlimit-htable-expire"); e != nil {
		if expire, ok = r.number(e.args[0], 1, 0xffffffff); !ok {
			return
		}
	}
	if x.has("hashlimit-rate-match") || r.portsOfAny(x) || full/burst != cost || rate.count > rateScale*rate.unit {
		r.limitPackets(x, interval, burst, uint32(expire), over)
		return
	}
	r.limitEach(x, &lang.Limit{Pos: r.pos(), Rate: r.num(rate.count), Unit: rate.unit, Burst: r.num(burst), Over: over}, expire)
}

// hashTable checks what is said about the table of buckets.
func (l *lowering) hashTable(x *use) bool {
	ok := true
	for _, name := range []string{"hashlimit-htable-size", "hashlimit-htable-max", "hashlimit-htable-gcinterval", "hashlimit-htable-expire"} {
		if g := x.option(name); g != nil {
			low := uint64(0)
			if name == "hashlimit-htable-gcinterval" || name == "hashlimit-htable-expire" {
				low = 1
			}
			_, good := l.number(g.args[0], low, 0xffffffff)
			ok = ok && good
		}
	}
	if g := x.option("hashlimit-rate-interval"); g != nil {
		_, good := l.rateInterval(g.args[0])
		ok = ok && good
	}
	if g := x.option("hashlimit-name"); !fileName(g.args[0].text) {
		l.errorf(g.args[0].span, "a table's name is that of a file in /proc: not empty, no slash, and neither . nor ..")
		ok = false
	}
	return ok
}

// portsOfAny reports whether ports are part of the key of packets that may have
// none, or what counts as ports: later fragments of IPv4, which those before
// connection tracking are, other protocols, and IPsec with its SPI.
func (l *lowering) portsOfAny(x *use) bool {
	g := x.option("hashlimit-mode")
	if g == nil || !strings.Contains(g.args[0].text, "port") {
		return false
	}
	return l.family == nf.FamilyIPv4 && l.cur.name == "raw" || l.proto.not || !slices.Contains(portProtocols, l.proto.number)
}

// limitEach gives each key a limit of its own; without a key there is but one.
// An entry is forgotten when no packet came for expire milliseconds.
func (l *lowering) limitEach(x *use, limit *lang.Limit, expire uint64) {
	keys, types, ok := l.hashKeys(x)
	if !ok {
		return
	}
	if len(keys) == 0 {
		l.emit(limit)
		return
	}
	name := x.option("hashlimit-name").args[0]
	if !l.shareSet(name, types) {
		return
	}
	key := keys[0]
	if len(keys) > 1 {
		key = l.concat(keys...)
	}
	l.emit(&lang.SetUpdate{Pos: l.pos(), Op: lang.UpdateUpdate, Set: &lang.SetRef{Pos: l.pos(), Name: name.text},
		Elem: lang.Elem{Pos: l.pos(), Key: key, Opts: &lang.ElemOpts{
			Timeout: lang.Duration{Pos: l.pos(), Millis: expire}}},
		Stmts: []lang.Stmt{limit}})
}

// shareSet declares the table of a name, which several rules may share.
func (l *lowering) shareSet(name word, types []string) bool {
	for _, s := range l.cur.sets {
		if s.Name.Text != name.text {
			continue
		}
		same := slices.EqualFunc(s.Key.Types, types, func(w lang.Word, t string) bool { return w.Text == t })
		if !same {
			l.errorf(name.span, "rules that share the table %s must have the same --hashlimit-mode", name.text)
		}
		return same
	}
	l.declare(name.text, types, "dynamic", "timeout")
	return true
}

// hashKeys reads --hashlimit-mode: the parts of the key, with their types.
func (l *lowering) hashKeys(x *use) (keys []lang.Expr, types []string, ok bool) {
	src, ok1 := l.hashPrefix(x, "hashlimit-srcmask")
	dst, ok2 := l.hashPrefix(x, "hashlimit-dstmask")
	g := x.option("hashlimit-mode")
	if g == nil || !ok1 || !ok2 {
		return nil, nil, ok1 && ok2
	}
	ok = true
	add := func(x lang.Expr, t string) { keys, types = append(keys, x), append(types, t) }
	for _, w := range g.args[0].split(",") {
		switch w.text {
		case "": // strtok passes over it
		case "srcip":
			add(l.addressKey("saddr", src), l.addrType())
		case "dstip":
			add(l.addressKey("daddr", dst), l.addrType())
		case "srcport":
			add(l.field("th", "sport"), "inet_service")
		case "dstport":
			add(l.field("th", "dport"), "inet_service")
		default:
			l.errorf(w.span, "the key is made of srcip, srcport, dstip and dstport")
			ok = false
		}
	}
	return keys, types, ok
}
