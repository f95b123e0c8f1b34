package vm

import (
	"bytes"
	"fmt"
	"testing"

	"nfvm/bytecode"
	"nfvm/compiler/optimize"
	"nfvm/nf"
	"nfvm/packet"
)

// annotated are programs in which every kind of annotation occurs.
func annotated(t testing.TB) []*bytecode.Program {
	var rules []string
	for n := range 12 {
		rules = append(rules, fmt.Sprintf("ip saddr 10.0.%d.0/24 tcp flags syn,ack counter", n),
			fmt.Sprintf("tcp dport { %d, %d-%d } meta mark set %d", n, n+2, 3*n+3, n%3), fmt.Sprintf("meta mark %d counter jump j", n%3),
			fmt.Sprintf("ip saddr . udp dport { 10.0.1.2 . %d, 10.0.1.3 . 0-%d } log", n, n), "ip saddr 10.0.1.2 tcp dport 22 ip saddr 10.0.0.0/8 counter")
	}
	return []*bytecode.Program{
		compiled(t, baseOf(rules, "chain j {\nmeta mark set 1\nip daddr set 10.0.0.9\n}\n"), 1),
		compiled(t, "table ip6 t {\nchain c {\ntype filter hook prerouting priority 0\nip6 saddr >= fd00::1 ip6 saddr <= fd00::9 counter\n}\n}\n", 1),
	}
}

// FuzzAnnotations runs any program that loads with its annotations, with those
// that the optimiser finds for it, and plainly: the outcome is the same.
func FuzzAnnotations(f *testing.F) {
	packets := [][]byte{ipv4(17, udp(1, 2, 3)), ipv4(6, tcp(1, 2, 2, 4, 5, 180)), ipv4(6, tcp(9, 22)), ipv6(17, udp(1, 2, 3)), later(ipv4(17, make([]byte, 9))), ipv4(6, make([]byte, 9))}
	for _, p := range append(seeds(), annotated(f)...) {
		data, err := bytecode.Encode(p)
		if err != nil {
			f.Fatal(err)
		}
		for _, pkt := range packets {
			f.Add(data[headerSize:], pkt)
		}
	}
	f.Fuzz(func(t *testing.T, body, data []byte) {
		if len(data) > 2000 || len(body) > 1<<16 {
			return
		}
		want, ok := outcome(t, body, data, Options{Plain: true}, false)
		if !ok {
			return
		}
		for _, anew := range []bool{false, true} {
			if got, ok := outcome(t, body, data, Options{}, anew); ok && got != want {
				t.Errorf("annotated anew %v\n%s\nplain\n%s", anew, got, want)
			} else if anew && !ok {
				t.Error("what the optimiser makes of the program does not load")
			}
		}
	})
}

// outcome is what a packet meets in all base chains of a program in the body of
// a rules.bin file, and what it leaves behind; false if it does not load.
func outcome(t *testing.T, body, data []byte, opt Options, anew bool) (string, bool) {
	p, err := bytecode.Decode(sealed(body))
	if err != nil || bytecode.Verify(p) != nil {
		return "", false
	}
	if anew {
		optimize.Run(p)
	}
	w := newWorld()
	opt.Now = w.now
	r, err := Load(p, opt)
	if err != nil {
		return "", false
	}
	var out bytes.Buffer
	m := NewMachine(w)
	pkt := new(packet.Packet)
	pkt.Reset(bytes.Clone(data), false)
	if pkt.CheckIP() != packet.OK {
		return "", true
	}
	w.ct.Track(pkt, pkt.Family, nf.HookPrerouting, w.now)
	for h := range nf.HookCount {
		for _, c := range r.BaseChains(pkt.Family, h) {
			v := m.Run(c, pkt, h)
			fmt.Fprintln(&out, h, v, m.Decided.Rule != nil, pkt.Mark, pkt.Priority, pkt.Data)
		}
	}
	for _, tab := range r.Snapshot(w.now).Tables {
		for _, c := range tab.Chains {
			for _, rule := range c.Rules {
				fmt.Fprintln(&out, rule.Exprs)
			}
		}
	}
	fmt.Fprintln(&out, w.logged, w.rejected, w.copies)
	return out.String(), true
}
