package bytecode

import (
	"testing"

	"nfvm/nf"
)

func TestExprString(t *testing.T) {
	limit := &Limit{Rate: 3, Unit: 1, Burst: 5}
	for _, c := range []struct {
		e    Expr
		want string
	}{
		{&Payload{Base: PayloadNetwork, Offset: 12, Len: 4, DReg: 1}, "[ payload load 4b @ network header + 12 => reg 1 ]"},
		{&PayloadSet{PayloadTransport, 2, 2, 1, ChecksumInet, 16, 0}, "[ payload write reg 1 => 2b @ transport header + 2 csum_type 1 csum_off 16 csum_flags 0x0 ]"},
		{&Meta{MetaL4Proto, 1}, "[ meta load l4proto => reg 1 ]"},
		{&MetaSet{MetaNFTrace, 1}, "[ meta set nftrace with reg 1 ]"},
		{&CT{CTPkts, 0, 1}, "[ ct load packets => reg 1 , dir original ]"},
		{&CT{CTState, DirNone, 1}, "[ ct load state => reg 1 ]"},
		{&CTSet{CTZone, 1, 1}, "[ ct set zone with reg 1 , dir reply ]"},
		{&Cmp{CmpEq, 1, []byte("lo\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")}, "[ cmp eq reg 1 0x00006f6c 0x00000000 0x00000000 0x00000000 ]"},
		{&Cmp{CmpNeq, 1, []byte{0, 22}}, "[ cmp neq reg 1 0x00001600 ]"},
		{&Range{CmpEq, 1, []byte{0, 0x50}, []byte{0, 0x5a}}, "[ range eq reg 1 0x00005000 0x00005a00 ]"},
		{&Bitwise{SReg: 1, DReg: 1, Len: 4, Mask: []byte{6, 0, 0, 0}, Xor: []byte{0, 0, 0, 0}}, "[ bitwise reg 1 = ( reg 1 & 0x00000006 ) ^ 0x00000000 ]"},
		{&Bitwise{Op: BitwiseRshift, SReg: 2, DReg: 2, Len: 4, Shift: 6}, "[ bitwise reg 2 = ( reg 2 >> 0x00000006 ) ]"},
		{&Bitwise{Op: BitwiseOr, SReg: 1, SReg2: 2, DReg: 1, Len: 4}, "[ bitwise reg 1 = ( reg 1 | reg 2 ) ]"},
		{&Byteorder{HtoN, 1, 1, 4, 8}, "[ byteorder reg 1 = hton(reg 1, 8, 4) ]"},
		{&Lookup{Set: "__set12", SReg: 1}, "[ lookup reg 1 set __set%d ]"},
		{&Lookup{Set: "s2", SReg: 1, Invert: true}, "[ lookup reg 1 set s2 0x1 ]"},
		{&Lookup{Set: "__map0", SReg: 1, HasDReg: true}, "[ lookup reg 1 set __map%d dreg 0 ]"},
		{&Immediate{Verdict: nf.Jump, Chain: "c"}, "[ immediate reg 0 jump -> c ]"},
		{&Immediate{Verdict: nf.Goto, Chain: "__chain7"}, "[ immediate reg 0 goto ]"},
		{&Immediate{Verdict: nf.Accept}, "[ immediate reg 0 accept ]"},
		{&Immediate{DReg: 1, Data: []byte{1, 0, 0, 0}}, "[ immediate reg 1 0x00000001 ]"},
		{&Counter{1, 2}, "[ counter pkts 1 bytes 2 ]"},
		{&Limit{Rate: 10485760, Unit: 1, Type: LimitBytes, Over: true}, "[ limit rate 10485760/second burst 0 type bytes flags 0x1 ]"},
		{&Quota{Bytes: 10, Over: true}, "[ quota bytes 10 consumed 0 flags 1 ]"},
		{&Connlimit{5, true}, "[ connlimit count 5 flags 1 ]"},
		{&Last{}, "[ last never ]"},
		{&Log{}, "[ log ]"},
		{&Log{Prefix: "x: ", Level: 7, HasLevel: true, Flags: LogFlagsAll}, "[ log prefix x:  level 7 tcpseq tcpopt ipopt uid macdecode ]"},
		{&Log{Prefix: "x", Group: 3, HasGroup: true, Snaplen: 9, HasSnaplen: true}, "[ log prefix x group 3 snaplen 9 qthreshold 0 ]"},
		{&Reject{RejectTCPReset, 0}, "[ reject type 1 code 0 ]"},
		{&NAT{DNAT, nf.FamilyIPv4, 1, 2, 3, 4, 2}, "[ nat dnat ip addr_min reg 1 addr_max reg 2 proto_min reg 3 proto_max reg 4 flags 0x2 ]"},
		{&Masq{}, "[ masq ]"},
		{&Redir{2, 1, 0}, "[ redir proto_min reg 1 flags 0x2 ]"},
		{&Dynset{Op: DynsetUpdate, Set: "q", SReg: 1, SRegData: 2, Timeout: 5000, Exprs: []Expr{limit, &Counter{}}},
			"[ dynset update reg_key 1 set q sreg_data 2 timeout 5000ms expr [ limit rate 3/second burst 5 type packets flags 0x0 ] expr [ counter pkts 0 bytes 0 ] ]"},
		{&Objref{Type: ObjectQuota, Object: "q"}, "[ objref type 2 name q ]"},
		{&Objref{Set: "__objmap0", SReg: 1}, "[ objref sreg 1 set __objmap%d ]"},
		{&Exthdr{Op: ExthdrIPv4, Type: 7, Len: 1, Flags: 1, DReg: 1}, "[ exthdr load ipv4 1b @ 7 + 0 present => reg 1 ]"},
		{&Exthdr{Op: ExthdrSCTP, Len: 1, Flags: 1, DReg: 1}, "[ exthdr load 1b @ 0 + 0 present => reg 1 ]"},
		{&Exthdr{Op: ExthdrTCPOpt, Type: 2, Len: 2, Offset: 2, SReg: 1}, "[ exthdr write tcpopt reg 1 => 2b @ 2 + 2 ]"},
		{&Exthdr{Op: ExthdrTCPOpt, Type: 30, Reset: true}, "[ exthdr reset tcpopt 30 ]"},
		{&Rt{RtTCPMSS, 1}, "[ rt load tcpmss => reg 1 ]"},
		{&Fib{FibResultOif, FibSaddr | FibIif | FibPresent, 1}, "[ fib saddr . iif oif present => reg 1 ]"},
		{&Socket{SocketMark, 0, 1}, "[ socket load mark => reg 1 ]"},
		{&Numgen{true, 10, 3, 1}, "[ numgen reg 1 = random mod 10 offset 3 ]"},
		{&Hash{SReg: 2, Len: 8, Modulus: 5, Offset: 5, Seed: 1, DReg: 1}, "[ hash reg 1 = jhash(reg 2, 8, 0x1) % mod 5 offset 5 ]"},
		{&Hash{Symmetric: true, Modulus: 5, DReg: 1}, "[ hash reg 1 = symhash() % mod 5 ]"},
		{&TProxy{nf.FamilyIPv4, 1, 2}, "[ tproxy ip addr reg 1 port reg 2 ]"},
		{&Synproxy{1460, 7, 3}, "[ synproxy mss 1460 wscale 7 ]"},
		{&Dup{1, 2}, "[ dup sreg_addr 1 sreg_dev 2 ]"},
		{&Fwd{1, 2, nf.FamilyIPv4}, "[ fwd sreg_dev 1 sreg_addr 2 nfproto 2 ]"},
		{&Queue{Num: 4, Total: 2, Flags: 3}, "[ queue num 4-5 bypass fanout ]"},
		{&Notrack{}, "[ notrack ]"},
		{&OSF{DReg: 1}, "[ osf dreg 1 ]"},
		{&Xfrm{Key: 6, Out: true, DReg: 1}, "[ xfrm load out 0 spi => reg 1 ]"},
		{&FlowOffload{"f"}, "[ flow_offload flowtable f ]"},
		{&Inner{1, 8, 15, &Meta{MetaProtocol, 1}}, "[ inner type 1 hdrsize 8 flags f [ meta load protocol => reg 1 ] ]"},
	} {
		if got := c.e.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestSetListing(t *testing.T) {
	for _, c := range []struct {
		set  Set
		want string
	}{
		{Set{Name: "p", Flags: SetTimeout, Timeout: 4000, GCInterval: 3000, Policy: 1, PolicySet: true},
			"p t 10 timeout 4000ms gc_interval 3000ms policy 1\n"},
		{Set{Name: "o", Flags: SetInterval, Elements: []Element{
			{Key: []byte{0, 0, 0, 0}, IntervalEnd: true}, {Key: []byte{10, 0, 0, 0}, Comment: "hi"}}},
			"o t 4\no t 0\n\telement 00000000  : 1 [end]\telement 0000000a  : 0 [end]  userdata = { \\x00\\x03hi\\x00\\x01\\x04\\x01\\x00\\x00\\x00 }\n"},
		{Set{Name: "__map0", Flags: SetMap, Size: 2, Elements: []Element{
			{Key: []byte{2, 0, 0, 0}, Verdict: nf.Jump, Chain: "x"}, {CatchAll: true, Verdict: nf.Drop}}},
			"__map%d t 8 size 2\n__map%d t 0\n\telement 00000002  : jump -> x 0 [end]\telement  : drop 2 [end]\n"},
		{Set{Name: "c", Flags: SetInterval | SetConcat, Elements: []Element{
			{Key: []byte{10, 0, 0, 0, 0, 80, 0, 0}, KeyEnd: []byte{10, 255, 255, 255, 0, 90, 0, 0}}}},
			"c t 84\nc t 0\n\telement 0000000a 00005000  - ffffff0a 00005a00  : 0 [end]\n"},
		{Set{Name: "m", Flags: SetMap, Elements: []Element{{Key: []byte{1}, Data: []byte{0, 80}}}},
			"m t 8\nm t 0\n\telement 00000001  : 00005000 0 [end]\n"},
	} {
		if got := SetListing("t", &c.set); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestRuleListing(t *testing.T) {
	r := &Rule{Comment: "hi", Exprs: []Expr{&Counter{}, &Immediate{Verdict: nf.Drop}}}
	want := "inet t i\n  [ counter pkts 0 bytes 0 ]\n  [ immediate reg 0 drop ]\n  userdata = { \\x00\\x03hi\\x00 }\n\n"
	if got := RuleListing(nf.FamilyInet, "t", "i", r); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
