package iptables

// A hopChange is what --ttl-inc and --ttl-dec do.
type hopChange bool

const (
	hopsDec hopChange = false
	hopsInc hopChange = true
)

// changeHops would count the time to live up or down.
func (l *lowering) changeHops(g *given, _ hopChange) {
	l.errorf(g.span, "option --%s is not supported: the field can only be set", g.opt.name)
}

// compat refuses what no expression of nft says.
func (l *lowering) compat(what string) {
	l.errorf(l.at, "%s is not supported: no expression of nft says it", what)
}
