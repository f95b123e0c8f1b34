package listing

import (
	"fmt"
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/xt"
)

// action prints a statement that its expression alone describes.
func (p *printer) action(s *stmt) {
	switch e := s.src.(type) {
	case *bytecode.Immediate:
		p.verdict(e.Verdict, e.Chain)
	case *bytecode.Counter:
		p.WriteString("counter")
		if !p.opt.Stateless {
			p.printf(" packets %d bytes %d", e.Packets, e.Bytes)
		}
	case *bytecode.Limit:
		p.WriteString(p.limitText(e))
	case *bytecode.Quota:
		p.WriteString("quota " + quotaText(e, p.opt.Stateless))
	case *bytecode.Log:
		p.WriteString(logText(e))
	case *bytecode.Reject:
		p.WriteString(rejectText(s, e, &p.opt.Options))
	case *bytecode.Notrack:
		p.WriteString("notrack")
	case *bytecode.Last:
		p.last(e)
	case *bytecode.Connlimit:
		p.printf("ct count %s%d", over(e.Over), e.Count)
	case *bytecode.Synproxy:
		p.WriteString("synproxy" + synproxyText(e, " "))
	case *bytecode.XT:
		if e.Target && xt.Untracks(e.Ext, e.Info) {
			p.WriteString("notrack")
			break
		}
		p.printf("xt %s %q", e.Name(), e.Ext)
	case *bytecode.FlowOffload:
		p.WriteString("flow add @" + e.Table)
	case *bytecode.Queue:
		p.queue(s, e)
	case *bytecode.Dup:
		p.WriteString("dup to ")
		p.expr(s.parts[0])
		if s.parts[1] != nil {
			if s.parts[0] != nil {
				p.WriteString(" device ")
			}
			p.expr(s.parts[1])
		}
	case *bytecode.Fwd:
		p.fwd(s, e)
	case *bytecode.Exthdr:
		p.WriteString("reset ")
		p.exthdr(s.left)
	case nil:
	default:
		p.printf("unknown statement %s", e.Name())
	}
}

func over(o bool) string {
	if o {
		return "over "
	}
	return ""
}

// rateText prints bytes in the largest unit that divides them.
func rateText(bytes uint64) (uint64, string) {
	for _, unit := range []string{"bytes", "kbytes"} {
		if bytes == 0 || bytes%1024 != 0 {
			return bytes, unit
		}
		bytes /= 1024
	}
	return bytes, "mbytes"
}

var unitNames = map[uint64]string{1: "second", 60: "minute", 3600: "hour", 86400: "day", 604800: "week"}

// defaultBurst is the burst of packets that nft does not print: nft 1.1 does so in
// objects only.
const defaultBurst = 5

func (p *printer) limitText(e *bytecode.Limit) string {
	s := limitText(e)
	if p.opt.Newer && e.Type == bytecode.LimitPackets && (e.Burst == 0 || e.Burst == defaultBurst) {
		s += fmt.Sprintf(" burst %d packets", e.Burst)
	}
	return s
}

func limitText(e *bytecode.Limit) string {
	unit := unitNames[e.Unit]
	if unit == "" {
		unit = fmt.Sprintf("%ds", e.Unit)
	}
	s := "limit rate " + over(e.Over)
	if e.Type == bytecode.LimitPackets {
		s += fmt.Sprintf("%d/%s", e.Rate, unit)
		if e.Burst != 0 && e.Burst != defaultBurst {
			s += fmt.Sprintf(" burst %d packets", e.Burst)
		}
		return s
	}
	rate, name := rateText(e.Rate)
	s += fmt.Sprintf("%d %s/%s", rate, name, unit)
	if e.Burst != 0 {
		burst, name := rateText(uint64(e.Burst))
		s += fmt.Sprintf(" burst %d %s", burst, name)
	}
	return s
}

func quotaText(e *bytecode.Quota, stateless bool) string {
	n, unit := rateText(e.Bytes)
	s := fmt.Sprintf("%s%d %s", over(e.Over), n, unit)
	if e.Used != 0 && !stateless {
		n, unit := rateText(e.Used)
		s += fmt.Sprintf(" used %d %s", n, unit)
	}
	return s
}

var logLevels = [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit"}

// logLevelWarn is the level that nft does not print.
const logLevelWarn = 4

func logText(e *bytecode.Log) string {
	var b strings.Builder
	b.WriteString("log")
	if e.Prefix != "" {
		b.WriteString(` prefix "` + e.Prefix + `"`)
	}
	if e.HasGroup {
		fmt.Fprintf(&b, " group %d", e.Group)
	}
	if e.HasSnaplen {
		fmt.Fprintf(&b, " snaplen %d", e.Snaplen)
	}
	if e.HasQThreshold {
		fmt.Fprintf(&b, " queue-threshold %d", e.QThreshold)
	}
	if e.HasLevel && e.Level != logLevelWarn && int(e.Level) < len(logLevels) {
		b.WriteString(" level " + logLevels[e.Level])
	}
	b.WriteString(logFlags(e.Flags))
	return b.String()
}

func logFlags(f uint32) string {
	if f&bytecode.LogFlagsAll == bytecode.LogFlagsAll {
		return " flags all"
	}
	s := ""
	switch f & (bytecode.LogTCPSeq | bytecode.LogTCPOpt) {
	case bytecode.LogTCPSeq:
		s += " flags tcp sequence"
	case bytecode.LogTCPOpt:
		s += " flags tcp options"
	case bytecode.LogTCPSeq | bytecode.LogTCPOpt:
		s += " flags tcp sequence,options"
	}
	if f&bytecode.LogIPOpt != 0 {
		s += " flags ip options"
	}
	if f&bytecode.LogUID != 0 {
		s += " flags skuid"
	}
	if f&bytecode.LogMACDecode != 0 {
		s += " flags ether"
	}
	return s
}

func rejectText(s *stmt, e *bytecode.Reject, o *datatype.Options) string {
	word, t, dflt := "icmpx", datatype.ICMPXCode, uint8(1)
	switch {
	case e.Type == bytecode.RejectTCPReset:
		return "reject with tcp reset"
	case e.Type == bytecode.RejectICMPX:
	case s.reject == reject6:
		word, t, dflt = "icmpv6", datatype.ICMPv6Code, 4
	default:
		word, t, dflt = "icmp", datatype.ICMPCode, 3
	}
	if e.Code == dflt && !s.verbose {
		return "reject"
	}
	return "reject with " + word + " " + datatype.FormatValue(t, []byte{e.Code}, o)
}
