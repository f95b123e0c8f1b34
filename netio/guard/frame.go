//go:build linux

package guard

// A Frame is one Ethernet frame that a guard holds.
type Frame struct {
	// Data lies in the queue's buffer, and is the reader's until it reads again.
	Data    []byte
	Offload Offload
	// Outbound tells that the host sends it, and what it knows of it is in Meta.
	Outbound bool
	Meta     Meta
}
