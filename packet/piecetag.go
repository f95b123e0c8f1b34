package packet

import "slices"

// A Tag is a VLAN tag beside a frame, none if TPID is 0.
type Tag struct{ TPID, TCI uint16 }

// tag notes the VLAN tag of the fragment at an offset, which has just come.
func (q *fragQueue) tag(off int, p *Packet) {
	if !p.Tagged {
		return
	}
	for i := range q.pieces {
		if q.pieces[i].off == off {
			q.pieces[i].tag, q.tagged = Tag{p.TPID, p.TCI}, true
		}
	}
}

// tags gives the tags of all fragments, nil if none had one.
func (q *fragQueue) tags() []Tag {
	if !q.tagged {
		return nil
	}
	tags := make([]Tag, len(q.pieces))
	for i := range q.pieces {
		tags[i] = q.pieces[i].tag
	}
	return tags
}

// dropPieceTag forgets the tag of a fragment whose bytes others have got.
func (p *Packet) dropPieceTag(i int) {
	if i < len(p.pieceTags) {
		p.pieceTags = slices.Delete(p.pieceTags, i, i+1)
	}
}

// PieceTag is the tag that the fragment being emitted by Split came with, if it is
// one that p was put together from: on a bridge it keeps it, unless the whole has a
// tag, which all of them get then.
func (f *Fragmenter) PieceTag() Tag { return f.tag }

// nextTag is called for each fragment in turn, kept or not.
func (f *Fragmenter) nextTag(p *Packet, kept bool, i int) {
	f.tag = Tag{}
	if kept && i < len(p.pieceTags) {
		f.tag = p.pieceTags[i]
	}
}
