// Package daemon is nfvm as a service: rules in force on the interfaces of the
// running host, and what a control socket lets others ask of it.
//
// The rules come from functions of the Config, because compiling is no part of
// it. All that is asked while packets flow holds the engine for moments only:
// state is copied between packets and printed afterwards, rules are made ready
// before and put in force between two packets. A client that reads slowly loses
// events and is told how many.
package daemon
