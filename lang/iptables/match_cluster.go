package iptables

import "nfvm/lang"

// maxNodes is how many nodes a cluster has at most: a mask has a bit for each.
const maxNodes = 32

// lowerCluster expresses cluster: the hash of the address that began the
// connection chooses a node, and the rule is for some of them.
func lowerCluster(r *lowering, x *use) {
	total, ok1 := r.number(x.option("cluster-total-nodes").args[0], 1, maxNodes)
	seed, ok2 := r.number(x.option("cluster-hash-seed").args[0], 0, 0xffffffff)
	node, mask := x.option("cluster-local-node"), x.option("cluster-local-nodemask")
	if (node == nil) == (mask == nil) {
		r.lacks(x, x.at.span, "cluster needs --cluster-local-node or --cluster-local-nodemask")
		return
	}
	g, bits := mask, uint64(0)
	if ok := ok1 && ok2; !ok {
		return
	}
	if node != nil {
		n, ok := r.number(node.args[0], 1, total)
		if !ok {
			return
		}
		g, bits = node, 1<<(n-1)
	} else {
		// iptables has no larger masks, though the kernel would.
		n, ok := r.number(mask.args[0], 1, min(1<<total-1, uint64(maxNodes)))
		if !ok {
			return
		}
		bits = n
	}
	var nodes []lang.Expr
	for i := range total {
		if bits&(1<<i) != 0 {
			nodes = append(nodes, r.value(i))
		}
	}
	hash := &lang.JHash{Pos: r.pos(), Expr: r.ct("original", r.ip(), "saddr"), Mod: r.num(total), Seed: r.num(seed)}
	r.emit(r.equal(hash, r.set(nodes...), g.negated()))
}
