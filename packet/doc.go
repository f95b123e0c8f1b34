// Package packet is a view over one frame: where its headers lie, checked
// reads and writes, checksums kept right, and the building of the replies that
// rules and routers send.
//
// A Packet is parsed once and reused for the next frame; it never allocates on
// the hot path. Offsets are kept instead of decoded headers because rules ask
// for bytes. The metadata that the kernel keeps in its socket buffer (mark,
// interfaces, conntrack entry) travels in the same struct, as plain numbers, so
// that this package needs to know nothing of the tables they index.
//
// What the kernel's IP layer does to a packet as such is here, too: it refuses
// broken headers (CheckIP), joins fragments and cuts them again along the same
// lines (Reassembler, Fragmenter), and fills in IPv4 options. Everything takes
// any bytes without panic, and the tests hold what Linux did with them.
package packet
