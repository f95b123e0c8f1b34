package conntrack

import (
	"fmt"
	"strconv"

	"nfvm/ctnetlink"
	"nfvm/nf"
)

// saveCommands begin the lines of -o save.
var saveCommands = [...]string{ctnetlink.New: "-A ", ctnetlink.Update: "-U ", ctnetlink.Destroy: "-D "}

// savedStatus are the statuses of -o save in the order of their bits.
var savedStatus = []struct {
	bit  nf.CTStatus
	name string
}{
	{nf.CTStatusExpected, "EXPECTED"}, {nf.CTStatusSeenReply, "SEEN_REPLY"},
	{nf.CTStatusAssured, "ASSURED"}, {nf.CTStatusFixedTimeout, "FIXED_TIMEOUT"},
}

// appendSave appends a flow as a command line that makes it.
func appendSave(b []byte, f *ctnetlink.Flow, k ctnetlink.Kind) []byte {
	b = append(b, saveCommands[k]...)
	if f.Has&ctnetlink.Timeout != 0 {
		b = fmt.Appendf(b, "-t %d ", f.Timeout)
	}
	b = appendStatus(b, f)
	if f.Has&ctnetlink.Secmark != 0 {
		b = fmt.Appendf(b, "-c %d ", f.Secmark)
	}
	for _, z := range []struct {
		attr ctnetlink.Attr
		opt  string
	}{{ctnetlink.Zone, "-w"}, {ctnetlink.OrigZone, "--orig-zone"}, {ctnetlink.ReplyZone, "--reply-zone"}} {
		if f.Has&z.attr != 0 {
			b = fmt.Appendf(b, "%s %d ", z.opt, f.Zone)
		}
	}
	o, r, family := &f.Tuple[nf.DirOriginal], &f.Tuple[nf.DirReply], f.Family()
	replySrc, replyDst := "-r", "-q"
	if destinationOf(f).addr {
		replySrc = "-g"
	}
	if sourceOf(f).addr {
		replyDst = "-n"
	}
	b = fmt.Appendf(b, "-s %s -d %s %s %s %s %s ", o.Src.Text(family), o.Dst.Text(family),
		replySrc, r.Src.Text(family), replyDst, r.Dst.Text(family))
	b = appendProtocol(b, f)
	return b[:len(b)-1]
}

func appendStatus(b []byte, f *ctnetlink.Flow) []byte {
	if f.Has&ctnetlink.Status == 0 {
		return b
	}
	b = append(b, "-u "...)
	none := true
	for _, s := range savedStatus {
		if f.Status&s.bit != 0 {
			b = append(append(b, s.name...), ',')
			none = false
		}
	}
	if none {
		return append(b, "UNSET "...)
	}
	b[len(b)-1] = ' '
	return b
}

// appendProtocol appends the protocol with its options.
func appendProtocol(b []byte, f *ctnetlink.Flow) []byte {
	o, r := &f.Tuple[nf.DirOriginal], &f.Tuple[nf.DirReply]
	p := protocolOf(f.L4())
	if p == nil {
		return append(strconv.AppendUint(append(b, "-p "...), uint64(f.L4()), 10), ' ')
	}
	b = append(append(append(b, "-p "...), p.name...), ' ')
	switch p.number {
	case nf.ProtoICMP, nf.ProtoICMPv6:
		return fmt.Appendf(b, "--%s-type %d --%s-code %d --%s-id %d ", p.name, o.DstID>>8, p.name, uint8(o.DstID), p.name, o.SrcID)
	case nf.ProtoGRE:
		return fmt.Appendf(b, "--srckey %d --dstkey %d --reply-key-src %d --reply-key-dst %d ", o.SrcID, o.DstID, r.SrcID, r.DstID)
	case nf.ProtoDCCP: // of which the kernel tells no ports
		return b
	}
	b = fmt.Appendf(b, "--sport %d --dport %d --reply-port-src %d --reply-port-dst %d ", o.SrcID, o.DstID, r.SrcID, r.DstID)
	if f.Has&ctnetlink.State == 0 {
		return b
	}
	name := "(null)"
	if states := p.states(); int(f.State) < len(states) {
		name = states[f.State]
	}
	b = fmt.Appendf(b, "--state %s ", name)
	if p.number == nf.ProtoSCTP {
		b = fmt.Appendf(b, "--orig-vtag %d --reply-vtag %d ", f.VTag[0], f.VTag[1])
	}
	return b
}
