package vm

import (
	"fmt"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/xt"
)

// An xtMatch is a loaded match of iptables. It may refuse the packet
// (Machine.refused), which drops it.
type xtMatch interface{ match(m *Machine) bool }

// An xtTarget is a loaded target of iptables: Continue, or a verdict.
type xtTarget interface{ target(m *Machine) nf.Verdict }

// xtMatches load the matches by name.
var xtMatches = map[string]func(l *loader, info []byte) (xtMatch, error){
	"802_3":      loadLLC,
	"ah":         loadAH6,
	"bpf":        loadBPF,
	"conntrack":  loadConntrack,
	"dccp":       loadDCCP,
	"dst":        loadOpts6(nf.ProtoDstOpts),
	"eui64":      loadEUI64,
	"hashlimit":  loadHashlimit,
	"hbh":        loadOpts6(nf.ProtoHopByHop),
	"helper":     loadHelper,
	"ipv6header": loadHeaders6,
	"osf":        loadOSF,
	"owner":      loadOwner,
	"physdev":    loadPhysdev,
	"policy":     loadPolicy,
	"recent":     loadRecent,
	"rpfilter":   loadRPFilter,
	"rt":         loadRT6,
	"sctp":       loadSCTP,
	"srh":        loadSRH6,
	"stp":        loadSTP,
	"string":     loadString,
	"tcpmss":     loadMSS,
	"time":       loadTime,
	"u32":        loadU32,
}

// xtTargets load the targets by name.
var xtTargets = map[string]func(l *loader, info []byte) (xtTarget, error){
	"CHECKSUM": loadChecksum,
	"CT":       loadCT,
	"DNPT":     loadDNPT,
	"ECN":      loadECN,
	"HL":       loadTTL,
	"HMARK":    loadHMark,
	"SNPT":     loadSNPT,
	"TCPMSS":   loadTCPMSS,
	"TOS":      loadTOS,
	"TPROXY":   loadTProxy,
	"TTL":      loadTTL,
	"arpreply": loadARPReply,
	"snat":     loadSnat,
}

func (l *loader) lowerXT(e *bytecode.XT) (instr, error) {
	var in instr
	err := fmt.Errorf("not supported by this machine")
	if load := xtMatches[e.Ext]; load != nil && !e.Target {
		in.op = opXTMatch
		in.ref, err = load(l, e.Info)
	}
	if load := xtTargets[e.Ext]; load != nil && e.Target {
		in.op = opXTTarget
		in.ref, err = load(l, e.Info)
	}
	if err != nil {
		return in, l.errorf("xt %s %q: %v", e.Name(), e.Ext, err)
	}
	return in, nil
}

// loadOwner loads a match of the sending socket's owner. No packet has a socket
// here, which the kernel takes for a match where all that is asked is negated.
func loadOwner(_ *loader, info []byte) (xtMatch, error) {
	var o xt.Owner
	err := xt.Decode(info, &o)
	return constantMatch(o.Match == o.Invert), err
}

// loadPolicy loads a match of IPsec policies, of which there are none.
func loadPolicy(_ *loader, info []byte) (xtMatch, error) {
	var p xt.Policy
	err := xt.Decode(info, &p)
	return constantMatch(p.Flags&xt.PolicyNone != 0), err
}

// constantMatch is a match of what no packet or every packet has.
type constantMatch bool

func (c constantMatch) match(*Machine) bool { return bool(c) }

// loadChecksum loads the target that has a checksum filled in which hardware was
// to compute: packets here have theirs.
func loadChecksum(_ *loader, info []byte) (xtTarget, error) {
	return noTarget{}, xt.Decode(info, new(xt.Checksum))
}

// loadTProxy loads the target that hands a packet to a local socket, and drops
// what no socket waits for: here that is everything.
func loadTProxy(_ *loader, info []byte) (xtTarget, error) {
	return dropTarget{}, xt.Decode(info, new(xt.TProxy))
}

type dropTarget struct{}

func (dropTarget) target(*Machine) nf.Verdict { return nf.Drop }

type noTarget struct{}

func (noTarget) target(*Machine) nf.Verdict { return nf.Continue }
