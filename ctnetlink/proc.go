package ctnetlink

import (
	"fmt"
	"time"

	"nfvm/nf"
)

// AppendProc appends a flow as a line of /proc/net/nf_conntrack, without its end.
// The kernel pads the names, writes IPv6 addresses in full, knows no ports of
// DCCP, shows zone 0 too, and ends with a blank before the count of users.
func (f *Flow) AppendProc(b []byte, now time.Time) []byte {
	o := &f.Tuple[nf.DirOriginal]
	name := protoName(o.L4)
	if o.L4 == nf.ProtoDCCP {
		name = "unknown"
	}
	b = fmt.Appendf(b, "%-8s %d %-8s %d ", familyName(o.L3), o.L3, name, o.L4)
	if f.has(Timeout) {
		b = appendNumber(b, "", uint64(f.Timeout))
	}
	if state := StateName(o.L4, f.State); f.has(State) && state != "" {
		b = append(append(b, state...), ' ')
	}
	if o.L4 == nf.ProtoGRE {
		b = fmt.Appendf(b, "timeout=%d, stream_timeout=%d ", f.GRETimeout[0], f.GRETimeout[1])
	}
	b = f.appendHalfProc(b, nf.DirOriginal, OrigZone, "zone-orig=")
	if f.Status&nf.CTStatusSeenReply == 0 {
		b = append(b, "[UNREPLIED] "...)
	}
	b = f.appendHalfProc(b, nf.DirReply, ReplyZone, "zone-reply=")
	b = append(b, assured(f.Status)...)
	b = appendNumber(b, "mark=", uint64(f.Mark))
	if !f.has(OrigZone) && !f.has(ReplyZone) {
		b = appendNumber(b, "zone=", uint64(f.Zone))
	}
	if f.has(Start) {
		b = appendNumber(b, "delta-time=", uint64(max(now.UnixNano()-f.Start, 0)/1e9))
	}
	// Whoever reads the file is a user, too.
	return fmt.Appendf(b, "use=%d", f.Use+1)
}

func (f *Flow) appendHalfProc(b []byte, d nf.Dir, zone Attr, label string) []byte {
	t := f.Tuple[d]
	if nf.Family(t.L3) == nf.FamilyIPv6 {
		b = fmt.Appendf(b, "src=%s dst=%s ", t.Src.Netip(nf.FamilyIPv6).StringExpanded(), t.Dst.Netip(nf.FamilyIPv6).StringExpanded())
	} else {
		b = fmt.Appendf(b, "src=%s dst=%s ", t.Src.Text(nf.FamilyIPv4), t.Dst.Text(nf.FamilyIPv4))
	}
	if t.L4 != nf.ProtoDCCP {
		b = t.appendIDs(b)
	}
	if f.has(zone) {
		b = appendNumber(b, label, uint64(f.Zone))
	}
	if f.has(Counters) {
		b = fmt.Appendf(b, "packets=%d bytes=%d ", f.Packets[d], f.Bytes[d])
	}
	return b
}
