package listing

import (
	"nfvm/bytecode"
	"nfvm/xt"
)

// actionJSON is a statement that its expression alone describes.
func (p *printer) actionJSON(s *stmt) any {
	switch e := s.src.(type) {
	case *bytecode.Immediate:
		return p.verdictJSON(e.Verdict, e.Chain)
	case *bytecode.Counter:
		if p.opt.Stateless {
			return one("counter", nil)
		}
		return one("counter", obj{{"packets", e.Packets}, {"bytes", e.Bytes}})
	case *bytecode.Limit:
		return one("limit", limitJSON(e))
	case *bytecode.Quota:
		return one("quota", quotaJSON(e, p.opt.Stateless))
	case *bytecode.Log:
		return logJSON(e)
	case *bytecode.Reject:
		return p.rejectJSON(s, e)
	case *bytecode.Notrack:
		return one("notrack", nil)
	case *bytecode.Last:
		if !e.Set || p.opt.Stateless {
			return one("last", nil)
		}
		return one("last", one("used", e.Msec))
	case *bytecode.Connlimit:
		o := obj{{"val", uint64(e.Count)}}
		if e.Over {
			o.add("inv", true)
		}
		return one("ct count", o)
	case *bytecode.Synproxy:
		if o := synproxyJSON(e); o != nil {
			return one("synproxy", o)
		}
		return one("synproxy", nil)
	case *bytecode.XT:
		if e.Target && xt.Untracks(e.Ext, e.Info) {
			return one("notrack", nil)
		}
		return one("xt", obj{{"type", e.Name()}, {"name", e.Ext}})
	case *bytecode.FlowOffload:
		return one("flow", obj{{"op", "add"}, {"flowtable", "@" + e.Table}})
	case *bytecode.Queue:
		return one("queue", p.queueJSON(s, e))
	case *bytecode.Dup:
		if s.parts[0] == nil {
			return one("dup", p.pairJSON("addr", s.parts[1], "", nil))
		}
		return one("dup", p.pairJSON("addr", s.parts[0], "dev", s.parts[1]))
	case *bytecode.Fwd:
		o := one("dev", p.exprJSON(s.parts[0]))
		if s.parts[1] != nil {
			o.add("family", e.Family.String())
			o.add("addr", p.exprJSON(s.parts[1]))
		}
		return one("fwd", o)
	case *bytecode.Exthdr:
		return one("reset", p.exthdrJSON(s.left))
	}
	return one("xt", nil)
}

func (p *printer) pairJSON(a string, x *node, b string, y *node) obj {
	var o obj
	if x != nil {
		o.add(a, p.exprJSON(x))
	}
	if y != nil {
		o.add(b, p.exprJSON(y))
	}
	return o
}

func limitJSON(e *bytecode.Limit) obj {
	unit := unitNames[e.Unit]
	rate, rateUnit := e.Rate, ""
	burst, burstUnit := uint64(e.Burst), ""
	if e.Type == bytecode.LimitBytes {
		rate, rateUnit = rateText(e.Rate)
		burst, burstUnit = rateText(burst)
	}
	o := obj{{"rate", rate}, {"burst", burst}, {"per", unit}}
	if e.Over {
		o.add("inv", true)
	}
	if rateUnit != "" {
		o.add("rate_unit", rateUnit)
	}
	if burstUnit != "" {
		o.add("burst_unit", burstUnit)
	}
	return o
}

func quotaJSON(e *bytecode.Quota, stateless bool) obj {
	n, unit := rateText(e.Bytes)
	o := obj{{"val", n}, {"val_unit", unit}}
	if e.Over {
		o.add("inv", true)
	}
	if e.Used != 0 && !stateless {
		n, unit := rateText(e.Used)
		o.add("used", n)
		o.add("used_unit", unit)
	}
	return o
}

func logJSON(e *bytecode.Log) obj {
	var o obj
	if e.Prefix != "" {
		o.add("prefix", e.Prefix)
	}
	if e.HasGroup {
		o.add("group", uint64(e.Group))
	}
	if e.HasSnaplen {
		o.add("snaplen", uint64(e.Snaplen))
	}
	if e.HasQThreshold {
		o.add("queue-threshold", uint64(e.QThreshold))
	}
	if e.HasLevel && e.Level != logLevelWarn && int(e.Level) < len(logLevels) {
		o.add("level", logLevels[e.Level])
	}
	if flags := logFlagsJSON(e.Flags); len(flags) > 0 {
		o.add("flags", single(flags))
	}
	if o == nil {
		return one("log", nil)
	}
	return one("log", o)
}

func logFlagsJSON(f uint32) array {
	if f&bytecode.LogFlagsAll == bytecode.LogFlagsAll {
		return array{"all"}
	}
	var out array
	for _, x := range []struct {
		bit  uint32
		name string
	}{
		{bytecode.LogTCPSeq, "tcp sequence"}, {bytecode.LogTCPOpt, "tcp options"}, {bytecode.LogIPOpt, "ip options"},
		{bytecode.LogUID, "skuid"}, {bytecode.LogMACDecode, "ether"},
	} {
		if f&x.bit != 0 {
			out = append(out, x.name)
		}
	}
	return out
}

func synproxyJSON(e *bytecode.Synproxy) obj {
	var o obj
	if e.Flags&synproxyMSS != 0 {
		o.add("mss", uint64(e.MSS))
	}
	if e.Flags&synproxyWscale != 0 {
		o.add("wscale", uint64(e.Wscale))
	}
	if flags := synproxyOptions(e); len(flags) > 0 {
		o.add("flags", single(wordList(flags)))
	}
	return o
}

func (p *printer) queueJSON(s *stmt, e *bytecode.Queue) obj {
	var o obj
	switch {
	case s.left != nil:
		o.add("num", p.exprJSON(s.left))
	case e.Total > 1:
		o.add("num", one("range", array{uint64(e.Num), uint64(e.Num) + uint64(e.Total) - 1}))
	default:
		o.add("num", uint64(e.Num))
	}
	var flags array
	if e.Flags&queueBypass != 0 {
		flags = append(flags, "bypass")
	}
	if e.Flags&queueFanout != 0 {
		flags = append(flags, "fanout")
	}
	if flags != nil {
		o.add("flags", single(flags))
	}
	return o
}
