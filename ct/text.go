package ct

import (
	"bufio"
	"io"
	"strconv"

	"nfvm/nf"
)

// protoNames are the protocols that conntrack(8) knows by name.
var protoNames = map[uint8]string{
	nf.ProtoICMP: "icmp", nf.ProtoTCP: "tcp", nf.ProtoUDP: "udp", nf.ProtoDCCP: "dccp",
	nf.ProtoGRE: "gre", nf.ProtoICMPv6: "icmpv6", nf.ProtoSCTP: "sctp", nf.ProtoUDPLite: "udplite",
}

// WriteList writes the table as `conntrack -L -o extended` prints it, one
// entry a line, in the order of creation.
func (t *Table) WriteList(w io.Writer, now int64) error {
	out := bufio.NewWriter(w)
	var line []byte
	t.ForEach(func(e *Entry) bool {
		if e.Status&nf.CTStatusNATClash == 0 {
			line = append(t.AppendEntry(line[:0], e, now), '\n')
			out.Write(line) // the first error stays and Flush returns it
		}
		return true
	})
	return out.Flush()
}

// AppendEntry appends an entry as `conntrack -L -o extended` prints it.
func (t *Table) AppendEntry(b []byte, e *Entry, now int64) []byte {
	l3 := "ipv4"
	if e.Tuple[0].L3 == uint8(nf.FamilyIPv6) {
		l3 = "ipv6"
	}
	b = appendName(b, l3, e.Tuple[0].L3)
	return t.appendFlow(b, e, flowText{
		now: now, timeout: true, state: true, counters: true, mark: true,
		delta: true, helper: true, use: true,
	})
}

// A flowText says which parts of an entry to print.
type flowText struct {
	now                                   int64
	timeout, state, counters, mark, delta bool
	helper, use                           bool
}

// appendFlow appends an entry in the common form of conntrack's lines.
func (t *Table) appendFlow(b []byte, e *Entry, show flowText) []byte {
	name := protoNames[e.L4()]
	if name == "" {
		name = "unknown"
	}
	b = appendName(b, name, e.L4())
	if e.Status&nf.CTStatusOffload != 0 { // a flowtable keeps these, the entry does not
		show.timeout, show.state = false, false
	}
	if show.timeout {
		b = appendNumber(b, "", uint64(e.secondsLeft(show.now)))
	}
	if state := e.StateName(); show.state && state != "" {
		b = append(append(b, state...), ' ')
	}
	b = e.appendHalf(b, nf.DirOriginal, "zone-orig=", ZoneOriginal, show.counters)
	if e.Status&nf.CTStatusSeenReply == 0 {
		b = append(b, "[UNREPLIED] "...)
	}
	b = e.appendHalf(b, nf.DirReply, "zone-reply=", ZoneReply, show.counters)
	switch {
	case e.Status&nf.CTStatusOffload != 0:
		b = append(b, "[OFFLOAD] "...)
	case e.Status&nf.CTStatusAssured != 0:
		b = append(b, "[ASSURED] "...)
	}
	if show.mark {
		b = appendNumber(b, "mark=", uint64(e.Mark))
	}
	if e.ZoneDir == ZoneBoth && e.Zone != 0 {
		b = appendNumber(b, "zone=", uint64(e.Zone))
	}
	if show.delta && e.timestamp {
		stop := e.Stop
		if stop == 0 {
			stop = show.now
		}
		b = appendNumber(b, "delta-time=", uint64(stop/1e9-e.Start/1e9))
	}
	if helper := t.HelperName(e.Helper); show.helper && helper != "" {
		b = append(append(append(b, "helper="...), helper...), ' ')
	}
	if show.use {
		b = appendNumber(b, "use=", 1+uint64(e.children))
	}
	return b[:len(b)-1]
}

// secondsLeft is the time to expiry as listings show it.
func (e *Entry) secondsLeft(now int64) int64 { return e.Remaining(now) / 1e9 }

// StateName gives the name of the protocol's state, "" where there are no states.
func (e *Entry) StateName() string {
	switch {
	case e.L4() == nf.ProtoTCP && int(e.TCP.State) < len(tcpNames):
		return tcpNames[e.TCP.State]
	case e.L4() == nf.ProtoSCTP && int(e.SCTP.State) < len(sctpNames):
		return sctpNames[e.SCTP.State]
	}
	return ""
}

// appendHalf appends what belongs to one direction: the tuple, the zone if it
// holds in this direction only, and the counters.
func (e *Entry) appendHalf(b []byte, d nf.Dir, zone string, only uint8, counters bool) []byte {
	b = e.Tuple[d].appendText(b)
	if e.ZoneDir == only && e.Zone != 0 {
		b = appendNumber(b, zone, uint64(e.Zone))
	}
	if counters && e.Acct {
		b = appendNumber(b, "packets=", e.Packets[d])
		b = appendNumber(b, "bytes=", e.Bytes[d])
	}
	return b
}

// appendText appends a tuple with a blank at its end.
func (t *Tuple) appendText(b []byte) []byte { return t.appendLabeled(b, "") }

// appendLabeled appends a tuple with something before the names of its addresses.
func (t *Tuple) appendLabeled(b []byte, label string) []byte {
	f := nf.Family(t.L3)
	b = append(append(append(append(b, label...), "src="...), t.Src.Text(f)...), ' ')
	b = append(append(append(append(b, label...), "dst="...), t.Dst.Text(f)...), ' ')
	switch t.L4 {
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP, nf.ProtoDCCP:
		b = appendNumber(b, "sport=", uint64(t.SrcID))
		b = appendNumber(b, "dport=", uint64(t.DstID))
	case nf.ProtoGRE:
		b = strconv.AppendUint(append(b, "srckey=0x"...), uint64(t.SrcID), 16)
		b = strconv.AppendUint(append(b, " dstkey=0x"...), uint64(t.DstID), 16)
		b = append(b, ' ')
	case nf.ProtoICMP, nf.ProtoICMPv6:
		b = appendNumber(b, "type=", uint64(t.ICMPType()))
		b = appendNumber(b, "code=", uint64(t.ICMPCode()))
		b = appendNumber(b, "id=", uint64(t.SrcID))
	}
	return b
}

// String gives the tuple as conntrack(8) prints it.
func (t Tuple) String() string {
	b := t.appendText(nil)
	return string(b[:len(b)-1])
}

// appendName appends a name padded to eight columns, and a number.
func appendName(b []byte, name string, number uint8) []byte {
	const width = 8
	b = append(b, name...)
	for i := len(name); i < width; i++ {
		b = append(b, ' ')
	}
	return appendNumber(append(b, ' '), "", uint64(number))
}

// appendNumber appends a labeled number and a blank.
func appendNumber(b []byte, label string, n uint64) []byte {
	return append(strconv.AppendUint(append(b, label...), n, 10), ' ')
}
