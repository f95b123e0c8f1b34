// Package ctnetlink holds what a program is told of connection tracking: flows and
// expectations, each with the attributes that the kernel sends of it over
// ctnetlink (linux/netfilter/nfnetlink_conntrack.h), and their texts as
// libnetfilter_conntrack 1.0.9 makes them for conntrack(8) 1.4.7.
//
// An attribute that is not sent is not shown: events, for instance, tell the state
// of a connection only when it has changed.
package ctnetlink
