package netfilter

import (
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// An icmpLimiter holds ICMP errors to the rates of the sysctls: a token bucket
// for each peer (inet_peer_xrlim_allow) and the back-off of redirects.
type icmpLimiter struct {
	peers map[packet.Addr]*icmpPeer
}

type icmpPeer struct {
	started      bool
	tokens, last int64 // milliseconds
	redirects    uint
	lastRedirect int64
}

const (
	peerBurst = 6    // tokens a silent peer gathers, in units of the interval
	maxPeers  = 4096 // remembered at a time

	redirectLoad    = 20e6 // first interval, nanoseconds
	redirectNumber  = 9    // doublings
	redirectSilence = redirectLoad << (redirectNumber + 1)
)

func (l *icmpLimiter) peer(a packet.Addr) *icmpPeer {
	p := l.peers[a]
	if p == nil {
		if l.peers == nil || len(l.peers) >= maxPeers {
			l.peers = map[packet.Addr]*icmpPeer{}
		}
		p = &icmpPeer{}
		l.peers[a] = p
	}
	return p
}

// allow spends a token of the peer that an error goes to.
func (l *icmpLimiter) allow(e *Engine, f nf.Family, kind uint8, to packet.Addr, out *nf.Link) bool {
	if out != nil && out.Type == nf.ARPHRDLoopback {
		return true
	}
	interval := int64(e.host.SysctlInt("net.ipv4.icmp_ratelimit"))
	if f == nf.FamilyIPv4 {
		if kind > 31 || e.host.SysctlInt("net.ipv4.icmp_ratemask")>>kind&1 == 0 {
			return true
		}
	} else {
		if kind == icmp6TooBig {
			return true
		}
		interval = int64(e.host.SysctlInt("net.ipv6.icmp.ratelimit"))
		interval >>= e.prefixBonus(to)
	}
	return l.peer(to).take(e.now/1e6, interval)
}

// take is the token bucket of inet_peer_xrlim_allow.
func (p *icmpPeer) take(now, interval int64) bool {
	if interval <= 0 {
		return true
	}
	if !p.started {
		p.started, p.tokens, p.last = true, 0, now-60_000
	}
	p.tokens = min(p.tokens+now-p.last, peerBurst*interval)
	p.last = now
	if p.tokens < interval {
		return false
	}
	p.tokens -= interval
	return true
}

// allowRedirect is the back-off of ip_rt_send_redirect.
func (l *icmpLimiter) allowRedirect(now int64, to packet.Addr) bool {
	p := l.peer(to)
	if now > p.lastRedirect+redirectSilence {
		p.redirects = 0
	}
	if p.redirects >= redirectNumber {
		p.lastRedirect = now
		return false
	}
	if p.redirects != 0 && now <= p.lastRedirect+redirectLoad<<p.redirects {
		return false
	}
	p.lastRedirect = now
	p.redirects++
	return true
}

// prefixBonus says by how much errors towards a wide prefix are allowed more
// often, as a shift of the interval (icmpv6_xrlim_allow).
func (e *Engine) prefixBonus(to packet.Addr) int {
	res := e.host.Lookup(&host.Query{Dst: to.Netip(nf.FamilyIPv6)})
	if res.Route == nil {
		return 0
	}
	return (128 - res.Route.Dst.Bits()) >> 5
}
