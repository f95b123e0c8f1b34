package lang

// A Payload is a header field by name: `tcp dport`, `ip saddr`, `arp saddr ip`
// (Proto arp, Field "saddr ip"), `ether type`, `th sport`. An unknown field is
// for the compiler to refuse; Field is not written for a bare protocol name in
// `typeof` and the like.
type Payload struct {
	Pos
	Proto Word
	Field Word
	Whole uint8 // of iptables' matches: bytes of the header that must be there; 0: nft's meaning
}

// A RawPayload is `@base,offset,len`: Base is ll, nh, th or ih; offset and
// length in bits.
type RawPayload struct {
	Pos
	Base   Word
	Offset Number
	Len    Number
	Whole  uint8 // as in Payload
}

// An Inner is a field inside a tunnel: `vxlan ip saddr`, `geneve tcp dport`,
// `gre ip saddr`, `gretap ether saddr`. Fields of the tunnel header itself
// (`vxlan vni`) are a Payload.
type Inner struct {
	Pos
	Tunnel Word
	Expr   Expr
}

// An Exthdr is a field of an IPv6 extension header: `frag more-fragments`;
// without Field the test for presence (`exthdr frag exists`).
type Exthdr struct {
	Pos
	Header Word // hbh, rt, rt0, rt2, srh, frag, dst, mh
	Field  Word
	Index  Number // of `rt0 addr[N]`, `srh sid[N]`
}

// A TCPOption is `tcp option KIND [FIELD]`: Kind is a word or a number; without
// Field the test for presence. Raw is `tcp option @kind,offset,len` with Offset
// and Len in bits.
type TCPOption struct {
	Pos
	Kind    Word
	KindNum Number // set instead of Kind
	Field   Word
	Raw     bool
	Offset  Number
	Len     Number
	Whole   bool // of iptables' matches: the header must be there
}

// An IPOption is `ip option NAME [FIELD]`.
type IPOption struct {
	Pos
	Name  Word
	Field Word
}

// An SCTPChunk is `sctp chunk NAME [FIELD]`.
type SCTPChunk struct {
	Pos
	Chunk Word
	Field Word
}

// A DCCPOption is `dccp option NUMBER`.
type DCCPOption struct {
	Pos
	Kind Number
}

// A Meta is `meta KEY`, or KEY alone where nft allows that (Bare). Spellings
// are as written: `ibriport` and `ibrname` are both possible.
type Meta struct {
	Pos
	Key  Word
	Bare bool
}

// A CT is `ct [DIR] [L3] KEY`: `ct state`, `ct original saddr`, `ct reply ip
// saddr` (L3 ip). `ct id`, `ct count` (a statement) …
type CT struct {
	Pos
	Dir Word // original, reply
	L3  Word // ip, ip6
	Key Word
}

// A Fib is `fib FLAG . FLAG RESULT`: flags saddr daddr mark iif oif; results
// oif oifname type check.
type Fib struct {
	Pos
	Flags  []Word
	Result Word
}

// A Rt is `rt [ip|ip6] KEY`: classid nexthop mtu ipsec.
type Rt struct {
	Pos
	L3  Word
	Key Word
}

// A Socket is `socket KEY [level N]`: transparent mark wildcard cgroupv2.
type Socket struct {
	Pos
	Key   Word
	Level Number
}

// An Osf is `osf [ttl loose|skip] name|version`.
type Osf struct {
	Pos
	TTL Word
	Key Word
}

// An Ipsec is `ipsec in|out [spnum N] [ip|ip6] KEY`: reqid spi saddr daddr.
type Ipsec struct {
	Pos
	Dir   Word
	Spnum Number
	L3    Word
	Key   Word
}

// A Numgen is `numgen inc|random mod N [offset N]`.
type Numgen struct {
	Pos
	Mode   Word
	Mod    Number
	Offset Number
}

// A JHash is `jhash EXPR mod N [seed N] [offset N]`.
type JHash struct {
	Pos
	Expr   Expr
	Mod    Number
	Seed   Number
	Offset Number
}

// A SymHash is `symhash mod N [offset N]`.
type SymHash struct {
	Pos
	Mod    Number
	Offset Number
}

func (*Payload) expr()    {}
func (*RawPayload) expr() {}
func (*Inner) expr()      {}
func (*Exthdr) expr()     {}
func (*TCPOption) expr()  {}
func (*IPOption) expr()   {}
func (*SCTPChunk) expr()  {}
func (*DCCPOption) expr() {}
func (*Meta) expr()       {}
func (*CT) expr()         {}
func (*Fib) expr()        {}
func (*Rt) expr()         {}
func (*Socket) expr()     {}
func (*Osf) expr()        {}
func (*Ipsec) expr()      {}
func (*Numgen) expr()     {}
func (*JHash) expr()      {}
func (*SymHash) expr()    {}
