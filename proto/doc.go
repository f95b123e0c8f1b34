// Package proto describes what a packet is made of, as nftables names it:
// headers with their fields, IPv6 extension headers, TCP and IP options, SCTP
// chunks, and the metadata that the kernel keeps beside a packet (meta, ct, rt).
//
// The tables serve both directions. The compiler goes from a name to a place:
// Find("tcp").Field("dport") is 16 bits at bit 16 of the transport header. The
// listing goes back from a place to a name: (*Desc).At(16, 16).
//
// A header also knows which header its key field selects (ip protocol 6 is
// tcp), from which the compiler derives the matches a rule implies and the
// listing which of them to hide.
//
// Offsets and lengths are in bits, as in the RFCs' pictures.
package proto
