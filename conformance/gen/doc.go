// Package gen makes random scenarios for the differential test: a ruleset, and
// packets that have something to do with it and with each other.
//
// Values come from small pools (a few hosts, ports and marks), so that rules
// match, sets hit and tuples clash. Packets are made while the scenario runs
// through the kernel, because an answer must go to the address and port that
// NAT chose. What depends on the clock or on unpredictable randomness is left
// out, so that two runs of a scenario are comparable.
package gen
