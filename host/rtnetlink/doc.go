// Package rtnetlink reads from the kernel what a host.Config says - links,
// addresses, routes, routing rules, neighbours, settings - and follows its
// changes, by rtnetlink(7).
//
// Everything is about one network namespace: that of the thread which calls
// Read or Open. A Conn stays with its namespace whichever thread uses it.
//
// What the kernel tells by an event is followed: links, addresses, routes,
// next hops, rules, neighbours, and of the settings forwarding, rp_filter and
// the others of RTM_NEWNETCONF. Other settings are read again along with any of
// these.
package rtnetlink
