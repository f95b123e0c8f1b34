package gen

import (
	"fmt"
	"slices"
)

// Datagrams are the ids of datagrams that are sent in pieces.
var Datagrams = numbers(50101, 20)

// inPieces reports whether the flow may send fragments. In IPv6 those for the
// host itself are put together behind the input hook, where the kernel runner
// does not look.
func (f *flow) inPieces() bool {
	local := f.dst == "fd01::1" || f.dst == "fd02::1"
	return (f.proto == "udp" || f.proto == "icmp") && f.from != "out" && !local
}

// fragments draws a datagram of the flow in pieces: mostly whole and in some
// order, now and then with a piece missing, twice, or overlapping another.
func (t *Traffic) fragments(f *flow) []string {
	f.sent++
	id := Datagrams[t.datagram%len(Datagrams)]
	t.datagram++
	size := 8 * (2 + t.IntN(120))
	cuts := []int{0, 8 + size}
	for range 1 + t.IntN(3) {
		cuts = append(cuts, 8*(1+t.IntN(size/8)))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	option := ""
	if !f.six {
		option = pick(t.source, "", "", "", "df ", "tos 0x01 ")
	}
	l4 := fmt.Sprintf("udp %s > %s", f.sport, f.dport)
	if f.proto == "icmp" {
		l4 = map[bool]string{false: "icmp", true: "icmp6"}[f.six] + fmt.Sprintf(" echo-request id %s seq 1", f.sport)
	}
	var pieces []string
	for i := range len(cuts) - 1 {
		from, n := cuts[i], cuts[i+1]-cuts[i]
		if i > 0 && t.chance(5) {
			from, n = from-8, n+8
		}
		pieces = append(pieces, fmt.Sprintf("%s> %s %s > %s id %d %scut %d+%d %s data x*%d",
			f.from, ipWord(f.six), f.src, f.dst, id, option, from, n, l4, size))
	}
	switch i := t.IntN(len(pieces)); {
	case t.chance(5):
		pieces = append(pieces, pieces[i])
	case t.chance(8):
		pieces = slices.Delete(pieces, i, i+1)
	}
	t.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
	return pieces
}
