// Package iptables reads what iptables-save and ip6tables-save print, the
// input of iptables-restore, and gives the tree that package lang gives for
// nft text: tables with the names, hooks and priorities that the kernel gives
// to iptables' own, and rules whose expressions have the meaning of iptables'
// matches and targets, even where nft's nearest word means something else.
//
// An extension is a value in a table: its options, what each takes, and how it
// is expressed. Where nft has no expression at all, a rule holds the extension
// itself (lang.XT with the parameters in the kernel's layout), as the rules
// of iptables-nft do.
//
// Every node's place is that of the option it was made from, so that messages,
// traces and verdicts point into the saved file.
package iptables
