package iptables

import (
	"nfvm/lang"
	"nfvm/xt"
)

// matchXT adds a match that no expression of nft says; info is of a type of
// package xt.
func (l *lowering) matchXT(name string, rev uint8, info any) {
	l.emit(&lang.XT{Pos: l.pos(), Type: l.word("match"), Name: l.word(name), Rev: rev, Info: xt.Encode(info)})
}

// targetXT adds a target that no statement of nft says.
func (l *lowering) targetXT(name string, rev uint8, info any) {
	l.emit(&lang.XT{Pos: l.pos(), Type: l.word("target"), Name: l.word(name), Rev: rev, Info: xt.Encode(info)})
}
