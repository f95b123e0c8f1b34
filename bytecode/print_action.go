package bytecode

import (
	"fmt"
	"strings"
)

func (e *Immediate) String() string {
	if e.DReg == RegVerdict {
		return fmt.Sprintf("[ immediate reg 0 %s ]", verdictWord(e.Verdict, e.Chain))
	}
	return line(fmt.Sprintf("immediate reg %d", e.DReg), dataWords(e.Data))
}

func (e *Counter) String() string {
	return fmt.Sprintf("[ counter pkts %d bytes %d ]", e.Packets, e.Bytes)
}

// limitUnit names a time span in seconds.
func limitUnit(seconds uint64) string {
	switch seconds {
	case 1:
		return "second"
	case 60:
		return "minute"
	case 60 * 60:
		return "hour"
	case 24 * 60 * 60:
		return "day"
	case 7 * 24 * 60 * 60:
		return "week"
	}
	return "error"
}

func (e *Limit) String() string {
	return fmt.Sprintf("[ limit rate %d/%s burst %d type %s flags 0x%x ]",
		e.Rate, limitUnit(e.Unit), e.Burst, e.Type, flag(e.Over))
}

func (e *Quota) String() string {
	return fmt.Sprintf("[ quota bytes %d consumed %d flags %d ]", e.Bytes, e.Used, flag(e.Over))
}

func (e *Connlimit) String() string {
	return fmt.Sprintf("[ connlimit count %d flags %x ]", e.Count, flag(e.Over))
}

func (e *Last) String() string {
	if !e.Set {
		return "[ last never ]"
	}
	return fmt.Sprintf("[ last %d ]", e.Msec)
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

func (e *Log) String() string {
	parts := []string{"log"}
	if e.Prefix != "" {
		parts = append(parts, "prefix "+e.Prefix+" ")
	}
	if e.HasGroup {
		parts = append(parts, fmt.Sprintf("group %d snaplen %d qthreshold %d", e.Group, e.Snaplen, e.QThreshold))
		return line(parts...)
	}
	parts = append(parts, when(e.HasLevel, "level %d", e.Level))
	for _, f := range []struct {
		bit  uint32
		name string
	}{{LogTCPSeq, "tcpseq"}, {LogTCPOpt, "tcpopt"}, {LogIPOpt, "ipopt"}, {LogUID, "uid"}, {LogMACDecode, "macdecode"}} {
		if e.Flags&f.bit != 0 {
			parts = append(parts, f.name)
		}
	}
	return line(parts...)
}

func (e *Reject) String() string { return fmt.Sprintf("[ reject type %d code %d ]", e.Type, e.Code) }

// reg is "name N" for a register that is used.
func reg(name string, r Reg) string { return when(r != 0, "%s %d", name, r) }

func natFlags(f uint32) string { return when(f != 0, "flags 0x%x", f) }

func (e *NAT) String() string {
	return line("nat", e.Type.String(), natFamily(e.Family), reg("addr_min reg", e.AddrMin), reg("addr_max reg", e.AddrMax),
		reg("proto_min reg", e.ProtoMin), reg("proto_max reg", e.ProtoMax), natFlags(e.Flags))
}

func (e *Masq) String() string {
	return line("masq", reg("proto_min reg", e.ProtoMin), reg("proto_max reg", e.ProtoMax), natFlags(e.Flags))
}

func (e *Redir) String() string {
	return line("redir", reg("proto_min reg", e.ProtoMin), reg("proto_max reg", e.ProtoMax), natFlags(e.Flags))
}

func (e *Dynset) String() string {
	var exprs strings.Builder
	for _, x := range e.Exprs {
		fmt.Fprintf(&exprs, "expr %s ", x)
	}
	return line(fmt.Sprintf("dynset %s reg_key %d set %s", e.Op, e.SReg, listedName(e.Set)),
		reg("sreg_data", e.SRegData), when(e.Timeout != 0, "timeout %dms", e.Timeout), exprs.String())
}

func (e *Objref) String() string {
	if e.Set != "" {
		return fmt.Sprintf("[ objref sreg %d set %s ]", e.SReg, listedName(e.Set))
	}
	return fmt.Sprintf("[ objref type %d name %s ]", e.Type, e.Object)
}

func (e *TProxy) String() string {
	family := "" // both families
	if e.Family != 0 {
		family = e.Family.String()
	}
	return line("tproxy", family, reg("addr reg", e.Addr), reg("port reg", e.Port))
}

func (e *Synproxy) String() string {
	return fmt.Sprintf("[ synproxy mss %d wscale %d ]", e.MSS, e.Wscale)
}

func (e *Dup) String() string { return line("dup", reg("sreg_addr", e.Addr), reg("sreg_dev", e.Dev)) }

func (e *Fwd) String() string {
	return line("fwd", reg("sreg_dev", e.Dev), reg("sreg_addr", e.Addr), when(e.Family != 0, "nfproto %d", uint8(e.Family)))
}

// Queue flags (NFT_QUEUE_FLAG_).
const (
	QueueBypass = 1
	QueueFanout = 2
)

func (e *Queue) String() string {
	target := fmt.Sprintf("num %d", e.Num)
	if e.Total > 1 {
		target = fmt.Sprintf("num %d-%d", e.Num, uint32(e.Num)+uint32(e.Total)-1)
	}
	if e.SReg != 0 {
		target = reg("sreg_qnum", e.SReg)
	}
	return line("queue", target, when(e.Flags&QueueBypass != 0, "bypass"), when(e.Flags&QueueFanout != 0, "fanout"))
}

func (*Notrack) String() string { return "[ notrack ]" }

func (e *FlowOffload) String() string { return line("flow_offload flowtable", e.Table) }
