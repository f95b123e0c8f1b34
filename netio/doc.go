// Package netio is where frames come from and go to: capture files read and
// written as streams of bytes with a time, an interface and a direction, and
// nothing else. It knows no protocol above the link type.
//
// pcapng is handled here, because the direction flag, the interface names and
// the comments that nfvm depends on live in block options that gopacket does
// not expose; classic pcap is read by gopacket's pcapgo. A damaged capture
// yields every frame before the damage, then a *DamageError that says where and
// what it is.
package netio
