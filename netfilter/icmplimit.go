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
	// The bucket of all peers together (icmp_global_allow). The kernel takes 0,
	// 1 or 2 credits by chance for each message; one is the mean.
	credit, stamp int64
}

type icmpPeer struct {
	started      bool
	tokens, last int64 // milliseconds
	redirects    uint
}

const (
	peerBurst = 6    // tokens a silent peer gathers, in units of the interval
	maxPeers  = 4096 // remembered at a time

	redirectLoad    = 20 // first interval, milliseconds
	redirectNumber  = 9  // doublings
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

// allow spends a token of the peer that an error goes to, and one of the
// bucket of all.
func (l *icmpLimiter) allow(e *Engine, f nf.Family, kind uint8, to packet.Addr, out *nf.Link) bool {
	interval, limited := e.icmpInterval(f, kind, to)
	if !limited {
		return true
	}
	if !l.refill(e) {
		return false
	}
	if out != nil && out.Type == nf.ARPHRDLoopback || l.peer(to).take(e.now/1e6, interval) {
		l.credit--
		return true
	}
	return false
}

// icmpInterval is the time in milliseconds between two errors of a kind to the
// same peer; kinds outside the rate mask are not limited.
func (e *Engine) icmpInterval(f nf.Family, kind uint8, to packet.Addr) (ms int64, limited bool) {
	if f == nf.FamilyIPv4 {
		mask := e.host.SysctlInt("net.ipv4.icmp_ratemask")
		return int64(e.host.SysctlInt("net.ipv4.icmp_ratelimit")), kind < 32 && mask>>kind&1 != 0
	}
	return int64(e.host.SysctlInt("net.ipv6.icmp.ratelimit")) >> e.prefixBonus(to), kind != icmp6TooBig
}

// refill adds the credits of the time gone by, at most every 20 ms.
func (l *icmpLimiter) refill(e *Engine) bool {
	const step = 20e6
	perSecond := int64(e.host.SysctlInt("net.ipv4.icmp_msgs_per_sec"))
	burst := int64(e.host.SysctlInt("net.ipv4.icmp_msgs_burst"))
	if l.stamp == 0 {
		l.credit, l.stamp = burst, e.now
	}
	if gone := min(e.now-l.stamp, 1e9); gone >= step {
		l.credit = min(l.credit+gone*perSecond/1e9, burst)
		l.stamp = e.now
	}
	return l.credit > 0
}

// sent counts an error that the host's own stack sent, which spends from the
// same buckets.
func (l *icmpLimiter) sent(e *Engine, s *skb) {
	b := s.L4()
	icmp := s.Family == nf.FamilyIPv4 && s.Proto == nf.ProtoICMP || s.Family == nf.FamilyIPv6 && s.Proto == nf.ProtoICMPv6
	if icmp && len(b) > 0 && packet.IsICMPError(s.Family, b[0]) {
		e.alone()
		l.allow(e, s.Family, b[0], s.Dst(), nil)
	}
}

// take is the token bucket of inet_peer_xrlim_allow.
func (p *icmpPeer) take(now, interval int64) bool {
	interval = max(interval, 0)
	if p.elapse(now) {
		p.tokens = min(p.tokens, peerBurst*interval)
	}
	if p.tokens < interval {
		return false
	}
	p.tokens -= interval
	return true
}

// jiffy is the kernel's clock tick in milliseconds (CONFIG_HZ=250).
const jiffy = 4

// start gives a new peer what a minute gathers.
func (p *icmpPeer) start(now int64) {
	if !p.started {
		p.started, p.last = true, now-60_000
	}
}

// elapse adds the time since the last error, in ticks; it reports whether any
// went by.
func (p *icmpPeer) elapse(now int64) bool {
	now -= now % jiffy
	p.start(now)
	gone := now - p.last
	p.tokens, p.last = p.tokens+gone, now
	return gone > 0
}

// allowRouteError is the limit of ip_error, ahead of and in the same bucket as
// that of the ICMP errors: what IPv4 routing refuses costs the sender
// net.ipv4.route.error_cost, a second, out of at most error_burst, five.
func (l *icmpLimiter) allowRouteError(now int64, from packet.Addr) bool {
	const cost, burst = 1000, 5000
	p := l.peer(from)
	p.elapse(now / 1e6)
	p.tokens = min(p.tokens, burst)
	if p.tokens < cost {
		return false
	}
	p.tokens -= cost
	return true
}

// allowRedirect is the back-off of ip_rt_send_redirect. It keeps its time where
// the bucket of errors does, so that a redirect takes from a peer what it has
// gathered: an error about the same packet is not sent.
func (l *icmpLimiter) allowRedirect(now int64, to packet.Addr) bool {
	p := l.peer(to)
	now /= 1e6
	now -= now % jiffy
	p.start(now)
	if now > p.last+redirectSilence {
		p.tokens, p.redirects = 0, 0
	}
	if p.redirects >= redirectNumber {
		p.last = now
		return false
	}
	if p.redirects != 0 && now <= p.last+redirectLoad<<p.redirects {
		return false
	}
	p.last = now
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
